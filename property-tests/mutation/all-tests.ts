/**
 * The tests that hunt mutants, in one file: Stryker runs jest anew for every mutant and jest loads the modules anew for every
 * file, so that one file instead of fifty makes thousands of mutants feasible. The examples beside the code only: a law
 * looks at hundreds of cases, which is too long for each mutant. The score without the laws is the lower one.
 */
import { readdirSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

/** Starts processes, which run the code without its mutants. */
const WITH_PROCESSES = "log-file-crash.test.ts";

for (const folder of ["lib/core/", "lib/replica/", "adapters/storage/"]) {
  const names = readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" });
  for (const name of names.sort())
    if (name.endsWith(".test.ts") && name !== WITH_PROCESSES)
      await import(new URL(folder + name, ROOT).href);
}
