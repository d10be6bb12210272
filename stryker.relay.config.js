/** Mutation testing of the relay's admission, whose tests start a relay each. */
import { huntIn } from "./stryker.config.js";

export default huntIn("relay", ["adapters/transport/relay/admission/*.ts"]);
