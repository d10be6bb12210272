/** What a run and its workers tell each other over their pipe; none of it matters to the board. */

/** From a worker to its run. */
export type FromWorker =
  | { readonly kind: "joined"; readonly agent: string; readonly name: string }
  /** A claim is held, so many milliseconds after it was asked for. */
  | { readonly kind: "claimed"; readonly task: string; readonly waitedMs: number }
  /** A claim was asked for in vain, or was lost while its command ran. */
  | { readonly kind: "lost"; readonly task: string | null }
  /** A command was started as the leader of process group `pid`. */
  | {
      readonly kind: "started";
      readonly task: string;
      readonly attempt: number;
      readonly pid: number;
    }
  /** A command has ended; its process group is gone. */
  | {
      readonly kind: "ended";
      readonly task: string;
      readonly attempt: number;
      readonly pid: number;
    }
  /** A completion was written, by the clock that {@link wallMs} reads. */
  | { readonly kind: "completed"; readonly task: string; readonly atMs: number }
  | { readonly kind: "traffic"; readonly bytesSent: number }
  | { readonly kind: "fault"; readonly code: string; readonly message: string };

/** From a run to a worker. */
export type ToWorker = ({ readonly kind: "start" } & Orders) | { readonly kind: "stop" };

/** Set in the environment of a worker that a run started, and of no other process. */
export const LINE_VARIABLE = "STIGMERGY_RUN_LINE";

/** What a worker is to do. */
export interface Orders {
  /** Work on these tasks and no others. */
  readonly tasks: readonly string[];
  /** The capabilities to join with. */
  readonly can: readonly string[];
}

/** Milliseconds since the Unix epoch with fractions, the same in every process of a machine; for measuring only. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
