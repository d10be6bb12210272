import { describe, expect, test } from "@jest/globals";
import * as Y from "yjs";
import { Admission, type Author } from "./admission.ts";

const ADA = "ada~0a1b2c3d";
const ada: Author = { owns: (agent) => agent === ADA, mayWrite: true, maxLogs: 1 };
const everybody: Author = { owns: () => true, mayWrite: true, maxLogs: 2 };
const rules = { allowsText: false, maxLogs: 3, maxTasks: 2 };

function logOf(agent: string, count: number, client = 1, kind = "noted"): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = client;
  doc.transact(() => {
    for (let n = 0; n < count; n++)
      doc.getArray(`log/${agent}/${Math.floor(n / 256)}`).push([{ n, at: n + 1, kind }]);
  });
  return doc;
}

function judge(admission: Admission, doc: Y.Doc, author = everybody): string {
  const judgement = admission.judge(Y.encodeStateAsUpdate(doc), author, false);
  return judgement.verdict === "refused" ? judgement.reason : judgement.verdict;
}

test("a log goes on in the next chunk after 256 records, whoever of its clients writes", () => {
  const admission = new Admission(new Y.Doc(), rules);

  expect(judge(admission, logOf(ADA, 600), ada)).toBe("new");
  expect(judge(admission, logOf(ADA, 600), ada)).toBe("known");
});

test("a chunk that is skipped is a gap, which may be filled", () => {
  const admission = new Admission(new Y.Doc(), rules);
  const doc = new Y.Doc();
  doc.getArray(`log/${ADA}/1`).push([{ n: 256, at: 257, kind: "noted" }]);

  expect(judge(admission, doc, ada)).toBe("gap");
});

test("agents beyond the limit of the board, or of their owner, are refused", () => {
  const admission = new Admission(new Y.Doc(), rules);

  const verdicts = ["a", "b", "c", "d"].map((name, i) =>
    judge(admission, logOf(`${name}~0a1b2c3d`, 1, i), { ...everybody, maxLogs: 9 }),
  );

  expect(verdicts).toEqual(["new", "new", "new", "there are agents enough"]);
  const owned = new Admission(new Y.Doc(), rules);
  expect(judge(owned, logOf("a~0a1b2c3d", 1, 1))).toBe("new");
  expect(judge(owned, logOf("b~0a1b2c3d", 1, 2))).toBe("new");
  expect(judge(owned, logOf("c~0a1b2c3d", 1, 3))).toBe("there are agents enough");
});

test("tasks beyond the limit are refused with the whole update", () => {
  const admission = new Admission(new Y.Doc(), rules);

  expect(judge(admission, logOf(ADA, 3, 1, "added"))).toBe("the board has tasks enough");
  expect(judge(admission, logOf(ADA, 2, 1, "added"))).toBe("new");
});

test("what was refused counts for nothing: the right one may come after", () => {
  const admission = new Admission(new Y.Doc(), rules);
  const wrong = new Y.Doc();
  wrong.clientID = 1;
  wrong.getArray(`log/${ADA}/0`).push([
    { n: 0, at: 1, kind: "noted" },
    { n: 7, at: 2, kind: "noted" },
  ]);

  expect(judge(admission, wrong)).toContain("its n is not its place");
  expect(judge(admission, logOf(ADA, 2))).toBe("new");
});

const BEN = "ben~0a1b2c3d";
const ben: Author = { ...ada, owns: (agent) => agent === BEN };
const LOG = `log/${ADA}/0`;

/** The updates that a client makes, one a change, in a document that knows `known` at first. */
function updatesOf(client: number, known: Y.Doc | null, ...changes: ((doc: Y.Doc) => void)[]) {
  const doc = new Y.Doc();
  if (known !== null) Y.applyUpdate(doc, Y.encodeStateAsUpdate(known));
  doc.clientID = client;
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (const change of changes) doc.transact(() => change(doc));
  return updates as [Uint8Array, ...Uint8Array[]];
}

const push =
  (root: string, ...values: readonly unknown[]) =>
  (doc: Y.Doc): void =>
    doc.getArray(root).push([...values]);

const record = (n: number, at = n + 1, kind = "noted"): object => ({ n, at, kind });

/** What is said of an update: the reason where it is refused, else the verdict. */
function said(
  admission: Admission,
  update: Uint8Array,
  author: Author = everybody,
  isDifference = false,
): string {
  const judgement = admission.judge(update, author, isDifference);
  return judgement.verdict === "refused" ? judgement.reason : judgement.verdict;
}

const fresh = (more: Partial<typeof rules> = {}) =>
  new Admission(new Y.Doc(), { ...rules, ...more });

