/** Every public name of `stigmergy/testing`. */
export type { Contention, Rival } from "../../lib/core/contention.ts";
export type { Deadlock } from "../../lib/core/deadlock.ts";
export type { PendingRef, SettleDecision } from "../../lib/core/settle.ts";
export * from "./contracts.ts";
export {
  type Break,
  type Exploration,
  type ExploreOptions,
  explore,
  type Model,
  type Trace,
  type Verdict,
} from "./explore/explore.ts";
export { type FormatTraceOptions, formatTrace } from "./explore/format-trace.ts";
export { type SettledBreak, settledBreaks } from "./explore/settled/breaks.ts";
export type { Decide } from "./explore/settled/outlook.ts";
export type { Budget, Peer, SettledState } from "./explore/settled/state.ts";
export { type PlainAct, type SettledStep, tellSettledStep } from "./explore/settled/steps.ts";
export { type SettledOptions, settledModel } from "./explore/settled-model.ts";
export type { Invariant, Violation } from "./invariant/invariant.ts";
export { foldPlainly, type ReferenceTask } from "./invariant/reference-fold.ts";
export { type DiagramOptions, formatDiagram } from "./report/diagram.ts";
export {
  type Failure,
  formatFailure,
  formatSituations,
  tellSetup,
} from "./report/failure-report.ts";
export { type Replay, replaySchedule, type Subject } from "./report/replay-schedule.ts";
export { formatSaved, readSaved, type SavedFailure } from "./report/saved-failure.ts";
export { LAWS_FORMAT, type SavedLaw, type SavedLaws, savedLawsOf } from "./report/saved-laws.ts";
export { type SavedSchedule, type SavedSubject, SCHEDULE_FORMAT } from "./report/saved-schedule.ts";
export { checkRule, type RuleCheckOptions, replayRule } from "./rule/check-rule.ts";
export { type PlayedContest, type RuleLaw, ruleLaws } from "./rule/law.ts";
export { completeRule, type RuleLike, readRule } from "./rule/read-rule.ts";
export { formatRuleReport, type LawVerdict, type RuleReport } from "./rule/rule-report.ts";
export type { SavedCase, SavedClaim, SavedNumber } from "./rule/saved-case.ts";
export { anySchedule, type ScheduleOptions } from "./simulator/any-schedule.ts";
export { type SimulationResult, simulate } from "./simulator/simulate.ts";
export type {
  AgentProgram,
  Hand,
  ProgramContext,
  SimulatedProcess,
} from "./simulator/simulated-process.ts";
export {
  type Simulation,
  type SimulationOptions,
  startSimulation,
  type TraceEntry,
} from "./simulator/simulation.ts";
export { SITUATIONS, type Situation, type SituationCounts } from "./simulator/situation.ts";
export {
  LEASE_MS,
  NODE_NAMES,
  type Schedule,
  type Setup,
  type Step,
  tellStep,
} from "./simulator/step.ts";
export { type FoundBreak, type VerifyOptions, type VerifyReport, verify } from "./verify.ts";
