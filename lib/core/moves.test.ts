/** Every record in every state, as docs/spec.md, section M says: what becomes of the task, or why it is ignored. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook } from "../../property-tests/kit/log-book.ts";
import type { RecordRef, TaskId, TaskRecord } from "./record.ts";
import type { Task, TaskState } from "./task.ts";

/** A task in one state: bob's claim, his offer to dan, his question and his result, each where there is one. */
interface Scene {
  readonly book: LogBook;
  readonly claim: RecordRef;
  readonly offer: RecordRef;
  readonly question: RecordRef;
  readonly result: RecordRef;
}

const NOWHERE: RecordRef = { agent: "bob" as RecordRef["agent"], n: 99 };

/** One scene per state; two for `submitted`, claimed or not, and for `input-required`, by an answer or a review. */
const SCENES = {
  free: () => scene({ book: openTask(), claim: NOWHERE }),
  claimed: () => {
    const book = openTask();
    return scene({ book, claim: book.claim("bob", { guarantee: "settled" }) });
  },
  working: () => heldTask(),
  asking: () => {
    const { book, claim, offer } = heldTask();
    return scene({ book, claim, offer, question: book.ask(claim, { agent: "dan" }) });
  },
  reviewing: () => {
    const { book, claim, offer } = heldTask({ review: { by: { agent: "dan" } } });
    return scene({ book, claim, offer, result: book.complete(claim, "done") });
  },
  completed: () => ended((book, claim) => book.complete(claim, "done")),
  canceled: () => ended((book) => book.cancel("ana")),
  rejected: () => ended((book, claim) => book.reject(claim)),
  failed: () => ended((book, claim) => book.fail(claim, false)),
} as const satisfies Record<string, () => Scene>;

/** Every record as its author would write it where it is a legal move; two where its content decides. */
const MOVES: Readonly<Record<string, (scene: Scene) => unknown>> = {
  confirmed: ({ book, claim }) => book.confirm(claim),
  yielded: ({ book, claim }) => book.yield(claim),
  released: ({ book, claim }) => book.release(claim),
  failed: ({ book, claim }) => book.fail(claim),
  "failed for good": ({ book, claim }) => book.fail(claim, false),
  rejected: ({ book, claim }) => book.reject(claim),
  completed: ({ book, claim }) => book.complete(claim, "again"),
  offered: ({ book, claim }) => book.offer(claim, "dan"),
  withdrawn: ({ book, claim, offer }) => book.withdraw(claim, offer),
  asked: ({ book, claim }) => book.ask(claim),
  expired: ({ book, claim }) => book.expire("ana", claim),
  "expired by its holder": ({ book, claim }) => book.expire("bob", claim),
  declined: ({ book, offer }) => book.decline("dan", offer),
  "declined by another": ({ book, offer }) => book.decline("cyd", offer),
  answered: ({ book, question }) => book.answer("dan", question),
  "answered by another": ({ book, question }) => book.answer("cyd", question),
  "reviewed as good": ({ book, result }) => book.approve("dan", result),
  "reviewed as bad": ({ book, result }) => book.sendBack("dan", result),
  "reviewed by another": ({ book, result }) => book.approve("cyd", result),
  reopened: ({ book }) => book.reopen("ana"),
  cancelled: ({ book }) => book.cancel("ana"),
  "need-failed": ({ book }) =>
    book.write("ana", { kind: "need-failed", need: "need" as TaskId, attempt: 1 }),
  claimed: ({ book }) => book.claim("cyd", { attempt: book.task().nextAttempt }),
  "claimed by whom it is offered to": ({ book, offer }) =>
    book.accept("dan", offer, { attempt: 2 }),
  waited: ({ book }) => book.write("ana", { kind: "waited", attempt: 2 }),
  added: ({ book }) => book.add("cyd", { review: { by: { agent: "dan" } } }),
  edited: ({ book }) => book.edit("ana", { title: "new" }),
  noted: ({ book }) => book.note("ana"),
  queued: ({ book }) => book.write("cyd", { kind: "queued" }),
  unqueued: ({ book }) => book.write("cyd", { kind: "unqueued" }),
};

