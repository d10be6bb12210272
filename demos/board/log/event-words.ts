/** What happened, in sentences. */
import type { AgentId, BoardEvent, TaskEvent, TaskId } from "../../../lib/index.ts";

/** How agents and tasks are called. */
export interface Names {
  agent(id: AgentId): string;
  task(id: TaskId): string;
}

/** Tells an event. */
export function eventWords(event: BoardEvent, names: Names): string {
  const who = event.agent === null ? "somebody" : names.agent(event.agent);
  switch (event.kind) {
    case "agent-joined":
      return `${who} joined.`;
    case "agent-left":
      return `${who} left.`;
    case "agent-stalled":
      return `This page stood still for ${Math.round(event.stalledMs / 1000)} s.`;
    case "record-rejected":
      return `A record${event.agent === null ? "" : ` of ${who}`} was set aside: ${event.reason}.`;
    default:
      return taskWords(event, who, `“${names.task(event.task)}”`);
  }
}

function taskWords(event: TaskEvent, who: string, what: string): string {
  const nth = event.attempt > 1 ? `, attempt ${event.attempt}` : "";
  if (event.kind === "winner-changed")
    return event.agent === null ? `Nobody leads ${what} any more.` : `${who} leads ${what}${nth}.`;
  if (event.kind === "record-ignored")
    return `A record of ${who} about ${what} is no legal move (${event.reason}).`;
  return WORDS[event.kind](who, what, nth);
}

type Words = (who: string, what: string, nth: string) => string;

const WORDS: Readonly<
  Record<Exclude<TaskEvent["kind"], "winner-changed" | "record-ignored">, Words>
> = {
  "task-added": (who, what) => `${who} added ${what}.`,
  "task-edited": (_, what) => `${what} was edited.`,
  "task-noted": (who, what) => `${who} left a note on ${what}.`,
  "task-claimed": (who, what, nth) => `${who} claimed ${what}${nth}.`,
  "claim-confirmed": (who, what, nth) => `${who} holds ${what}${nth}: confirmed.`,
  "claim-yielded": (who, what, nth) => `${who} yielded ${what}${nth}.`,
  "claim-released": (who, what) => `${who} gave ${what} back.`,
  "claim-expired": (who, what) => `${who} was silent for too long and lost ${what}.`,
  "claim-superseded": (who, what) => `${who}'s claim of ${what} is superseded by a later attempt.`,
  "claim-failed": (who, what, nth) => `${who} failed at ${what}${nth}.`,
  "task-completed": (who, what) => `${who} completed ${what}.`,
  "result-superseded": (who, what) => `The result of ${who} for ${what} replaced another.`,
  "alternate-added": (who, what) => `${who} handed in another result for ${what}; it is kept.`,
  "task-failed": (_, what) => `${what} failed.`,
  "task-canceled": (_, what) => `${what} was called off.`,
  "task-rejected": (_, what) => `${what} was rejected: it is not to be done.`,
  "task-reopened": (who, what) => `${who} reopened ${what}.`,
  "claim-handed-off": (who, what) => `${who} handed ${what} over.`,
  "claim-rejected": (who, what) => `${who} said that ${what} is not to be done.`,
  "question-asked": (who, what) => `${who} asks a question about ${what}.`,
  "question-answered": (who, what) => `${who} answered a question about ${what}.`,
  "offer-made": (who, what) => `${who} offers ${what}.`,
  "offer-declined": (who, what) => `${who} declined ${what}.`,
  "offer-withdrawn": (who, what) => `${who} took the offer of ${what} back.`,
  "packet-passed": (who, what) => `${who} passed on what is known about ${what}.`,
  "review-requested": (who, what) => `${who} handed in ${what} for review.`,
  "result-reviewed": (who, what) => `${who} reviewed ${what}.`,
  "attempt-delayed": (_, what) => `${what} waits before its next attempt.`,
  "child-added": (_, what) => `${what} got a child.`,
};
