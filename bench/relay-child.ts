/** One process of the bench of the relay's load: a relay that tells its memory when it is asked. */
import { createRelay } from "../adapters/transport/relay.ts";
import { collectGarbage } from "./measure.ts";

const limits = { connections: 5_000, connectionsPerAddress: 5_000 };
const relay = await createRelay({ access: "open", limits });
process.on("message", () => {
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heap: heapUsed + external });
});
process.on("disconnect", () => process.exit()); // its parent is gone
process.send?.(relay.address);
