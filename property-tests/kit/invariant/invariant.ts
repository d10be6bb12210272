/** The invariants that the simulator holds the library to, by name, and how a broken one is told. */

/** An invariant of the simulator; each is a rule of docs/spec.md, section Z. */
export type Invariant =
  /** Replicas with the same records have the same state, and the document's content, clocks and deletions agree. */
  | "convergence"
  /** The state is what a second, plain reading of all records gives. */
  | "reference"
  /** What was acknowledged is there: after a crash on its own disk, in the end everywhere. */
  | "durability"
  /** A restarted process comes back with a prefix of each log that it had. */
  | "restart"
  /** No agent, position or client id is used twice. */
  | "unique-ids"
  /** What an agent writes comes after all that it has seen. */
  | "causality"
  /** A task's attempt never goes back, and neither does the one that is open. */
  | "monotone"
  /** Whoever still works when all is quiet holds the task, and everybody says so. */
  | "one-winner"
  /** A completed task stays completed, and its result gives way to none of a lower attempt. */
  | "one-result"
  /** No agent claims while it sees a live claim. */
  | "double-claim"
  /** Events are the difference of snapshots, none is missed, and the last word on each task is the right one. */
  | "events"
  /** Under `settled` no two work on one attempt while all share one relay that keeps its memory. */
  | "one-executor"
  /** Once faults have ended nobody holds a task whose agent is gone. */
  | "orphan"
  /** Once faults have ended every call is answered, and what is ready can be claimed and completed. */
  | "progress"
  /** When nothing comes in, nothing more is written. */
  | "finite"
  /** Nothing is thrown, or reported as a fault, that the schedule does not explain. */
  | "fault"
  /** The same schedule gives the same trace. */
  | "deterministic";

/** A broken invariant. */
export interface Violation {
  readonly invariant: Invariant;
  /** What was expected where, and what was found. */
  readonly sentence: string;
  /** Before which step it was found; the number of steps where it was after the last. */
  readonly step: number;
  /** The world's milliseconds. */
  readonly atMs: number;
}
