/** What `stigmergy mcp` is told. */
import type { BoardOptions } from "../board/open-board.ts";

/** What it is told. */
export interface McpFlags extends BoardOptions {
  readonly name?: string;
  readonly can: readonly string[];
  readonly leaseMs: number;
  /** Where to listen; on stdio where left out. */
  readonly http?: HttpPlace;
  readonly silenceMs: number;
}

/** A place on this machine's loopback; port 0 takes a free one. */
export interface HttpPlace {
  readonly host: string;
  readonly port: number;
}