const NO_END = "it writes elsewhere than at the end of a log";
const NO_RECORD = "it writes into a log what is no record at its end";

test("[T46] the verdict says how many records come in, and nothing counts of what is known", () => {
  const admission = fresh();
  const doc = logOf(ADA, 2);
  admission.judge(Y.encodeStateAsUpdate(doc), ada, false);
  doc.getArray(LOG).push([record(2), record(3), record(4)]);

  expect(admission.judge(Y.encodeStateAsUpdate(doc), ada, false)).toEqual({
    ...{ verdict: "new", records: 3, hasGap: false },
    leftOut: new Map([[1, 2]]), // as it was known, however it is retold
  });
  expect(admission.judge(Y.encodeStateAsUpdate(doc), ada, false)).toEqual({ verdict: "known" });
  doc.getArray(LOG).push([record(5)]); // at the end that was left behind just now
  expect(admission.judge(Y.encodeStateAsUpdate(doc), ada, false)).toMatchObject({ records: 1 });
  expect(admission.logCount).toBe(1);
});

test("[T47] what cannot be read is refused with what is wrong with it", () => {
  expect(said(fresh(), Uint8Array.of(1))).toBe("it cannot be read: it ends too early");
});

test("[T49] who may only read writes nothing, and may know what others know", () => {
  const admission = fresh();
  const reader = { ...ada, mayWrite: false };

  expect(said(admission, Y.encodeStateAsUpdate(logOf(ADA, 1)), reader)).toBe(
    "its sender may only read",
  );
  expect(judge(admission, logOf(ADA, 1), ada)).toBe("new");
  expect(said(admission, Y.encodeStateAsUpdate(logOf(ADA, 1)), reader)).toBe("known");
});

test("[T46] nobody writes into another's log, nor into its own by another's client", () => {
  const admission = fresh();
  expect(judge(admission, logOf(BEN, 1), ada)).toBe("it writes into another's log");
  expect(judge(admission, logOf(BEN, 1, 5), ben)).toBe("new");
  const [, more] = updatesOf(5, null, push(`log/${BEN}/0`, record(0)), push(LOG, record(0)));

  expect(said(admission, more as Uint8Array, ada)).toBe("it writes into another's log");
  expect(said(admission, more as Uint8Array)).toBe("new"); // who owns both
});

test("[T46] of an answer all that others wrote is left out, whether it has ground or not", () => {
  const doc = logOf(ADA, 2, 1);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(logOf(BEN, 3, 2)));
  const [, behind] = updatesOf(3, null, push(`log/${BEN}/0`, record(0)), push(LOG, record(0)));
  const answer = Y.mergeUpdates([Y.encodeStateAsUpdate(doc), behind as Uint8Array]);

  expect(fresh().judge(Y.encodeStateAsUpdate(doc), ada, true)).toEqual({
    ...{ verdict: "new", records: 2, hasGap: false },
    leftOut: new Map([[2, 2 ** 52]]),
  });
  expect(said(fresh(), Y.encodeStateAsUpdate(logOf(BEN, 3)), ada, true)).toBe("known");
  expect(fresh().judge(answer, ada, true)).toEqual({
    ...{ verdict: "new", records: 2, hasGap: true },
    leftOut: new Map([2, 3].map((client) => [client, 2 ** 52])),
  });
});

test("[T50] what waits for something that is not here is a gap; of an answer the rest comes in", () => {
  const doc = logOf(ADA, 1, 1);
  const [later] = updatesOf(2, doc, push(LOG, record(1))); // behind a record that is not here
  const own = Y.encodeStateAsUpdate(logOf(BEN, 1, 3));
  const both = Y.mergeUpdates([later, own]);

  expect(said(fresh(), later, ada)).toBe("gap");
  expect(said(fresh(), later, ada, true)).toBe("gap");
  expect(said(fresh(), both, everybody)).toBe("gap");
  expect(fresh().judge(both, everybody, true)).toEqual({
    ...{ verdict: "new", records: 1, hasGap: true },
    leftOut: new Map([[2, 2 ** 52]]),
  });
});

test("[T50] of an answer a client whose beginning came in does not wait with its rest", () => {
  const other = logOf(ADA, 1, 1);
  const doc = new Y.Doc();
  doc.clientID = 2;
  doc.getArray(`log/${BEN}/0`).push([record(0)]);
  const before = Y.encodeStateVector(other);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
  doc.getArray(LOG).push([record(1)]);
  const update = Y.encodeStateAsUpdate(doc, before);

  expect(said(fresh(), update, everybody, true)).toBe("gap");
});

