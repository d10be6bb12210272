// The suites are handed their `test`; that they need nothing else of a runner is shown by another one than jest.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "@jest/globals";

const LOADER = join(import.meta.dirname, "../storage/typescript-loader.mjs");
const CHILD = join(import.meta.dirname, "node-runner-child.mjs");

test("the contract suites run under node:test, pass over the memory adapters, and name what is broken", async () => {
  const args = ["--import", LOADER, "--test", "--test-reporter=tap", CHILD];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);

  const passed = namesOf(output, "ok").filter((name) => !name.startsWith("broken: "));
  const failed = namesOf(output, "not ok");
  expect(code).toBe(1);
  expect(passed.filter((name) => name.startsWith("[S")).length).toBeGreaterThan(10);
  expect(passed.filter((name) => name.startsWith("[T")).length).toBeGreaterThan(20);
  expect(failed).toContain("broken: [S1] a store gives every update in the order of appending");
  expect(failed.filter((name) => !name.startsWith("broken: "))).toEqual([]);
  expect(output).toContain(
    "It does not hold that a store gives every update: expected 20, came 19.",
  );
}, 60_000);

/** Reads the names of the tests that ended so; the file's own line names its path. */
function namesOf(output: string, verdict: "ok" | "not ok"): readonly string[] {
  return [...output.matchAll(/^ *(ok|not ok) \d+ - (.*)$/gm)]
    .filter(([, found, name]) => found === verdict && !name?.endsWith(".mjs"))
    .map(([, , name = ""]) => name);
}
