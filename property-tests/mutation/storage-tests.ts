/** The tests that hunt mutants of the stores; see core-tests.ts. */
import { importTests } from "./import-tests.ts";

await importTests(["adapters/storage/"]);
