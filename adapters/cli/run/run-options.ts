/** What a run is told on its command line. */
import type { Guarantee } from "../../../lib/index.ts";
import type { PlaceOptions } from "./place.ts";

/** What `stigmergy run` was asked for. */
export interface RunJobOptions extends PlaceOptions {
  readonly file: string;
  readonly command: readonly string[];
  readonly agents: number;
  readonly guarantee: Guarantee | undefined;
  readonly timeoutMs: number | undefined;
  readonly retries: number;
}
