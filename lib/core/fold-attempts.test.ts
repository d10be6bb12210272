import { expect, test } from "@jest/globals";
import { openLogBook, TASK } from "../../property-tests/kit/log-book.ts";
import { foldTask } from "./fold.ts";
import { formatRef, type TaskId } from "./record.ts";
import { earliest, type Rule, type RuleContext } from "./rule.ts";
import { decideSettled } from "./settle.ts";

test("[A1] of two concurrent claims one is the winner, and both stand", () => {
  const book = openLogBook();
  book.add("ana");
  const late = book.claim("ana", { at: 6 });
  const early = book.claim("bob", { at: 5 });

  expect(book.task().winner).toEqual(book.seen(early));
  expect(book.seen(late).status).toBe("held");
});

test("[A1] an attempt without a live claim has no winner", () => {
  const book = openLogBook();
  book.add("ana");
  const none = book.task();
  book.yield(book.claim("ana"));

  expect(none).toMatchObject({ attempt: 0, nextAttempt: 1, winner: null, state: "submitted" });
  expect(book.task()).toMatchObject({ attempt: 1, nextAttempt: 1, winner: null });
});

test("[A2] the next attempt opens when its holder releases or fails, or is expired by another", () => {
  const book = openLogBook();
  book.add("ana");
  const attempts = [book.task().nextAttempt];
  book.release(book.claim("ana"));
  attempts.push(book.task().nextAttempt);
  book.fail(book.claim("ana", { attempt: 2 }));
  attempts.push(book.task().nextAttempt);
  book.expire("bob", book.claim("ana", { attempt: 3 }));
  attempts.push(book.task().nextAttempt);

  expect(attempts).toEqual([1, 2, 3, 4]);
});

test("[A2] neither a yield nor a completion opens the next attempt", () => {
  const book = openLogBook();
  book.add("ana");
  book.yield(book.claim("ana"));
  book.complete(book.claim("bob"), "done");

  expect(book.task().nextAttempt).toBe(1);
});

test("[A2] under settled a release or failure opens the next attempt only after a confirmation", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  book.release(book.claim("ana", { guarantee: "settled" }));
  book.fail(book.claim("bob", { guarantee: "settled" }));
  const unconfirmed = book.task().nextAttempt;
  book.release(book.hold("ana"));

  expect(unconfirmed).toBe(1);
  expect(book.task().nextAttempt).toBe(2);
});

test("[A2] under settled an expiry opens the next attempt, confirmed or not", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  book.expire("bob", book.claim("ana", { guarantee: "settled" }));

  expect(book.task().nextAttempt).toBe(2);
});

test("[A2] an agent that expires its own claim opens nothing", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("ana");
  book.expire("ana", claim);

  expect(book.task().nextAttempt).toBe(1);
  expect(book.seen(claim).status).toBe("held");
});

test("[A2] [R2] an expiry that was written before the claim opens nothing", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = book.claim("bob", { at: 5 });
  for (const at of [4, 5])
    book.write("mal", { kind: "expired", holder: claim.agent, claim: claim.n, at });

  expect(book.task().nextAttempt).toBe(1);
  expect(book.seen(claim).status).toBe("held");
});

test("[A2] a confirmation written after the release does not make it one of a holder", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  const claim = book.claim("ana", { guarantee: "settled" });
  book.release(claim);
  book.confirm(claim);

  expect(book.seen(claim).status).toBe("yielded");
  expect(book.task().nextAttempt).toBe(1);
});

test.each(["release", "fail", "failForNow", "reject"] as const)(
  "[A2] [G2] who was never confirmed gives up the contest by a %s, and stands in nobody's way",
  (how) => {
    const book = openLogBook();
    book.add("ana", { guarantee: "settled" });
    const given = book.claim("eve", { guarantee: "settled" });
    book[how](given);
    const mine = book.claim("bob", { guarantee: "settled" });

    expect(book.seen(given).status).toBe("yielded");
    expect(decideSettled(book.task(), mine, true)).toBe("confirm");
  },
);

test("[A3] an attempt that an expiry opened stays open when the holder is heard again", () => {
  const book = openLogBook();
  book.add("ana");
  const silent = book.claim("ana");
  book.expire("bob", silent);
  const next = book.claim("bob", { attempt: 2 });
  book.yield(silent);

  expect(book.task()).toMatchObject({ attempt: 2, winner: book.seen(next) });
});

