// Holds docs/spec.md and the test names together: every rule has a test, every cited rule exists.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..");
const rooms = ["lib", "adapters", "property-tests", "demos", "docs"];

// A rule is a line such as `- **K2** Of two concurrent claims exactly one stands.`
const ruleLine = /^- \*\*([A-Z]+\d+)\*\*/gm;

// A citation is a call whose first argument is a string opening with rule ids in brackets.
// Contract suites are handed their `test`, so any callee counts, except one that runs nothing.
const citingCall = /(\w+|\))\(\s*["'`]((?:\[[A-Z]+\d+\]\s*)+)/g;
const idleCallee = /^(?:skip|todo|failing|xtest|xit)$/;

test("each rule of docs/spec.md appears once", () => {
  const ids = rulesInSpec();

  const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);

  expect(ids).not.toEqual([]);
  expect(repeated).toEqual([]);
});

test("each rule of docs/spec.md has a test", () => {
  const cited = new Set(citations().map(({ rule }) => rule));

  const untested = rulesInSpec().filter((id) => !cited.has(id));

  expect(untested).toEqual([]);
});

test("each rule that a test cites is in docs/spec.md", () => {
  const known = new Set(rulesInSpec());

  const unknown = citations().filter(({ rule }) => !known.has(rule));

  expect(unknown).toEqual([]);
});

function rulesInSpec(): string[] {
  const spec = readFileSync(join(root, "docs/spec.md"), "utf8");
  return [...spec.matchAll(ruleLine)].map(([, id = ""]) => id);
}

function citations(): { rule: string; file: string }[] {
  return rooms.flatMap(sourceFiles).flatMap((file) => {
    const source = readFileSync(join(root, file), "utf8");
    return [...source.matchAll(citingCall)]
      .filter(([, callee = ""]) => !idleCallee.test(callee))
      .flatMap(([, , ids = ""]) => ids.match(/[A-Z]+\d+/g) ?? [])
      .map((rule) => ({ rule, file }));
  });
}

function sourceFiles(room: string): string[] {
  return readdirSync(root).includes(room)
    ? readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) => join(room, path))
    : [];
}
