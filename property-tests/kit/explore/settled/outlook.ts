/**
 * What an agent of the model sees and may do, by production code alone: the fold, the readiness of the task, and the
 * decision on pending claims. Whoever has read the same records sees the same, so each set of records is folded once.
 */
import { foldTask } from "../../../../lib/core/fold.ts";
import { whyUnready } from "../../../../lib/core/ready.ts";
import type { AgentId, LogEntry, TaskId, TaskRecord } from "../../../../lib/core/record.ts";
import { priority } from "../../../../lib/core/rule.ts";
import type { decideSettled, SettleDecision } from "../../../../lib/core/settle.ts";
import { type ClaimStatus, findClaim, isEnded, isLive } from "../../../../lib/core/task.ts";
import { lastClaim, RECORD, recordsOf, type SettledState } from "./state.ts";

/** The decision that a model plays with: the production one, or one that is broken on purpose. */
export type Decide = typeof decideSettled;

/** What follows from a set of records. */
export interface Outlook {
  /** Whether the task may be claimed, and for which attempt. */
  readonly isReady: boolean;
  readonly isEnded: boolean;
  readonly nextAttempt: number;
  /** The attempt for which somebody has to wait. */
  readonly delayed: number | null;
  /** The claims that stand, by the number of their agent and their position. */
  readonly live: readonly { readonly agent: number; readonly n: number }[];
  /** What became of each agent's latest claim; null where it has none. */
  readonly latest: readonly (ClaimStatus | null)[];
  /** What each agent would do about its latest claim, before and after the echo. */
  readonly decisions: readonly {
    readonly before: SettleDecision;
    readonly after: SettleDecision;
  }[];
}

/** Gives an agent's outlook. */
export type Look = (state: SettledState, agent: number) => Outlook;

const TASK = "task" as TaskId;
const ADDED: LogEntry = {
  agent: "anne" as AgentId,
  record: { kind: "added", task: TASK, title: "a task", guarantee: "settled", n: 1, at: 1 },
};

/** Makes the lookout of a model. Its memory grows with the sets of records that somebody can have read. */
export function createLook(decide: Decide): Look {
  const known = new Map<string, Outlook>();
  return (state, agent) => {
    const seen = seenBy(state, agent);
    let outlook = known.get(seen);
    if (outlook === undefined) {
      const logs = seen.split("|");
      outlook = outlookOf(entriesOf(logs), logs, decide);
      known.set(seen, outlook);
    }
    return outlook;
  };
}

/** All that an agent has read, log by log. */
export function seenBy({ peers }: SettledState, agent: number): string {
  const counts = peers[agent]?.known ?? [];
  let seen = "";
  for (const [author, { log }] of peers.entries())
    seen += `${author === 0 ? "" : "|"}${log.slice(0, RECORD * (counts[author] ?? 0))}`;
  return seen;
}

/** What follows from the entries of some logs. */
export function outlookOf(
  entries: readonly LogEntry[],
  logs: readonly string[],
  decide: Decide,
): Outlook {
  const task = foldTask(TASK, [ADDED, ...entries], { rule: priority, capabilitiesOf: () => [] });
  if (task === null) throw new Error("the task of the model was added");
  const mine = logs.map((log, i) => ({ agent: nameOf(i), n: lastClaim(log) }));
  return {
    isReady: whyUnready(task, () => undefined) === null,
    isEnded: isEnded(task),
    nextAttempt: task.nextAttempt,
    delayed: task.thread.delay?.attempt ?? null,
    live: mine.flatMap(({ agent }, i) =>
      task.claims.flatMap((one) =>
        one.agent === agent && isLive(one) ? [{ agent: i, n: one.n }] : [],
      ),
    ),
    latest: mine.map((ref) => findClaim(task, ref)?.status ?? null),
    decisions: mine.map((ref) => ({
      before: decide(task, ref, false),
      after: decide(task, ref, true),
    })),
  };
}

/**
 * The entries of some logs, in an order in which every cause comes before its effects, and numbered one by one. Any other
 * Lamport times that respect causes would do: a law of ours says that they change nothing.
 */
export function entriesOf(logs: readonly string[]): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  const rest = logs.map((log) => [...recordsOf(log)]);
  const placed = logs.map(() => 0);
  const isDue = (text: string): boolean => {
    if (text[0] === "x")
      return (placed[Number(text[1])] ?? 0) >= Number.parseInt(text[2] ?? "", 36);
    return text[0] !== "w" || !rest.some((log) => log.includes(`f${Number(text[1]) - 1}.`));
  };
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    for (const [author, log] of rest.entries())
      while (log[0] !== undefined && isDue(log[0])) {
        const n = (placed[author] ?? 0) + 1;
        placed[author] = n;
        const whole = (logs[author] ?? "").slice(0, RECORD * n);
        entries.push(entryOf(author, n, log.shift() ?? "", entries.length + 2, whole));
        isMoving = true;
      }
  }
  return entries;
}

function entryOf(author: number, n: number, text: string, at: number, log: string): LogEntry {
  return {
    agent: nameOf(author),
    record: { ...bodyOf(text, lastClaim(log)), task: TASK, n, at } as TaskRecord,
  };
}

function bodyOf(text: string, claim: number): object {
  const [kind, first, second] = text;
  switch (kind) {
    case "c":
      // the rule of the model prefers whatever the model has put first: higher priorities go before
      return {
        kind: "claimed",
        guarantee: "settled",
        attempt: Number(first),
        priority: -Number(second),
      };
    case "x":
      return {
        kind: "expired",
        holder: nameOf(Number(first)),
        claim: Number.parseInt(second ?? "", 36),
      };
    case "w":
      return { kind: "waited", attempt: Number(first) };
    case "f":
      return { kind: "failed", claim, error: "broken", retryAfterMs: 1000 };
    default:
      return { kind: CLOSINGS[kind as keyof typeof CLOSINGS], claim };
  }
}

const CLOSINGS = { k: "confirmed", y: "yielded", r: "released", d: "completed" } as const;

function nameOf(agent: number): AgentId {
  return `agent-${agent}` as AgentId;
}
