/** What `stigmergy ui` is given. */
import type { RelayFlags } from "../relay/relay-flags.ts";

/** The options of a relay, or the address of one that runs, and which board is shown to whom. */
export interface UiOptions extends RelayFlags {
  readonly relay?: string;
  readonly tokenFile?: string;
  readonly board?: string;
  readonly pagePort: number;
  readonly name?: string;
  readonly rule?: string;
  /** The options given that say how a relay is to be, such as `--port`. */
  readonly told: readonly string[];
}