test("[A3] a stricter wish that arrives late closes no attempt and undoes no completion", () => {
  const book = openLogBook();
  book.add("ana");
  book.release(book.claim("bob"));
  book.complete(book.claim("cyd", { attempt: 2 }), "done");
  book.add("dan", { guarantee: "settled", at: 1 });

  expect(book.task()).toMatchObject({ guarantee: "settled", attempt: 2, state: "completed" });
});

test("[A4] claims of a lower attempt are superseded, and one above the open ones does not count", () => {
  const book = openLogBook();
  book.add("ana");
  const slow = book.claim("ana");
  book.expire("cyd", book.claim("bob"));
  const second = book.claim("bob", { attempt: 2 });
  const tenth = book.claim("cyd", { attempt: 10 });

  expect(book.task().attempt).toBe(2);
  expect([slow, second, tenth].map((one) => book.seen(one).status)).toEqual([
    "superseded",
    "held",
    "unable",
  ]);
});

test("[A4] an open attempt becomes the current one with its first claim", () => {
  const book = openLogBook();
  book.add("ana");
  book.release(book.claim("ana"));
  const rival = book.claim("bob");

  expect(book.task()).toMatchObject({ attempt: 1, nextAttempt: 2 });
  expect(book.task().winner).toEqual(book.seen(rival));
});

test("[A5] an agent is able when it joined with all that the named version requires", () => {
  const capabilities = { ana: ["ts", "sql"], bob: ["ts"] };
  const book = openLogBook({ capabilities });
  const version = formatRef(book.add("ana", { requires: ["ts", "sql"] }));
  const able = book.claim("ana", { version });
  const unable = book.claim("bob", { version });

  expect(book.seen(able).status).toBe("held");
  expect(book.seen(unable).status).toBe("unable");
});

test("[A5] while it is not known what an agent joined with, it is not able", () => {
  const book = openLogBook();
  const version = formatRef(book.add("ana", { requires: ["ts"] }));
  book.claim("bob", { version });

  const task = foldTask(TASK, book.entries, { rule: earliest, capabilitiesOf: () => undefined });

  expect(task?.claims[0]?.status).toBe("unable");
});

test("[A5] a claim is judged by the version that it names, not by a later one", () => {
  const book = openLogBook({ capabilities: { bob: ["ts"] } });
  const old = book.add("ana", { requires: ["ts"] });
  const claim = book.claim("bob", { version: formatRef(old) });
  const edit = book.edit("ana", { requires: ["sql"] });

  expect(book.seen(claim).status).toBe("held");
  expect(book.task().version).toEqual(edit);
});

test("[A5] a claim that names an edit is judged by what that edit required, and by nothing else", () => {
  const book = openLogBook({ capabilities: { bob: ["ts"], cyd: ["sql"] } });
  const first = formatRef(book.add("ana", { requires: ["ts"] }));
  const edited = formatRef(book.edit("ana", { requires: ["sql"] }));
  const other = formatRef(book.note("ana"));
  const claims = (["bob", "cyd"] as const).flatMap((agent) =>
    [first, edited, other].map((version) => book.claim(agent, { version })),
  );

  expect(claims.map((claim) => book.seen(claim).status)).toEqual([
    ...["held", "unable", "unable"],
    ...["unable", "held", "unable"],
  ]);
});

test("[A5] [R3] what another kind of record requires is no version of the task", () => {
  const book = openLogBook({ capabilities: { bob: ["ts"] } });
  book.add("ana", { requires: ["sql"] });
  const unknownField = { kind: "noted", text: "", requires: ["ts"] } as const;
  const version = formatRef(book.write("ana", unknownField));

  expect(book.seen(book.claim("bob", { version })).status).toBe("unable");
});

test("[A5] a claim that names no version counts where some version required nothing", () => {
  const book = openLogBook();
  book.add("ana", { requires: ["ts"] });
  const blind = book.claim("bob");
  const before = book.seen(blind).status;
  book.edit("ana", { requires: [] });

  expect(before).toBe("unable");
  expect(book.seen(blind).status).toBe("held");
});

