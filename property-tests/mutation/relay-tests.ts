/** The tests that hunt mutants of the relay's admission. They open a relay before each, so they are kept from all others. */
import { importTests } from "./import-tests.ts";

await importTests(["adapters/transport/relay/admission/", "adapters/transport/relay/attack/"]);