test("[T50] clients that wrote one log in turns are taken, in whatever order they stand", () => {
  const doc = new Y.Doc();
  for (let n = 0; n < 12; n++) {
    doc.clientID = [1, 9, 5][n % 3] as number;
    doc.getArray(LOG).push([record(n)]);
  }

  expect(fresh().judge(Y.encodeStateAsUpdate(doc), ada, false)).toMatchObject({
    ...{ verdict: "new", records: 12, leftOut: new Map() },
  });
});

test("[T46] a record stands at the end of its log, and two do not stand at one end", () => {
  const known = logOf(ADA, 2);
  const admission = new Admission(known, rules);
  const [first] = updatesOf(2, known, push(LOG, record(2)));
  const [second] = updatesOf(3, known, push(LOG, record(2, 9)));
  const [within] = updatesOf(4, known, (doc) => doc.getArray(LOG).insert(1, [record(1)]));
  const [front] = updatesOf(5, known, (doc) => doc.getArray(LOG).insert(0, [record(0)]));

  expect(said(admission, Y.mergeUpdates([first, second]))).toBe(NO_END);
  expect(said(admission, within)).toBe(NO_END);
  expect(said(admission, front)).toBe(NO_END);
  expect(said(admission, first)).toBe("new");
  expect(said(admission, second)).toBe(NO_END);
});

test("[T46] a log is not begun again, nor a part of it, and takes only what its chunks hold", () => {
  const admission = fresh();
  expect(judge(admission, logOf(ADA, 256))).toBe("new");
  const doc = logOf(ADA, 256);
  const [again] = updatesOf(2, null, push(LOG, record(0)));
  const [over] = updatesOf(3, doc, push(LOG, record(256)));
  const [next] = updatesOf(4, doc, push(`log/${ADA}/1`, record(256)));
  const [far] = updatesOf(5, doc, push(`log/${ADA}/2`, record(512)));

  expect(said(admission, again)).toBe("it begins a part of a log again");
  expect(said(admission, over)).toBe("it makes a part of a log too long");
  expect(said(admission, far)).toBe("gap");
  expect(said(admission, next)).toBe("new");
  const long = push(LOG, ...Array.from({ length: 257 }, (_, n) => record(n)));
  expect(said(fresh(), updatesOf(6, null, long)[0])).toBe("it makes a part of a log too long");
});

test("[T46] only values in a list are records", () => {
  const known = logOf(ADA, 1);
  for (const change of [
    (doc: Y.Doc) => doc.getMap(LOG).set("key", record(0)),
    (doc: Y.Doc) => doc.getText(LOG).insert(0, "text"),
    (doc: Y.Doc) => doc.getArray(LOG).push([new Y.Map()]),
  ])
    expect(said(fresh(), updatesOf(2, null, change)[0])).toBe(NO_RECORD);
  const [text] = updatesOf(3, known, (doc) => doc.getArray(LOG).push([new Y.Text()]));
  expect(said(new Admission(known, rules), text)).toBe(NO_RECORD);
});

test("[T46] a record before one that is not here is none at the end", () => {
  const known = logOf(ADA, 2);
  const longer = logOf(ADA, 2);
  longer.clientID = 9;
  longer.getArray(LOG).push([record(2)]);
  const [between] = updatesOf(5, longer, (doc) => doc.getArray(LOG).insert(2, [record(2)]));

  expect(said(new Admission(known, rules), between)).toBe(NO_RECORD);
});

test("[T46] a root that looks like a log and names no agent is refused, and other roots are", () => {
  expect(said(fresh(), updatesOf(2, null, push("log/ada/0", record(0)))[0])).toBe(
    "it names a log as no agent does",
  );
  expect(said(fresh(), updatesOf(2, null, push("notes", 1))[0])).toBe(NO_END);
});

test.each([
  [[record(1)], "its n is not its place"],
  [[record(0), record(0, 2)], "its n is not its place"],
  [[{ at: 1, kind: "noted" }], "its n is not its place"],
  [[null], "no object"],
  [["text"], "no object"],
  [[[record(0)]], "no object"],
  [[record(0, 0)], "its time does not grow"],
  [[record(0, -1)], "its time does not grow"],
  [[record(0, 1.5)], "its time does not grow"],
  [[{ n: 0, at: "1", kind: "noted" }], "its time does not grow"],
  [[record(0, 2 ** 53)], "its time does not grow"],
  [[record(0, 5), record(1, 5)], "its time does not grow"],
  [[record(0, 1_000_001)], "its time is far ahead"],
  [[record(0, 5), record(1, 1_000_006)], "its time is far ahead"],
  [[{ n: 0, at: 1 }], "it has no kind"],
  [[{ n: 0, at: 1, kind: 5 }], "it has no kind"],
  [[record(0, 1, "k".repeat(65))], "it has no kind"],
])("[T46] the records %j do not fit, and it is said where", (values, flaw) => {
  const admission = fresh();

  expect(said(admission, updatesOf(2, null, push(LOG, ...values))[0], ada)).toBe(
    `a record does not fit: ${flaw} (${ADA}, ${values.length - 1})`,
  );
  expect(admission.logCount).toBe(0);
});