test("[A5] a claim that names a record without requirements does not count", () => {
  const book = openLogBook();
  book.add("ana", { requires: ["ts"] });
  const edit = book.edit("ana", { title: "new" });
  const note = book.write("ana", { kind: "noted", text: "a note" });
  const claims = [edit, note].map((ref) => book.claim("bob", { version: formatRef(ref) }));

  expect(claims.map((one) => book.seen(one).status)).toEqual(["unable", "unable"]);
});

test("[A5] what a child requires is no version of its parent", () => {
  const book = openLogBook();
  book.add("ana", { requires: ["ts"] });
  const child = book.write("mal", {
    kind: "added",
    task: "child" as TaskId,
    title: "a child",
    parent: TASK,
    requires: [],
  });

  expect(book.seen(book.claim("mal", { version: formatRef(child) })).status).toBe("unable");
});

test("[L7] [U10] a claim shows the time of its own and the weights that it carries, and no others", () => {
  const book = openLogBook();
  book.add("ana");
  const claim = { at: 2, attempt: 1, guarantee: "optimistic", status: "held" };
  const weighty = book.claim("bob", { ttlMs: 500, load: 0, losses: 2, priority: -1 });
  const plain = book.claim("cyd", { losses: 1 });

  expect(book.seen(weighty)).toStrictEqual({
    ...weighty,
    ...claim,
    ttlMs: 500,
    load: 0,
    losses: 2,
    priority: -1,
  });
  expect(book.seen(plain)).toStrictEqual({ ...plain, ...claim, at: 3, losses: 1 });
});

test.each([
  { ttlMs: 500 },
  { load: 0.5 },
  { losses: 2 },
  { priority: -1 },
  { basis: { text: "1:ana:2" } },
  { basis: { inputs: ["1:ana:2"] } },
])("[L7] [U10] [Y1] a claim that carries nothing but %j shows it, and nothing else", (carried) => {
  const book = openLogBook();
  book.add("ana");
  const { basis, ...weights } = { basis: undefined, ...carried };
  const claim = book.claim("bob", { ...basis, ...weights });

  expect(book.seen(claim)).toStrictEqual({
    ...claim,
    at: 2,
    attempt: 1,
    guarantee: "optimistic",
    status: "held",
    ...carried,
  });
});

test("[A4] claims are shown by attempt, and the highest attempt is the current one, whichever claim was written first", () => {
  const book = openLogBook();
  book.add("ana");
  book.release(book.claim("bob"));
  book.claim("cyd", { attempt: 2 });
  book.claim("dan");

  expect(book.task().attempt).toBe(2);
  expect(book.task().claims.map(({ agent }) => agent)).toEqual(["bob", "dan", "cyd"]);
});

test("[A2] a release that an expiry crosses is shown as one, a yield as the expiry", () => {
  const book = openLogBook();
  book.add("ana");
  const [released, yielded] = [book.claim("bob"), book.claim("cyd")];
  for (const claim of [released, yielded]) book.expire("ana", claim);
  book.release(released);
  book.yield(yielded);

  expect(book.seen(released).status).toBe("released");
  expect(book.seen(yielded).status).toBe("expired");
});

test("[U1] a rule is told the task and the attempt of the claims that it compares", () => {
  const contexts: RuleContext[] = [];
  const compare: Rule["compare"] = (a, b, context) => {
    contexts.push(context);
    return earliest.compare(a, b, context);
  };
  const book = openLogBook({ rule: { ...earliest, compare } });
  book.add("ana");
  book.release(book.claim("bob"));
  book.claim("cyd", { attempt: 2 });
  book.claim("dan", { attempt: 2 });
  book.task();

  expect(contexts).toEqual([{ task: TASK, attempt: 2 }]);
});

test("[A6] an optimistic claim of a task that asks for settled does not count", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "settled" });
  const below = book.claim("ana");
  const fitting = book.claim("bob", { guarantee: "settled" });

  expect(book.seen(below).status).toBe("unable");
  expect(book.task().winner).toEqual(book.seen(fitting));
});

test("[A6] a settled claim of a task that asks for less counts", () => {
  const book = openLogBook();
  book.add("ana", { guarantee: "optimistic" });

  expect(book.seen(book.hold("bob")).status).toBe("held");
});
