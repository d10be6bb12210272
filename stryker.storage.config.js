/** Mutation testing of the stores. IndexedDB is only in browsers, which the hunt does not start. */
import { huntIn } from "./stryker.config.js";

export default huntIn("storage", [
  "adapters/storage/**/*.ts",
  "!adapters/storage/indexeddb{.ts,/**}",
]);