test("[T46] records fit whose time goes as far as it may, and whose kind nobody here knows", () => {
  const values = [record(0, 1_000_000), record(1, 2_000_000, "k".repeat(64))];
  const admission = fresh();

  expect(said(admission, updatesOf(2, null, push(LOG, ...values))[0])).toBe("new");
  const [more] = updatesOf(3, null, push(`log/${BEN}/0`, record(0, 3_000_000)));
  const [far] = updatesOf(4, null, push(`log/cat~0a1b2c3d/0`, record(0, 4_000_001)));
  const many = { ...everybody, maxLogs: 9 };
  expect([said(admission, more), said(admission, far, many)]).toEqual([
    "new",
    "a record does not fit: its time is far ahead (cat~0a1b2c3d, 0)",
  ]);
});

test("[T46] tasks of all logs count together, and only those that came in", () => {
  const admission = fresh();
  const two = updatesOf(2, null, push(LOG, record(0, 1, "added"), record(1, 2, "added")))[0];
  const [one, another] = [3, 4].map(
    (client) =>
      updatesOf(client, null, push(`log/ben${client}~0a1b2c3d/0`, record(0, 1, "added")))[0],
  ) as [Uint8Array, Uint8Array];

  expect(said(admission, one)).toBe("new");
  expect(said(admission, two)).toBe("the board has tasks enough");
  expect(said(admission, another, { ...everybody, maxLogs: 9 })).toBe("new");
});

test("[T46] an owner of any number of logs is held to those of the board alone", () => {
  const update = Y.mergeUpdates(
    [1, 2, 3].map((i) => Y.encodeStateAsUpdate(logOf(`a${i}~0a1b2c3d`, 1, i))),
  );
  const one = (author: Author, maxLogs: number): string => said(fresh({ maxLogs }), update, author);

  expect(one({ ...everybody, maxLogs: Number.POSITIVE_INFINITY }, 3)).toBe("new");
  expect(one({ ...everybody, maxLogs: Number.POSITIVE_INFINITY }, 2)).toBe(
    "there are agents enough",
  );
  expect(one({ ...everybody, maxLogs: 3 }, 9)).toBe("new");
  expect(one({ ...everybody, maxLogs: 2 }, 9)).toBe("there are agents enough");
});

test("[T48] what was let in counts before it is in the document, and no more once the document was made anew", () => {
  const doc = new Y.Doc();
  const admission = new Admission(doc, rules);
  const update = Y.encodeStateAsUpdate(logOf(ADA, 2));
  expect(said(admission, update)).toBe("new");
  expect(said(admission, update)).toBe("known");

  admission.rebuilt(new Y.Doc());
  expect(admission.logCount).toBe(0);
  expect(said(admission, update)).toBe("new");
  Y.applyUpdate(doc, update);
  admission.rebuilt(doc);
  admission.applied();
  expect([said(admission, update), admission.logCount]).toEqual(["known", 1]);
  const more = logOf(ADA, 3);
  expect(judge(admission, more)).toBe("new");
});

test("[T48] it is foreseen what an answer would add to each log, and nothing counts by that", () => {
  const admission = fresh();
  expect(judge(admission, logOf(ADA, 1, 1), ada)).toBe("new");
  const doc = logOf(ADA, 3, 1);
  for (const [agent, client] of [
    [BEN, 2],
    ["cat~0a1b2c3d", 3],
  ] as const)
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(logOf(agent, 1, client)));
  const mine: Author = { ...everybody, owns: (agent) => agent !== BEN };
  const answer = Y.encodeStateAsUpdate(doc);

  const foreseen = [0, 1].map(() => admission.foresee(answer, mine));

  const expected = new Map([
    [ADA, [record(1), record(2)]],
    ["cat~0a1b2c3d", [record(0)]],
  ]);
  expect(foreseen).toEqual([expected, expected]);
  expect(admission.foresee(answer, { ...mine, mayWrite: false })).toEqual(new Map());
  expect(admission.logCount).toBe(1);
});

