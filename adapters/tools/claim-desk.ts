/** The claims of one agent as its tools see them: held, lost but with a result still to come, or not decided yet. */
import type { Agent, Claim, ClaimOutcome, TaskId } from "../../lib/index.ts";
import type { ChangeLog } from "./change-log.ts";

/** A claim under way: of one task, or of whichever comes next; null when nothing was left to claim. */
export interface Claiming {
  readonly outcome: Promise<ClaimOutcome | null>;
  /** Gives up while it is not decided. */
  readonly abort: () => void;
}

/** Keeps the handles between calls. */
export interface ClaimDesk {
  /** The claim of a task: held, else the last one that was lost; undefined where there is none. */
  find(task: TaskId): Claim | undefined;
  isHeld(task: TaskId): boolean;
  /** Forgets a claim that this agent has ended. */
  drop(task: TaskId): void;
  /** The claim under way of this task, or for null of whichever comes next; started where there is none. */
  claiming(task: TaskId | null, start: (signal: AbortSignal) => Claiming["outcome"]): Claiming;
  /** Forgets a claim that was under way: whoever waited for it knows how it ended. */
  settle(task: TaskId | null): void;
}

const MAX_LOST = 100;

/** Makes the desk of an agent; losses are told to `changes`. */
export function createClaimDesk(agent: Agent, changes: ChangeLog): ClaimDesk {
  const handles = new Map<TaskId, Claim>();
  const underWay = new Map<TaskId | null, Claiming>();
  const heldOf = (task: TaskId): Claim | undefined =>
    agent.held().find((claim) => claim.task.id === task);

  const keep = (claim: Claim): void => {
    const { id } = claim.task;
    handles.delete(id);
    handles.set(id, claim);
    const [oldest] = handles.keys();
    if (handles.size > MAX_LOST && oldest !== undefined && heldOf(oldest) === undefined)
      handles.delete(oldest);
    claim.signal.addEventListener("abort", () => {
      const isLast = handles.get(id) === claim;
      if (isLast)
        changes.push({ what: "claim-lost", task_id: id, by: null, reason: claim.signal.reason });
    });
  };

  return {
    find: (task) => heldOf(task) ?? handles.get(task),
    isHeld: (task) => heldOf(task) !== undefined,
    drop: (task) => void handles.delete(task),
    claiming(task, start) {
      const known = underWay.get(task);
      if (known !== undefined) return known;
      const controller = new AbortController();
      const outcome = start(controller.signal).then((decided) => {
        if (decided?.ok) keep(decided.claim);
        return decided;
      });
      outcome.catch(() => {}); // told to whoever asks next
      const claiming = { outcome, abort: () => controller.abort() };
      underWay.set(task, claiming);
      return claiming;
    },
    settle: (task) => void underWay.delete(task),
  };
}
