import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { boardNameOf, covers, isBoardName, isSubject } from "./grant.ts";

const suffix = "~0a1b2c3d";
const agentName = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.string({ unit: fc.constantFrom("a", "b", "-", "0", "1", "é", "\u0301"), minLength: 1 }),
  )
  .filter((name) => /^[^/\s:~]{1,32}$/u.test(name));

test("[J6] a subject covers its own name and its numbered agents", () => {
  for (const name of ["ada", "ada-1", "ada-2", "ada-256", "ada-9999"])
    expect([name, covers("ada", name + suffix)]).toEqual([name, true]);
  expect(covers("åsa-λ", `åsa-λ-7${suffix}`)).toBe(true);
  expect(covers("wire-guard", `wire-guard-3${suffix}`)).toBe(true);
});

test.each([
  ["ada", "adam"],
  ["ada", "ad"],
  ["ada", "ada-"],
  ["ada", "ada-0"],
  ["ada", "ada-01"],
  ["ada", "ada-10000"],
  ["ada", "ada-1-2"],
  ["ada", "ada-one"],
  ["ada", "ada-١"], // an Arabic digit one
  ["ada", "Ada"],
  ["ada", "аda"], // a Cyrillic a
  ["é", "e\u0301"], // the same to the eye, composed and not
  ["ada-1", "ada-1"],
  ["ada", "-1"],
])("[J6] %s covers no agent named %s", (subject, name) => {
  expect(covers(subject, name + suffix)).toBe(false);
});

test.each([
  "ada",
  "ada~",
  "ada~0a1b2c3",
  "ada~0a1b2c3d4",
  "ada~0A1B2C3D",
  "ada~bob~0a1b2c3d",
  "log/ada~0a1b2c3d",
  "ada~0a1b2c3d\n",
])("[J6] what is no agent's id is covered by nobody: %j", (id) => {
  expect(covers("ada", id)).toBe(false);
});

test("[J6] whatever the names, an agent has at most one subject, and another name is never covered", () => {
  fc.assert(
    fc.property(agentName, agentName, fc.nat(20_000), (subject, other, number) => {
      const id = `${other}${suffix}`;
      const stem = other.replace(/-[0-9]+$/u, "");
      if (covers(subject, id)) expect([other, stem]).toContain(subject);
      expect(covers(subject, subject + suffix)).toBe(isSubject(subject));

      const numbered = `${subject}-${number}`;
      const holders = [subject, numbered, other].filter((one) => covers(one, numbered + suffix));
      expect(new Set(holders).size).toBeLessThanOrEqual(1);
    }),
    { seed: 5, numRuns: 5000 },
  );
});

test("[J5] a subject is an agent's name without a number at its end", () => {
  const good = ["ada", "a-b", "a1", "ada-", "日本語", "👩‍🚀", "x".repeat(32)];
  const bad = ["", "ada-1", "ada-007", "a b", "a/b", "a:b", "a~b", "a\u0000", "a\u001b[1m"];
  const worse = ["\ud800", "x".repeat(33), "a\u2028b", "a\u00a0b"];

  expect(good.filter((name) => !isSubject(name))).toEqual([]);
  expect([...bad, ...worse].filter(isSubject)).toEqual([]);
});

test("[J4] a board is named without its generation", () => {
  expect(["docs#1", "docs#42", "docs", "a#b", "docs#1#2"].map(boardNameOf)).toEqual([
    "docs",
    "docs",
    "docs",
    "a#b",
    "docs#1",
  ]);
  expect(["docs", "übung"].map(isBoardName)).toEqual([true, true]);
  expect(["", "a#1", "a/b", "a b", "x".repeat(129), "a\u0000"].filter(isBoardName)).toEqual([]);
});
