/** Where on a board a task stands, in which order tasks of one place are told, and what is told of each. */
import { compareTasks, type TaskLookup, whyUnready } from "../ready.ts";
import { isLive, isLost, type Task } from "../task.ts";
import { endingItems } from "./history.ts";
import { type BriefDetails, knownFacts, textsOf } from "./item.ts";
import type { TimedTask } from "./lessons.ts";
import { audienceFacts, describeResult, standingOf } from "./standing.ts";

const RESULT_BYTES = 256;

/** The board that a brief is about. */
export interface BriefBoard {
  /** The document name with its generation, such as `docs#1`. */
  readonly name: string;
  /** Finds what a task needs. */
  readonly getTask: TaskLookup;
  /**
   * Whether a task that nobody has claimed is in the ready set. Where left out `whyUnready` is asked, which takes long
   * for long chains of tasks that were added before what they need.
   */
  readonly isReady?: (task: Task) => boolean;
}

/** What a section of the board's brief tells of a task beside its title. */
export type Describe = (task: Task, lookup: TaskLookup) => Omit<BriefDetails, "task">;

/** A section of the board's brief that lists tasks. */
export type Place = "working" | "waiting" | "ready" | "blocked" | "lost" | "completed";

/** Which of them a task belongs to. */
export function placeOf(task: Task, { getTask, isReady }: BriefBoard): Place {
  if (task.state === "completed") return "completed";
  if (isLost(task)) return "lost";
  const isOffered = task.thread.offers.some(({ status }) => status === "open");
  if (isOffered || task.state === "input-required") return "waiting";
  if (task.claims.some(isLive)) return "working";
  const isFree = isReady?.(task) ?? whyUnready(task, getTask) === null;
  return isFree ? "ready" : "blocked";
}

/** The Lamport time of a task's last claim, or of its adding while it has none. */
export function timeOf({ added, claims }: Task): number {
  return claims.reduce((last, { at }) => Math.max(last, at), added.at);
}

/** The more urgent first: by priority, and then by when they were added. */
export function compareUrgent(a: TimedTask, b: TimedTask): number {
  return b.task.priority - a.task.priority || compareTasks(a.task, b.task);
}

/** Tells who works on a task. */
export const describeWorking: Describe = (task) => ({ facts: standingOf(task) });

/** Tells what a task waits for: answers, a review, or somebody who takes it over. */
export const describeWaiting: Describe = (task) => {
  const { inReview, policy, thread } = task;
  const offer = thread.offers.findLast(({ status }) => status === "open");
  return {
    facts: {
      ...standingOf(task),
      ...knownFacts({ resultBy: inReview?.agent }),
      ...audienceFacts("reviewBy", inReview && policy.review?.by),
      ...audienceFacts("offeredTo", offer?.to),
    },
    texts: thread.questions
      .filter(({ answers }) => answers.length === 0)
      .flatMap(({ agent, question }) => textsOf("question", agent, [question])),
  };
};

/** Tells what a claim of a task would be. */
export const describeReady: Describe = ({ priority, nextAttempt, requires, version }) => ({
  facts: knownFacts({
    priority: priority || null,
    nextAttempt: nextAttempt > 1 ? nextAttempt : null,
  }),
  texts: requires.flatMap((text, i) =>
    textsOf(i === 0 ? "needed capabilities" : null, version?.agent ?? null, [text]),
  ),
});

/** Tells what holds a task back. */
export const describeBlocked: Describe = (task, lookup) => {
  const why = whyUnready(task, lookup);
  const by = why?.reason === "blocked" ? why.by : null;
  return {
    facts: knownFacts({
      priority: task.priority || null,
      delayMs: task.thread.delay?.delayMs,
      blockedBy: by,
      whichIs: by && (lookup(by)?.state ?? "unknown"),
    }),
  };
};

/** Tells why a task ended without a result. */
export const describeLost: Describe = (task) => {
  const { attempt, policy, state, thread } = task;
  const isCanceled = state === "canceled";
  const isDead = state === "failed" && thread.spent >= (policy.maxAttempts ?? Infinity);
  const why = endingItems(task).find(
    ({ kind, texts }) =>
      texts.length > 0 && kind !== "reopening" && (kind === "cancellation") === isCanceled,
  );
  return {
    facts: knownFacts({
      state,
      attempt: attempt || null,
      deadLetter: isDead || null,
      failedNeed: thread.failedNeed,
    }),
    texts: why?.texts.map((text) => ({ ...text, label: why.kind })) ?? [],
  };
};

/** Tells what came of a task. */
export const describeCompleted: Describe = (task) =>
  task.completion === null ? {} : describeResult(task.completion, task.id, RESULT_BYTES, "result");
