// Runs the demos as built, and holds what they print.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const built = join(import.meta.dirname, "..", process.env["STIGMERGY_DIST"] ?? "dist", "demos");

const runDemo = (file: string, args: readonly string[] = [], cwd?: string) => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(built, file), ...args], {
    cwd,
    env,
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr };
};

test("01-two-agents: exactly one of two agents gets the task, and both boards agree", () => {
  expect(runDemo("01-two-agents/main.js")).toEqual({
    status: 0,
    stdout: "1 of 2 may work, with a settled claim\ntasks done, as each replica sees it: 1 and 1\n",
    stderr: "",
  });
}, 40_000);

test("02-partition-and-heal: both halves work on, and in the end four replicas have one answer", () => {
  const { status, stdout, stderr } = runDemo("02-partition-and-heal/main.js");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^the middle is claimed in 2 halves at once$/mu);
  expect(stdout.match(/sees 1 done, [01] at work$/gmu)).toHaveLength(4);
  expect(stdout.match(/sees 2 done, 1 at work$/gmu)).toHaveLength(4);
  expect(
    stdout
      .match(/^(ann|cyd): (works on|stopped, lost)$/gmu)
      ?.map((one) => one.slice(5))
      .sort(),
  ).toEqual(["stopped, lost", "works on"]);
  expect(stdout).toMatch(/different answers among four replicas: 0\n$/u);
}, 40_000);

test("07-own-rule: a careless rule is told its broken laws, a sound one decides who gets the task", () => {
  const { status, stdout, stderr } = runDemo("07-own-rule/main.js");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^highest-bid@1: breaks total-order, /mu);
  expect(stdout).toMatch(/^highest-bid@2: keeps all 13 laws$/mu);
  expect(stdout).toMatch(/^100 schedules of crashes, cuts and lost messages: nothing broke$/mu);
  expect(stdout).toMatch(/^(bob|cyd) holds attempt 1/mu);
  expect(stdout).toMatch(/bid 8 over 3\.$/mu);
}, 40_000);

test("10-check-docs: every page is checked by one of four agents, and broken links fail theirs", () => {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-demo-"));
  mkdirSync(join(folder, "docs"));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write(
    "README.md",
    "# Words\n\n[good](docs/a.md#two-b) ![gone](gone.png) [web](https://x.org) `[code](no.md)`\n",
  );
  write("CHANGELOG.md", "nothing");
  write(
    "docs/a.md",
    "# One\n## Two: *b*\n[up](../README.md#words) [bad](#three)\n```\n[code](no.md)\n```\n[r]: ../docs/\n",
  );

  const { status, stdout, stderr } = runDemo("10-check-docs/main.js", [], folder);
  rmSync(folder, { recursive: true });

  expect(status).toBe(1);
  expect(stdout).toMatch(/^1 of 3 completed, 2 failed/u);
  expect(stderr).toMatch(
    /^failed +README.md: exit code 1: README.md: gone.png leads to no file$/mu,
  );
  expect(stderr).toMatch(
    /^failed +docs\/a.md: exit code 1: docs\/a.md: #three leads to no heading$/mu,
  );
  expect(stdout).toMatch(/^completed {2}\S+ {2}CHANGELOG.md {2}agent-\d~\w+$/mu);
}, 40_000);

test("06-late-joiner: a newcomer reads what was decided, tried and found, and takes the task up", () => {
  const { status, stdout, stderr } = runDemo("06-late-joiner/main.js");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  for (const text of [
    "Byte offsets go wrong after an emoji.",
    "The lexer already keeps code points.",
    "two of nine tests fail",
  ])
    expect(stdout).toContain(`>     ${text}`);
  expect(stdout).toMatch(/left out: nothing\ndee holds attempt 2/u);
}, 40_000);

test("03-silent-failure: the task of a killed process is taken over after its lease", () => {
  const { status, stdout, stderr } = runDemo("03-silent-failure/main.js");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^attempt 1: ann, expired\nattempt 2: bob, completed$/mu);
}, 40_000);

test("04-handoff: a thin packet is refused, a whole one goes along with the task", () => {
  const { status, stdout, stderr } = runDemo("04-handoff/main.js");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^refused: The packet lacks its decisions;/u);
  expect(stdout).toMatch(/^bob: no glue on plate 3, it does not hold when wet$/mu);
  expect(stdout).toMatch(/^ann: accepted by bob\nann's signal: handed-off\nCompleted by bob/mu);
}, 40_000);

test("09-cost-of-coordination: pairs of agents grow with the square, records a task do not", () => {
  const { status, stdout, stderr } = runDemo("09-cost-of-coordination/main.js");
  const rows = stdout.trim().split("\n").slice(1);
  const cells = rows.map((row) => row.trim().split(/ +/u).map(Number));

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(cells.map(([agents, pairs]) => [agents, pairs])).toEqual([
    [2, 1],
    [5, 10],
    [10, 45],
    [20, 190],
  ]);
  for (const [, , records = 0, claims = 0] of cells) {
    expect(records).toBeGreaterThanOrEqual(3);
    expect(records).toBeLessThan(20);
    expect(claims).toBeGreaterThanOrEqual(1);
  }
}, 40_000);

test("08-pick-two: cut off, two optimistic agents work and one result stands; settled ones wait", () => {
  const { status, stdout, stderr } = runDemo("08-pick-two/main.js");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("optimistic: 2 of 2 began while they were cut off from each other");
  expect(stdout).toContain("optimistic: in the end 2 worked, 1 result stands, 1 kept aside");
  expect(stdout).toContain("settled: 0 of 2 began while they were cut off from each other");
  expect(stdout).toContain("settled: in the end 1 worked, 1 result stands, 0 kept aside");
  expect(stdout.match(/both replicas agree: true/gu)).toHaveLength(2);
}, 40_000);

test("05-review: a result is sent back with a reason, done again by another, and approved", () => {
  const { status, stdout, stderr } = runDemo("05-review/main.js");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^ann approves it herself: refused, own-work$/mu);
  expect(stdout).toMatch(/^completed: "A storm came; all is well\."$/mu);
  expect(stdout).toMatch(
    /^attempt 1: Its result was sent back by eve: It says nothing about the storm\.$/mu,
  );
}, 40_000);
