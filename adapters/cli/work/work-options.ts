/** What a worker is told on its command line. */
import type { Guarantee } from "../../../lib/index.ts";
import type { BoardOptions } from "../board/open-board.ts";

/** What `stigmergy work` was asked for. */
export interface WorkJobOptions extends BoardOptions {
  readonly command: readonly string[];
  /** That of the token, or `agent`, where nobody says. */
  readonly name: string | undefined;
  readonly agents: number;
  readonly can: readonly string[];
  readonly isForever: boolean;
  readonly guarantee: Guarantee | undefined;
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly leaseMs: number;
}
