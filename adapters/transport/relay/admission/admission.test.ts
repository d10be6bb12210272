import { expect, test } from "@jest/globals";
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
