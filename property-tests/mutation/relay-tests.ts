/** The tests that hunt mutants of the relay's admission: its own, since the attacks on a whole relay take a hundred times as long. */
import { importTests } from "./import-tests.ts";

await importTests(["adapters/transport/relay/admission/"]);
