import { expect, test } from "@jest/globals";
import { type LogBook, openLogBook } from "../../property-tests/kit/log-book.ts";
import type { TaskLookup } from "./ready.ts";
import { formatRef, type TaskId } from "./record.ts";
import { findStale, readBasis } from "./stale.ts";
import type { Task } from "./task.ts";

const NEED = "need" as TaskId;
const CHILD = "child" as TaskId;

test("[Y1] whoever reads a task as it was first added has read nothing beside", () => {
  const book = openLogBook();
  book.add("ana");
  book.edit("ana", { priority: 3 });

  expect(readBasis(book.task(), boardOf())).toBeNull();
});

test("[Y1] a basis names the edit of the text, and the results of needs and children that there are", () => {
  const book = openLogBook();
  book.add("ana", { needs: [NEED] });
  book.addChild("ana", CHILD);
  const blind = readBasis(book.task(), boardOf());
  const edit = book.edit("ana", { body: "new" });
  const done = [completed("bob"), completed("cyd")] as const;

  const basis = readBasis(book.task(), boardOf({ [NEED]: done[0], [CHILD]: done[1] }));

  expect(blind).toEqual({});
  expect(basis).toEqual({ text: formatRef(edit), inputs: done.map(resultRef) });
});

test("[Y1] a claim carries what its agent had read, and its result carries it on", () => {
  const book = openLogBook();
  book.add("ana");
  const basis = { text: "1:ana:2", inputs: ["1:bob:9"] };
  const claim = book.claim("bob", basis);
  const plain = book.claim("cyd", { text: "1:ana:2" });
  book.complete(claim, "done");

  expect(book.seen(claim).basis).toEqual(basis);
  expect(book.seen(plain).basis).toEqual({ text: "1:ana:2" });
  expect(book.task().completion?.basis).toEqual(basis);
});

test("[Y1] a result may say anew what it is based on", () => {
  const book = openLogBook();
  book.add("ana");
  const { n } = book.claim("bob", { text: "1:ana:2" });
  book.write("bob", { kind: "completed", claim: n, basis: { inputs: ["1:cyd:3"] } });

  expect(book.task().completion?.basis).toEqual({ inputs: ["1:cyd:3"] });
});

test("[Y2] what was read and has changed since is listed, the text first", () => {
  const book = openLogBook();
  book.add("ana", { needs: [NEED, CHILD] });
  const old = boardOf({ [NEED]: completed("bob"), [CHILD]: completed("bob") });
  const basis = readBasis(book.task(), old) ?? {};
  const fresh = findStale(book.task(), basis, old);
  book.edit("ana", { title: "new" });

  const stale = findStale(
    book.task(),
    basis,
    boardOf({ [NEED]: completed("cyd"), [CHILD]: completed("bob") }),
  );

  expect(fresh).toEqual([]);
  expect(stale).toEqual([{ kind: "text" }, { kind: "need", task: NEED }]);
});

test("[Y2] a second edit of the text makes stale what was based on the first, an edit of else does not", () => {
  const book = openLogBook();
  book.add("ana");
  book.edit("ana", { title: "new" });
  const basis = readBasis(book.task(), boardOf()) ?? {};
  book.edit("ana", { requires: ["ts"], needs: [], priority: 1 });
  const fresh = findStale(book.task(), basis, boardOf());
  book.edit("ana", { body: "newer" });

  expect(fresh).toEqual([]);
  expect(findStale(book.task(), basis, boardOf())).toEqual([{ kind: "text" }]);
});

test("[Y2] a need that was reopened, or whose result was replaced, is stale for whoever read its result", () => {
  const book = openLogBook();
  book.add("ana", { needs: [NEED] });
  const need = openLogBook();
  need.add("ana");
  need.complete(need.claim("bob"), "old");
  const basis = readBasis(book.task(), boardOf({ [NEED]: need.task() })) ?? {};
  need.reopen("ana");
  const reopened = boardOf({ [NEED]: need.task() });
  const stale = [findStale(book.task(), basis, reopened), findStale(book.task(), {}, reopened)];
  need.complete(need.claim("bob", { attempt: 2 }), "new");
  stale.push(findStale(book.task(), basis, boardOf({ [NEED]: need.task() })));

  const isStale = [{ kind: "need", task: NEED }];

  expect(stale).toEqual([isStale, [], isStale]);
});

test("[Y2] a need that nobody knows, or that has no result yet, is not stale", () => {
  const book = openLogBook();
  book.add("ana", { needs: [NEED, CHILD] });
  const open = openLogBook();
  open.add("ana");

  expect(findStale(book.task(), undefined, boardOf({ [NEED]: open.task() }))).toEqual([]);
});

test("[Y3] a result based on what was not there, or has changed, is found by its own basis", () => {
  const book = openLogBook();
  book.add("ana", { needs: [NEED] });
  book.complete(book.claim("bob"), "done");
  const lookup = boardOf({ [NEED]: completed("cyd") });

  expect(findStale(book.task(), book.task().completion?.basis, lookup)).toEqual([
    { kind: "need", task: NEED },
  ]);
});

/** A task that an agent has completed. */
function completed(agent: string): Task {
  const book: LogBook = openLogBook();
  book.add("ana");
  book.complete(book.claim(agent), "done");
  return book.task();
}

function resultRef({ completion }: Task): string {
  return completion === null ? "" : formatRef(completion);
}

function boardOf(tasks: Readonly<Record<string, Task>> = {}): TaskLookup {
  return (id) => tasks[id];
}
