/** The program of a relay that is killed: started with its settings as JSON, it sends its address to its parent. */
import { createLogFileStorage } from "../../adapters/storage/log-file.ts";
import { createRelay } from "../../adapters/transport/relay.ts";

/** What it is told. */
export interface KilledRelaySettings {
  readonly port: number;
  readonly directory: string;
  readonly holdMs: number;
}

const { directory, ...settings } = JSON.parse(process.argv[2] ?? "") as KilledRelaySettings;

process.on("disconnect", () => process.exit()); // its parent is gone
const storage = createLogFileStorage({ directory });
const relay = await createRelay({ access: "open", storage, ...settings });
process.send?.(relay.address);
