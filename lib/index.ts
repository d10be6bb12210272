/** Every public name of `stigmergy`. */
export * as Y from "yjs";
export type { Agent, NewTask, TaskEdit } from "./agent/agent.ts";
export { type Board, type BoardOptions, type JoinOptions, openBoard } from "./agent/board.ts";
export type { Claim, ClosingOutcome, CompletionOutcome, LossReason } from "./agent/claim.ts";
export type { ClaimOptions, ClaimOutcome, ClaimRefusal } from "./agent/claiming.ts";
export type { EventFilter } from "./agent/event-stream.ts";
export { taskIdOfKey } from "./agent/ids.ts";
export { systemClock, systemRandom } from "./agent/system.ts";
export type { WorkHandler, WorkOptions } from "./agent/work.ts";
export { CoordinationError, type CoordinationErrorCode } from "./core/error.ts";
export type { BoardEvent, TaskEvent } from "./core/event.ts";
export type { Explanation } from "./core/explain.ts";
export { findCycle, type TaskLookup, type Unready, whyUnready } from "./core/ready.ts";
export {
  type AgentId,
  formatRef,
  GENERATION,
  type Guarantee,
  type Json,
  type RecordRef,
  type TaskId,
} from "./core/record.ts";
export {
  type ClaimFacts,
  earliest,
  formatRule,
  type Rule,
  type RuleContext,
  rendezvous,
} from "./core/rule.ts";
export {
  type ClaimStatus,
  type Completion,
  type Failure,
  isEnded,
  isLive,
  type Note,
  type Task,
  type TaskClaim,
  type TaskState,
} from "./core/task.ts";
export type { Clock, Random } from "./replica/clock.ts";
export type { BoardChange } from "./replica/replica.ts";
export {
  type AgentView,
  countTasks,
  getTask,
  listTasks,
  type Snapshot,
  type TaskBucket,
  type TaskChange,
  type TaskGrid,
  tasksOf,
} from "./replica/snapshot.ts";
export type { BoardStore, Storage } from "./replica/storage.ts";
export type {
  Connection,
  ConnectionStatus,
  Presence,
  ReplicaLink,
  Transport,
  TransportCapabilities,
} from "./replica/transport.ts";
