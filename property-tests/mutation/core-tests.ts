/**
 * The tests that hunt mutants of the core, in one file: Stryker runs jest anew for every mutant and jest loads the modules anew for every
 * file, so that one file instead of fifty makes thousands of mutants feasible. The examples beside the code only: a law
 * looks at hundreds of cases, which is too long for each mutant. The score without the laws is the lower one.
 */
import { importTests } from "./import-tests.ts";

await importTests(["lib/core/", "lib/replica/"]);
