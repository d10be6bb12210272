/** Why a task stands as it does, in a few words for one line of a list. */
import { type AgentId, formatAudience, type Task, type TaskId } from "../../../lib/index.ts";
import { agentName, clip } from "../live/texts.ts";
import type { Names } from "../log/event-words.ts";
import type { Standing, StandingLabel } from "../standing.ts";

/** The sign before each label, so that no color is needed to tell them apart. */
export const SIGNS: Readonly<Record<StandingLabel, string>> = {
  ready: "○",
  blocked: "⊘",
  delayed: "◷",
  "in review": "◎",
  asks: "?",
  offered: "⇄",
  resource: "▣",
  "dead letter": "✉",
  claiming: "◌",
  held: "◐",
  done: "✓",
  failed: "✕",
  canceled: "⊖",
  rejected: "⊗",
};

/** Tells why. */
export function standingWords(task: Task, standing: Standing, names: Names): string {
  const { winner, inReview, completion, thread, policy } = task;
  const holder = winner === null ? "somebody" : names.agent(winner.agent);
  switch (standing.label) {
    case "ready":
      return task.requires.length === 0
        ? task.nextAttempt === 1
          ? "anybody may claim it"
          : `anybody may claim attempt ${task.nextAttempt}`
        : `for who can ${task.requires.map((one) => clip(one, 24)).join(", ")}`;
    case "blocked":
      return standing.by === null ? "waits for a need" : `waits for ${names.task(standing.by)}`;
    case "delayed":
      return `attempt ${thread.delay?.attempt ?? task.nextAttempt} opens after ${thread.delay?.delayMs ?? 0} ms`;
    case "in review": {
      const { by, approvals = 1 } = policy.review ?? {};
      const given = inReview?.reviews?.length ?? 0;
      const who = by === undefined ? "anybody" : clip(formatAudience(by), 40);
      return `the result of ${nameOf(inReview?.agent, names)} awaits review by ${who}${approvals > 1 ? `, ${given} of ${approvals}` : ""}`;
    }
    case "asks":
      return `${holder} waits for an answer`;
    case "offered": {
      const open = thread.offers.find(({ status }) => status === "open");
      return `${holder} offers it to ${open === undefined ? "somebody" : clip(formatAudience(open.to), 40)}`;
    }
    case "resource":
      return clip(resourceWords(standing.obstacle ?? "", names), 120);
    case "dead letter":
      return `${thread.spent} of ${policy.maxAttempts ?? thread.spent} attempts are spent; reopen it to try again`;
    case "claiming":
      return `${holder} leads; not confirmed yet`;
    case "held":
      return `${holder} holds it${task.attempt > 1 ? `, attempt ${task.attempt}` : ""}`;
    case "done":
      return `by ${nameOf(completion?.agent, names)}`;
    default:
      return thread.cancelReason === null ? "" : clip(thread.cancelReason, 80);
  }
}

/** The library's own sentence, "Waits for <resource>, which <agent> holds for <task>.", with names. */
function resourceWords(sentence: string, names: Names): string {
  const [, resource = "", agent = "", task = ""] =
    /^Waits for (.+), which (\S+) holds for (\S+)\./u.exec(sentence) ?? [];
  if (task === "") return sentence;
  return `waits for ${clip(resource, 40)}, which ${agentName(agent)} holds for ${names.task(task as TaskId)}`;
}

function nameOf(agent: AgentId | undefined, names: Names): string {
  return agent === undefined ? "somebody" : names.agent(agent);
}
