// Task lists: what each format takes, and how a broken list is refused.

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ListError } from "./list/listed-task.ts";
import { parseTaskList } from "./task-list.ts";

const summaryOf = (text: string, source: string) => {
  const tasks = parseTaskList(text, source);
  const titleByKey = new Map(tasks.map(({ key, title }) => [key, title]));
  return tasks.map(({ title, needs, requires }) => ({
    title,
    needs: needs.map((key) => titleByKey.get(key)),
    requires,
  }));
};

const problemsOf = (text: string, source = "-"): readonly string[] => {
  try {
    parseTaskList(text, source);
  } catch (error) {
    if (error instanceof ListError)
      return error.problems.map(({ line, message }) => `${line}: ${message}`);
    throw error;
  }
  return [];
};

test("[C1] a list's format goes by the ending of its name, and else by its content", () => {
  const text = "- [ ] one";

  expect(parseTaskList(text, "list.md")[0]?.title).toBe("one");
  expect(parseTaskList(text, "-")[0]?.title).toBe("one");
  expect(parseTaskList('\n{"title":"two"}', "-")[0]?.title).toBe("two");
  expect(parseTaskList("three\n\n four \r\n", "list.txt").map(({ title }) => title)).toEqual([
    "three",
    "four",
  ]);
  expect(problemsOf("three", "list.jsonl")).toHaveLength(1);
  expect(parseTaskList("\uFEFF- [ ] one", "-")[0]?.title).toBe("one");
});

test("[C2] each open box of a checklist is a task, with all kinds of marks", () => {
  const text =
    "# Plan\n\n- [ ] one\n* [ ] two\n+ [ ]   three  \n1. [ ] four\n12) [ ] five\n- no task\n- [x] done\n- [X] done\ntext";

  expect(summaryOf(text, "plan.md").map(({ title }) => title)).toEqual([
    "one",
    "two",
    "three",
    "four",
    "five",
  ]);
});

test("[C2] nested items are needed by the nearest open item above them", () => {
  const text = `
- [ ] house
  - [ ] walls
    - [ ] bricks
  - [x] ground
    - [ ] survey
\t- [ ] roof
- plain
  - [ ] free
- [ ] garden
## Later
  - [ ] fence`;

  expect(summaryOf(text, "plan.md")).toEqual([
    { title: "house", needs: ["walls", "survey", "roof"], requires: [] },
    { title: "walls", needs: ["bricks"], requires: [] },
    { title: "bricks", needs: [], requires: [] },
    { title: "survey", needs: [], requires: [] },
    { title: "roof", needs: [], requires: [] },
    { title: "free", needs: [], requires: [] },
    { title: "garden", needs: [], requires: [] },
    { title: "fence", needs: [], requires: [] },
  ]);
});

test("[C2] trailing tags become required capabilities, numbers of issues do not", () => {
  const text = "- [ ] fix #12 in C# #rust #needs-gpu\n- [ ] close #7\n- [ ] # really";

  expect(summaryOf(text, "plan.md")).toEqual([
    { title: "fix #12 in C#", needs: [], requires: ["rust", "needs-gpu"] },
    { title: "close #7", needs: [], requires: [] },
    { title: "# really", needs: [], requires: [] },
  ]);
});

test("[C2] boxes in fenced blocks are no tasks", () => {
  const text =
    "- [ ] one\n```md\n- [ ] example\n~~~\n```\n~~~~\n- [ ] example\n~~~\n~~~~\n- [ ] two";

  expect(summaryOf(text, "plan.md").map(({ title }) => title)).toEqual(["one", "two"]);
});

test("[C2] a checklist that is all done is empty, and Markdown without a box is refused", () => {
  expect(parseTaskList("- [x] one", "plan.md")).toEqual([]);
  expect(problemsOf("# Plan\n- one", "plan.md")).toEqual([
    "1: no line has a box; write tasks as `- [ ] title`",
  ]);
});

test("[C3] JSON Lines give all fields of a task, and needs name keys", () => {
  const text = [
    '{"title":" build ","body":"all of it","needs":["t"],"requires":["linux"],"priority":2,"key":"b"}',
    "",
    '{"title":"test","key":"t"}',
  ].join("\n");

  const [build, test] = parseTaskList(text, "tasks.jsonl");

  expect(build).toEqual({
    line: 1,
    key: "b",
    title: "build",
    body: "all of it",
    needs: ["t"],
    requires: ["linux"],
    priority: 2,
  });
  expect(test).toEqual({ line: 3, key: "t", title: "test", needs: [], requires: [] });
});

test("[C3] JSON Lines say how a task is to be carried out, and parents name keys", () => {
  const policy = {
    maxAttempts: 3,
    retry: { delayMs: 1000, factor: 3 },
    timeoutMs: 5000,
    review: { by: { capability: "qa" }, approvals: 2 },
    ifNeedFails: "ignore",
    resources: ["path:src/**"],
  };
  const text = `${JSON.stringify({ title: "a", key: "a", parent: "b", guarantee: "settled", ...policy })}\n{"title":"b","key":"b"}`;

  const [task] = parseTaskList(text, "-");

  expect(task).toMatchObject({ key: "a", parent: "b", guarantee: "settled", policy });
});