test("[T46] values of one log in several structs are foreseen as one list", () => {
  const doc = new Y.Doc();
  for (const [n, client] of [1, 2, 1].entries()) {
    doc.clientID = client;
    doc.getArray(LOG).push([record(n)]);
  }

  expect(
    fresh()
      .foresee(Y.encodeStateAsUpdate(doc), ada)
      .get(ADA as never),
  ).toEqual([...[record(0), record(1), record(2)]]);
});

test("[T46] nothing is deleted where there is no text", () => {
  const doc = logOf(ADA, 2);
  const [deletion] = updatesOf(2, doc, (one) => one.getArray(LOG).delete(0, 1));

  expect(said(new Admission(doc, rules), deletion)).toBe("it deletes");
});

describe("on a board with shared text", () => {
  const withText = { ...rules, allowsText: true };

  test("[T64] text is written and deleted by everybody, and logs by their owners only", () => {
    const doc = logOf(ADA, 2);
    const admission = new Admission(doc, withText);
    const words = new Y.Doc();
    words.clientID = 7;
    words.getText("words").insert(0, "words");
    words.getText("words").delete(1, 2);
    const [fromLog] = updatesOf(2, doc, (one) => one.getArray(LOG).delete(0, 1));
    const [early] = updatesOf(8, words, (one) => one.getText("words").delete(0, 1));
    const [after] = updatesOf(9, words, (one) => one.getText("words").insert(3, "!"));

    expect(said(admission, fromLog)).toBe("it deletes from a log");
    expect([said(admission, early), said(admission, after)]).toEqual(["gap", "gap"]);
    expect(admission.judge(Y.encodeStateAsUpdate(words), ada, false)).toEqual({
      ...{ verdict: "new", records: 0, hasGap: false, leftOut: new Map() },
    });
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(words));
    admission.applied();
    expect(said(admission, early, { ...ada, mayWrite: false })).toBe("its sender may only read");
    expect([said(admission, early, ada), said(admission, after, ada)]).toEqual(["new", "new"]);
  });

  test("[T64] what hangs on a record is no text", () => {
    const doc = logOf(ADA, 2);
    const [within] = updatesOf(2, doc, (one) => one.getArray(LOG).insert(1, ["text"]));

    expect(said(new Admission(doc, withText), within)).toBe("it changes a log as if it were text");
  });

  test("[T64] a client that wrote another's log writes no text in its name", () => {
    const admission = new Admission(new Y.Doc(), withText);
    const [log, text] = updatesOf(2, null, push(LOG, record(0)), (doc) =>
      doc.getText("words").insert(0, "x"),
    );

    expect(said(admission, log, ada)).toBe("new");
    expect(said(admission, text as Uint8Array, ben)).toBe("it writes into another's log");
    expect(said(admission, text as Uint8Array, ben, true)).toBe("known");
    expect(said(admission, text as Uint8Array, ada)).toBe("new");
  });

  test("[T64] a board has texts enough at 256", () => {
    const admission = new Admission(new Y.Doc(), withText);
    const [many, more] = updatesOf(
      2,
      null,
      (doc) => {
        for (let i = 0; i < 256; i++) doc.getText(`text ${i}`).insert(0, "x");
      },
      (doc) => {
        for (let i = 0; i < 257; i++) doc.getText(`more ${i}`).insert(0, "x");
      },
    );

    expect(said(admission, many)).toBe("new");
    expect(said(admission, more as Uint8Array)).toBe("there are shared texts enough");
  });

  test("[T64] what was deleted and collected elsewhere is taken as it is", () => {
    const doc = new Y.Doc();
    doc.clientID = 2;
    doc.getMap("words").set("key", new Y.Text("long gone"));
    doc.getMap("words").delete("key");
    doc.getText("more").insert(0, "x");

    expect(said(new Admission(new Y.Doc(), withText), Y.encodeStateAsUpdate(doc))).toBe("new");
  });

  test("[T48] of a text that is known in part the rest hangs on what is known", () => {
    const doc = new Y.Doc();
    doc.clientID = 2;
    doc.getText("words").insert(0, "abc");
    const relayed = new Y.Doc();
    Y.applyUpdate(relayed, Y.encodeStateAsUpdate(doc));
    const admission = new Admission(relayed, withText);
    doc.getText("words").insert(3, "def"); // one struct by now

    expect(admission.judge(Y.encodeStateAsUpdate(doc), everybody, false)).toEqual({
      ...{ verdict: "new", records: 0, hasGap: false },
      leftOut: new Map([[2, 3]]),
    });
  });
});