/** Per move and scene: the state after it, `=` where that is the one before, or after `!` why the record is ignored. */
const OUTCOMES = `
                                 | free           | claimed        | working        | asking         | reviewing      | completed      | canceled       | rejected       | failed
confirmed                        | !no-such-claim | working        | =              | =              | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
yielded                          | !no-such-claim | =              | submitted      | submitted      | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
released                         | !no-such-claim | =              | submitted      | submitted      | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
failed                           | !no-such-claim | =              | submitted      | submitted      | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
failed for good                  | !no-such-claim | =              | failed         | failed         | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
rejected                         | !no-such-claim | =              | rejected       | rejected       | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
completed                        | !no-such-claim | =              | completed      | completed      | =              | =              | completed      | =              | =
offered                          | !no-such-claim | !not-confirmed | =              | =              | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
withdrawn                        | !no-such-claim | !not-asked-for | =              | =              | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
asked                            | !no-such-claim | !not-confirmed | input-required | =              | !claim-closed  | !claim-closed  | =              | !claim-closed  | !claim-closed
expired                          | =              | =              | submitted      | submitted      | =              | =              | =              | =              | =
expired by its holder            | !own-work      | !own-work      | !own-work      | !own-work      | !own-work      | !own-work      | !own-work      | !own-work      | !own-work
declined                         | =              | =              | =              | =              | =              | =              | =              | =              | =
declined by another              | =              | =              | !not-addressed | !not-addressed | !not-addressed | !not-addressed | !not-addressed | !not-addressed | !not-addressed
answered                         | =              | =              | =              | working        | =              | =              | =              | =              | =
answered by another              | =              | =              | =              | !not-addressed | =              | =              | =              | =              | =
reviewed as good                 | =              | =              | =              | =              | completed      | !not-in-review | =              | =              | =
reviewed as bad                  | =              | =              | =              | =              | submitted      | !not-in-review | =              | =              | =
reviewed by another              | =              | =              | =              | =              | !not-addressed | !not-in-review | =              | =              | =
reopened                         | !not-ended     | !not-ended     | !not-ended     | !not-ended     | !not-ended     | submitted      | submitted      | submitted      | submitted
cancelled                        | canceled       | canceled       | canceled       | canceled       | canceled       | !already-ended | =              | canceled       | canceled
need-failed                      | failed         | =              | =              | =              | =              | =              | =              | =              | =
claimed                          | working        | working        | =              | =              | working        | =              | =              | working        | working
claimed by whom it is offered to | =              | =              | =              | working        | working        | =              | =              | working        | working
waited                           | =              | =              | =              | =              | =              | =              | =              | =              | =
added                            | =              | =              | =              | =              | =              | =              | =              | =              | =
edited                           | =              | =              | =              | =              | =              | =              | =              | =              | =
noted                            | =              | =              | =              | =              | =              | =              | =              | =              | =
queued                           | =              | =              | =              | =              | =              | =              | =              | =              | =
unqueued                         | =              | =              | =              | =              | =              | =              | =              | =              | =
`;

const [, scenes = [], ...rows] = OUTCOMES.split("\n").map((line) =>
  line.split("|").map((cell) => cell.trim()),
);

for (const [move = "", ...outcomes] of rows.slice(0, -1)) {
  test(`[M1] [M2] ${move}: in each state what the table says`, () => {
    const found = scenes.slice(1).map((name) => outcomeOf(move, name as keyof typeof SCENES));

    expect(found).toEqual(outcomes);
  });
}

test("[M1] each scene is in the state that it is named after", () => {
  const states = Object.values(SCENES).map((open) => open().book.task().state);

  expect(states).toEqual([
    "submitted",
    "submitted",
    "working",
    "input-required",
    "input-required",
    "completed",
    "canceled",
    "rejected",
    "failed",
  ]);
});

