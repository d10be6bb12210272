/** The program of a relay that keeps its boards: started with its settings as JSON, it sends its address to its parent. */
import { createLogFileStorage } from "../../adapters/storage/log-file.ts";
import { createRelay } from "../../adapters/transport/relay.ts";

/** What a relay process is told. */
export interface RelaySettings {
  readonly port: number;
  readonly directory: string;
  /** Short leases need signs of life that are told more often than once a second. */
  readonly presenceIntervalMs: number;
}

const { port, directory, presenceIntervalMs } = JSON.parse(process.argv[2] ?? "") as RelaySettings;

process.on("disconnect", () => process.exit()); // its parent is gone
const relay = await createRelay({
  access: "open",
  port,
  presenceIntervalMs,
  storage: createLogFileStorage({ directory }),
  onFault: (fault) => {
    throw fault;
  },
});
process.send?.({ address: relay.address });
