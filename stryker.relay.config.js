/** Mutation testing of the relay's admission. */
import { huntIn } from "./stryker.config.js";

export default huntIn("relay", ["adapters/transport/relay/admission/*.ts"]);
