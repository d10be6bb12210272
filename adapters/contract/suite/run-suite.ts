/** The least runner: it runs a suite and gives what failed, so that a suite can be tested like any other code. */
import type { RegisterTest } from "./check.ts";

/** Runs all tests that a suite registers, or those whose name holds the given words, and gives each failure's message by the test's name. */
export async function runSuite(
  describe: (test: RegisterTest) => void,
  words = "",
): Promise<ReadonlyMap<string, string>> {
  const tests: (readonly [string, () => Promise<void>])[] = [];
  describe((name, run) => tests.push([name, run]));
  const failures = new Map<string, string>();
  for (const [name, run] of tests) {
    if (!name.includes(words)) continue;
    await run().catch((error: Error) => failures.set(name, error.message));
  }
  return failures;
}
