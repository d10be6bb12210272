/** How a task stands, as the page sorts and names it: may it be claimed, and if not, why not. */
import {
  isLive,
  isLost,
  type Task,
  type TaskId,
  type TaskLookup,
  whyUnready,
} from "../../lib/index.ts";

/** The lists of the page; each task is in one of them. */
export type Section = "ready" | "withheld" | "working" | "ended";

/** What a task is called in a list. */
export type StandingLabel =
  | "ready"
  | "blocked"
  | "delayed"
  | "in review"
  | "asks"
  | "offered"
  | "resource"
  | "dead letter"
  | "claiming"
  | "held"
  | "done"
  | "failed"
  | "canceled"
  | "rejected";

/** How one task stands. */
export interface Standing {
  readonly section: Section;
  readonly label: StandingLabel;
  /** The need or child that holds it back. */
  readonly by: TaskId | null;
  /** In words, who holds the resource that it waits for. */
  readonly obstacle: string | null;
}

/**
 * Judges a task.
 *
 * @param obstacleOf - says which resource a task that names some waits for, or null
 */
export function standingOf(
  task: Task,
  lookup: TaskLookup,
  obstacleOf: (task: Task) => string | null,
): Standing {
  const why = whyUnready(task, lookup);
  if (why === null) {
    const obstacle = task.policy.resources === undefined ? null : obstacleOf(task);
    return obstacle === null
      ? stand("ready", "ready")
      : stand("withheld", "resource", { obstacle });
  }
  switch (why.reason) {
    case "ended":
      return ending(task);
    case "in-review":
      return stand("withheld", "in review");
    case "delayed":
      return stand("withheld", "delayed");
    case "blocked":
      return stand("withheld", "blocked", { by: why.by });
    case "claimed":
      return inWork(task);
  }
}

function inWork({ state, thread, claims }: Task): Standing {
  if (state === "input-required") return stand("withheld", "asks");
  if (thread.offers.some(({ status }) => status === "open")) return stand("withheld", "offered");
  const isHeld = claims.some((claim) => isLive(claim) && claim.status === "held");
  return stand("working", isHeld ? "held" : "claiming");
}

function ending(task: Task): Standing {
  const { state, policy, thread } = task;
  if (!isLost(task)) return stand("ended", "done");
  if (state === "canceled" || state === "rejected") return stand("ended", state);
  const isDeadLetter = policy.maxAttempts !== undefined && thread.spent >= policy.maxAttempts;
  return isDeadLetter ? stand("withheld", "dead letter") : stand("ended", "failed");
}

function stand(
  section: Section,
  label: StandingLabel,
  more: Partial<Pick<Standing, "by" | "obstacle">> = {},
): Standing {
  return { section, label, by: null, obstacle: null, ...more };
}