test("[M2] the specification's table of moves has every record that may be none, and no other", () => {
  const spec = readFileSync(join(import.meta.dirname, "../../docs/spec.md"), "utf8");
  const [, table = ""] = spec.split("Which records are moves, and when:");
  const lines = (table.split("- **M1**")[0] ?? "").split("\n").filter((line) => /^\| `/.test(line));
  const kinds = lines.flatMap((line) => (line.split("|")[1] ?? "").match(/[a-z-]+/g) ?? []);
  const reasons = lines.flatMap((line) => (line.split("|")[3] ?? "").match(/[a-z]+(-[a-z]+)+/g));

  // what is true of `need-failed` is said by D7
  expect([...new Set([...kinds, "need-failed"])].sort()).toEqual(movesIn(IS_MOVE));
  expect(new Set(reasons)).toEqual(new Set(REASONS));
});

test("[M2] every kind of record about a task is in the table of outcomes", () => {
  const kinds = new Set(rows.map(([move = ""]) => move.split(" ")[0]));

  expect([...kinds].filter((kind) => kind !== "").sort()).toEqual(Object.keys(IS_MOVE).sort());
  expect(rows.slice(0, -1).map(([move]) => move)).toEqual(Object.keys(MOVES));
});

/** Whether a record of a kind may be no legal move; what everybody may write at any time never is. */
const IS_MOVE: { readonly [kind in TaskRecord["kind"]]: boolean } = {
  added: false,
  edited: false,
  noted: false,
  queued: false,
  unqueued: false,
  claimed: false,
  waited: false,
  cancelled: true,
  reopened: true,
  confirmed: true,
  yielded: true,
  released: true,
  failed: true,
  rejected: true,
  completed: true,
  expired: true,
  offered: true,
  withdrawn: true,
  declined: true,
  asked: true,
  answered: true,
  reviewed: true,
  "need-failed": true,
};

const REASONS: readonly Task["thread"]["ignored"][number]["reason"][] = [
  "no-such-claim",
  "claim-closed",
  "not-confirmed",
  "own-work",
  "not-addressed",
  "said-before",
  "not-in-review",
  "not-ended",
  "already-ended",
  "not-asked-for",
];

function movesIn(kinds: typeof IS_MOVE): string[] {
  return Object.entries(kinds)
    .flatMap(([kind, isMove]) => (isMove ? [kind] : []))
    .sort();
}

function outcomeOf(move: string, name: keyof typeof SCENES): string {
  const here = SCENES[name]();
  const before: TaskState = here.book.task().state;
  MOVES[move]?.(here);
  const { state, thread } = here.book.task();
  const last = here.book.entries.at(-1);
  const ignored = thread.ignored.find(
    (one) => one.n === last?.record.n && one.agent === last.agent,
  );
  if (ignored !== undefined) return state === before ? `!${ignored.reason}` : "ignored, and yet";
  return state === before ? "=" : state;
}

function openTask(fields: Parameters<LogBook["add"]>[1] = {}): LogBook {
  const book = openLogBook();
  book.add("ana", { ifNeedFails: "fail", ...fields });
  return book;
}

function heldTask(fields?: Parameters<LogBook["add"]>[1]): Scene {
  const book = openTask(fields);
  const claim = book.hold("bob");
  return scene({ book, claim, offer: book.offer(claim, "dan") });
}

function ended(end: (book: LogBook, claim: RecordRef) => RecordRef): Scene {
  const { book, claim, offer } = heldTask();
  const last = end(book, claim);
  const isResult = book.task().state === "completed";
  return scene({ book, claim, offer, ...(isResult ? { result: last } : {}) });
}

function scene(known: Pick<Scene, "book" | "claim"> & Partial<Scene>): Scene {
  return { offer: NOWHERE, question: NOWHERE, result: NOWHERE, ...known };
}
