/**
 * Which task an agent tries next: agents are ranked per task by rendezvous hashing, so that many idle agents spread
 * over the ready set instead of pouncing on its first task. A choice is a guess, never a right: claims decide.
 */
import { hashText, mixHashes } from "./hash.ts";
import type { AgentId } from "./record.ts";
import type { Task } from "./task.ts";

/** An agent that takes tasks by itself, as far as this replica knows. */
export interface Candidate {
  readonly agent: AgentId;
  readonly capabilities: readonly string[];
  /** Whether it has a free slot now. */
  readonly isIdle: boolean;
}

/** A task to try, and how many others stand before this agent there; 0 means: go at once. */
export interface Choice {
  readonly task: Task;
  readonly rank: number;
}

/** How many ready tasks one choice looks at; bounds its cost at this times the number of candidates. */
const WINDOW = 256;

/** How many of an agent's own tasks it weighs before it picks one of them. */
const SHORTLIST = 8;

/**
 * Chooses what `me` tries next: first a task where it ranks before every other candidate (one of the first few, so that
 * agents who know too little of each other still spread), else the last one in line where it leads the idle ones, else the
 * one where the fewest idle agents stand before it, with that rank.
 *
 * @param ready - ready tasks, best first; only those that `me` may take
 * @param others - the other candidates; `me` left out
 */
export function chooseTask(
  ready: Iterable<Task>,
  me: AgentId,
  others: readonly Candidate[],
): Choice | null {
  const scored = others.map((other) => ({ ...other, hash: hashText(other.agent) }));
  const mine = hashText(me);
  let own: Task | null = null;
  let ownScore = -1;
  let owned = 0;
  let fallback: Choice | null = null;
  let seen = 0;
  let priority = 0;
  for (const task of ready) {
    if (seen > 0 && task.priority !== priority) break;
    priority = task.priority;
    const subject = hashText(task.id);
    const score = mixHashes(mine, subject);
    let isFirst = true;
    let idleBefore = 0;
    for (const other of scored) {
      const rival = mixHashes(other.hash, subject);
      if (rival < score || (rival === score && other.agent > me) || !isCapable(other, task))
        continue;
      isFirst = false;
      if (other.isIdle) idleBefore++;
      // to count on would change nothing
      if (own !== null || (fallback !== null && idleBefore > fallback.rank)) break;
    }
    if (isFirst) {
      if (score > ownScore) {
        own = task;
        ownScore = score;
      }
      if (++owned >= SHORTLIST) break;
    } else if (fallback === null || idleBefore <= fallback.rank) {
      fallback = { task, rank: idleBefore };
    }
    if (++seen >= WINDOW) break;
  }
  return own === null ? fallback : { task: own, rank: 0 };
}

/** How many of `others` stand before `me` on a subject; whoever is at 0 acts first. */
export function rankAmong(me: AgentId, others: Iterable<AgentId>, subject: string): number {
  const hash = hashText(subject);
  const mine = mixHashes(hashText(me), hash);
  let rank = 0;
  for (const other of others) {
    const theirs = mixHashes(hashText(other), hash);
    if (theirs > mine || (theirs === mine && other < me)) rank++;
  }
  return rank;
}

function isCapable(candidate: Candidate, task: Task): boolean {
  return task.requires.every((tag) => candidate.capabilities.includes(tag));
}
