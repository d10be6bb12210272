/** Every public name of `stigmergy`. */
export * as Y from "yjs";
export type { Agent, NewTask, TaskEdit } from "./agent/agent.ts";
export { type Board, type BoardOptions, type JoinOptions, openBoard } from "./agent/board.ts";
export { type BriefOptions, brief } from "./agent/brief.ts";
export type {
  Claim,
  ClosingOutcome,
  CompleteOptions,
  CompletionOutcome,
  TaskInput,
} from "./agent/claim/claim.ts";
export type { ClaimOptions, ClaimOutcome, ClaimRefusal } from "./agent/claim/claiming.ts";
export type { HandoffOptions, HandoffOutcome, OfferOutcome } from "./agent/claim/handoff.ts";
export type { LossReason } from "./agent/claim/loss.ts";
export type { AskOutcome } from "./agent/claim/question.ts";
export type { EventFilter } from "./agent/event-stream.ts";
export { taskIdOfKey } from "./agent/ids.ts";
export type { ImportOutcome } from "./agent/import.ts";
export type { NextOptions } from "./agent/next.ts";
export type { ReopenOutcome, ResponseOutcome, Verdict } from "./agent/respond.ts";
export { systemClock, systemRandom } from "./agent/system.ts";
export type { WorkHandler, WorkOptions } from "./agent/work.ts";
export { formatAudience, isAddressed } from "./core/audience.ts";
export type {
  Brief,
  BriefFacts,
  BriefItem,
  BriefItemKind,
  BriefJson,
  BriefLabel,
  BriefLimit,
  BriefOmission,
  BriefSection,
  BriefText,
} from "./core/brief.ts";
export { CoordinationError, type CoordinationErrorCode } from "./core/error.ts";
export type { BoardEvent, TaskEvent } from "./core/event.ts";
export type { Explanation } from "./core/explain.ts";
export type { HistoryEntry, Ledger } from "./core/history.ts";
export { checkPacket } from "./core/packet.ts";
export { exportTasks, type PortableTask } from "./core/portable.ts";
export { findCycle, type TaskLookup, type Unready, whyUnready } from "./core/ready.ts";
export {
  type Added,
  type AgentId,
  type Answered,
  type Artifact,
  type Asked,
  type Audience,
  type Basis,
  type Cancelled,
  type Claimed,
  type ClaimWeights,
  type Completed,
  type Confirmed,
  type Declined,
  type Edited,
  type Expired,
  type Failed,
  formatRef,
  GENERATION,
  type Guarantee,
  type Json,
  type NeedFailed,
  type NeedPolicy,
  type Noted,
  type NoteKind,
  type Offered,
  type Packet,
  type Queued,
  type RecordBase,
  type RecordRef,
  type Rejected,
  type Released,
  type Reopened,
  type RetryDelay,
  type Reviewed,
  type ReviewPolicy,
  type TaskFields,
  type TaskId,
  type TaskPolicy,
  type TaskRecord,
  type Unqueued,
  type Waited,
  type Withdrawn,
  type Yielded,
} from "./core/record.ts";
export {
  builtInRules,
  type ClaimFacts,
  earliest,
  fairShare,
  formatRule,
  leastLoaded,
  priority,
  type Rule,
  type RuleContext,
  rendezvous,
} from "./core/rule.ts";
export { findStale, type StaleInput } from "./core/stale.ts";
export {
  type ClaimStatus,
  type Completion,
  dependenciesOf,
  type Failure,
  type IgnoredRecord,
  type IgnoreReason,
  isEnded,
  isLive,
  isLost,
  type Note,
  type Offer,
  type Question,
  type Review,
  type Task,
  type TaskClaim,
  type TaskState,
  type TaskThread,
} from "./core/task.ts";
export type { Clock, Random } from "./replica/clock.ts";
export type { Quotas } from "./replica/quota.ts";
export type { BoardChange } from "./replica/replica.ts";
export { type AgentKey, createAgentKey } from "./replica/signing/agent-key.ts";
export { verifyLog } from "./replica/signing/verify-log.ts";
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
