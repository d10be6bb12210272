/** The tests that hunt mutants of the relay's admission: of the attacks, those that are about updates. */
import { importTests } from "./import-tests.ts";

await importTests(["adapters/transport/relay/admission/"]);
await import("../../adapters/transport/relay/attack/refused-updates.test.ts");
await import("../../adapters/transport/relay/attack/text-attacks.test.ts");
