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
  const counts = "{ submitted: 0, working: 0, completed: 1, failed: 0, canceled: 0 }";

  expect(runDemo("01-two-agents/main.js")).toEqual({
    status: 0,
    stdout: `1 of 2 may work, with a settled claim\n${counts}\n${counts}\n`,
    stderr: "",
  });
}, 40_000);

test("02-check-docs: every page is checked by one of four agents, and broken links fail theirs", () => {
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

  const { status, stdout, stderr } = runDemo("02-check-docs/main.js", [], folder);
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
