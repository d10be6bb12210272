/** Who works on what, and how much of it is done twice: counted in the same way for the library and for the naive lock. */

/** A count that each side of the race keeps. */
export interface WorkMeter {
  /** How often an agent began with a task that another one was working on, or had done. */
  readonly doubleStarts: number;
  /** Who works on what now, as `task` and `node`. */
  readonly atWork: readonly { readonly task: number; readonly node: number }[];
  /** How long tasks had more than one agent at work on them, each further agent counted. */
  doubledMs(now: number): number;
  /** The agent begins with an attempt at a task, or goes on with it. */
  start(task: number, node: number, at: number, attempt: number): void;
  /** The agent stops; where it `isDone`, whoever starts with the same attempt later does it again. */
  stop(task: number, node: number, at: number, isDone: boolean): void;
}

/** Makes a meter that has seen no work. */
export function createWorkMeter(): WorkMeter {
  const attemptByNode = new Map<number, Map<number, number>>(); // by task
  const doneAttempt = new Map<number, number>();
  let doubleStarts = 0;
  let doubledMs = 0;
  let since = 0;

  const surplus = (): number =>
    [...attemptByNode.values()].reduce((sum, nodes) => sum + Math.max(nodes.size - 1, 0), 0);
  const countUpTo = (at: number): void => {
    doubledMs += surplus() * (at - since);
    since = at;
  };

  return {
    get doubleStarts() {
      return doubleStarts;
    },
    get atWork() {
      return [...attemptByNode].flatMap(([task, nodes]) =>
        [...nodes.keys()].map((node) => ({ task, node })),
      );
    },
    doubledMs: (now) => doubledMs + surplus() * Math.max(now - since, 0),
    start(task, node, at, attempt) {
      const nodes = attemptByNode.get(task) ?? new Map<number, number>();
      if (nodes.has(node)) return;
      countUpTo(at);
      if (nodes.size > 0 || (doneAttempt.get(task) ?? 0) >= attempt) doubleStarts++;
      attemptByNode.set(task, nodes.set(node, attempt));
    },
    stop(task, node, at, isDone) {
      const attempt = attemptByNode.get(task)?.get(node);
      if (attempt === undefined) return;
      countUpTo(at);
      attemptByNode.get(task)?.delete(node);
      if (isDone) doneAttempt.set(task, Math.max(attempt, doneAttempt.get(task) ?? 0));
    },
  };
}