test.each([
  ['{"title":"a"}\nnot json', "2: it is not JSON"],
  ['{"title":"a"}\n["b"]', "2: it is JSON but no object"],
  ['{"titel":"a"}', "1: it has no title"],
  ['{"title":"a","need":[]}', '1: it has the unknown field "need"'],
  ['{"title":1}', "1: its title is not a text"],
  ['{"title":"a","needs":"b"}', "1: its needs is not a list of texts"],
  ['{"title":"a","priority":1e999}', "1: its priority is not a finite number"],
  ['{"title":"a","needs":["b"]}', '1: it needs the key "b", which no line has'],
  ['{"title":"a","key":"k"}\n\n{"title":"b","key":"k"}', '3: its key "k" is that of line 1'],
  ['{"title":"a","key":""}', '1: "" is no key or capability; use'],
  ['{"title":"  "}', "1: its title is empty"],
  ['{"title":"a\\u0000"}', "1: it holds a character that cannot be stored"],
  ['{"title":"\\ud800"}', "1: it holds a character that cannot be stored"],
  [
    '{"title":"a","key":"1","needs":["2"]}\n{"title":"b","key":"2","needs":["3"]}\n{"title":"c","key":"3","needs":["2"]}',
    "2: its needs lead back to itself (lines 2 → 3 → 2)",
  ],
  ['{"title":"a","parent":"b"}', '1: its parent has the key "b", which no line has'],
  [
    '{"title":"a","key":"1"}\n{"title":"b","key":"2","needs":["1"]}\n{"title":"c","key":"3","parent":"1","needs":["2"]}',
    "1: its needs lead back to itself (lines 1 → 3 → 2 → 1)",
  ],
  ['{"title":"a","maxAttempts":0}', "1: its maxAttempts is not a whole number from 1 on"],
  ['{"title":"a","retry":{"delay":1}}', '1: its retry is not such as {"delayMs":1000}'],
  ['{"title":"a","ifNeedFails":"stop"}', '1: its ifNeedFails is not "block" or "fail" or "ignore"'],
  ['{"title":"a","review":{"by":"ann"}}', "1: its review is not such as"],
  ['{"title":"a","guarantee":"strong"}', '1: its guarantee is not "optimistic" or "settled"'],
  ['{"title":"a","key":"1","needs":["1"]}', "1: its needs lead back to itself (lines 1 → 1)"],
  [`{"title":"a","body":"${"ä".repeat(9000)}"}`, "1: it takes 18"],
  [`one\n${"x".repeat(1001)}`, "2: its title has 1001 characters, more than 1000"],
  ["- [ ] one\n- [ ] \n- [ ] #tag", "2: the box has no title"],
])("[C4] a broken line is named with its number and what to do: %j", (text, problem) => {
  const [first = ""] = problemsOf(text);

  expect(first.slice(0, problem.length)).toBe(problem);
  expect(first).toMatch(/;|drop|write/);
});

test("[C4] all broken lines are named at once, in order", () => {
  expect(
    problemsOf("- [ ]\n- [ ] fine\n- [ ] #tag").map((problem) => problem.split(":")[0]),
  ).toEqual(["1", "3"]);
});

test("[C5] any text is a list or is refused by the one error, with lines that exist", () => {
  const line = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "- [ ]",
      "  - [x] a",
      "```",
      "~~~",
      "# h",
      '{"title":"a"}',
      '{"title":"a","needs":["k"],"key":"k"}',
    ),
    fc.string().map((text) => `- [ ] ${text}`),
    fc
      .record({ title: fc.string(), needs: fc.array(fc.string()), key: fc.string() })
      .map((one) => JSON.stringify(one)),
    fc.json(),
  );
  const text = fc.array(line, { maxLength: 20 }).map((lines) => lines.join("\n"));
  const source = fc.constantFrom("-", "a.md", "a.jsonl", "a.txt", "a");

  fc.assert(
    fc.property(text, source, (content, name) => {
      const count = content.split(/\r\n|\n|\r/u).length;
      try {
        const tasks = parseTaskList(content, name);
        const keys = new Set(tasks.map(({ key }) => key));
        expect(keys.size).toBe(tasks.length);
        for (const task of tasks) {
          expect(task.title).not.toBe("");
          expect(task.line).toBeLessThanOrEqual(count);
          for (const need of task.needs) expect(keys).toContain(need);
        }
      } catch (error) {
        if (!(error instanceof ListError)) throw error;
        expect(error.problems.length).toBeGreaterThan(0);
        for (const problem of error.problems) expect(problem.line).toBeLessThanOrEqual(count);
      }
    }),
    { numRuns: 500 },
  );
});

test("[C5] a long list and a long line are read in time", () => {
  const deep = Array.from(
    { length: 5000 },
    (_, i) => `${" ".repeat(i % 50)}- [ ] task ${i} #a #b`,
  ).join("\n");

  expect(parseTaskList(deep, "-")).toHaveLength(5000);
  expect(problemsOf(`- [ ] a${" \t".repeat(200_000)}#`)).toHaveLength(1);
});

test("[C6] a task's key is its path of titles and its place among equals, so done items and other formats rename none", () => {
  const keys = (text: string, source = "-"): string[] =>
    parseTaskList(text, source).map(({ key }) => key);
  const before = keys("- [ ] a\n  - [ ] x\n- [ ] b\n  - [ ] x\n- [ ] x\n- [ ] x");

  const [, xOfB, x1, x2] = keys("- [x] a\n  - [x] x\n- [ ] b\n  - [ ] x\n- [ ] x #tag\n- [ ] x");

  expect(new Set(before).size).toBe(6);
  expect([xOfB, x1, x2]).toEqual(before.slice(3));
  expect(keys("- [x] x\n- [ ] x")).toEqual([before[5]]);
  expect(keys("x\nx")).toEqual(before.slice(4));
  expect(keys('{"title":"x"}')).toEqual([before[4]]);
});
