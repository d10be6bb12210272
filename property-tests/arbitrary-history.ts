/**
 * Arbitrary histories of one task: some agents write, knowing much or little of each other, what is plausible or not.
 * Steps are small numbers and their interpreter is total, so every part of a history is a history too, and shrinks.
 */
import fc from "fast-check";
import type { FoldContext } from "../lib/core/contest.ts";
import { foldTask } from "../lib/core/fold.ts";
import {
  type AgentId,
  compareEntries,
  formatRef,
  type LogEntry,
  type RecordRef,
  type TaskRecord,
} from "../lib/core/record.ts";
import { earliest, type Rule, rendezvous } from "../lib/core/rule.ts";
import type { Task } from "../lib/core/task.ts";
import { TASK } from "./log-book.ts";

/** One act of one agent. */
interface Step {
  readonly agent: number;
  readonly act: number;
  readonly pick: number;
  /** Whether the author has seen all that went before, or only what it wrote itself. */
  readonly hasSeenAll: boolean;
}

/** What some agents wrote about one task, each log in its order, in one order in which it may have happened. */
export interface History {
  readonly entries: readonly LogEntry[];
  readonly context: FoldContext;
}

const AGENTS = ["ana", "bob", "cyd", "dan", "eve"] as AgentId[];
const TAGS = [[], ["ts"], ["sql"], ["ts", "sql"]] as const;

/** Any history by two to five agents. */
export const anyHistory: fc.Arbitrary<History> = fc
  .record({
    agentCount: fc.integer({ min: 2, max: 5 }),
    rule: fc.constantFrom(earliest, rendezvous),
    // settled or not, with or without requirements: what the task asks for shapes all that follows
    wish: fc.nat(7),
    steps: fc.array(
      fc.record({ agent: fc.nat(4), act: fc.nat(31), pick: fc.nat(63), hasSeenAll: fc.boolean() }),
      { maxLength: 40, size: "max" },
    ),
  })
  .map(writeHistory);

function writeHistory(plan: {
  readonly agentCount: number;
  readonly rule: Rule;
  readonly wish: number;
  readonly steps: readonly Step[];
}): History {
  const entries: LogEntry[] = [];
  const context: FoldContext = {
    rule: plan.rule,
    capabilitiesOf: (agent) => TAGS[(AGENTS.indexOf(agent) + 3) % TAGS.length],
  };
  const lengths = new Map<AgentId, number>();
  const clocks = new Map<AgentId, number>();
  let highest = 0;

  const write = (agent: AgentId, hasSeenAll: boolean, body: object): void => {
    const n = (lengths.get(agent) ?? 0) + 1;
    const at = (hasSeenAll ? highest : (clocks.get(agent) ?? 0)) + 1;
    lengths.set(agent, n);
    clocks.set(agent, at);
    highest = Math.max(highest, at);
    entries.push({ agent, record: { ...body, task: TASK, n, at } as TaskRecord });
  };

  write("ana" as AgentId, true, {
    kind: "added",
    title: "a task",
    ...(plan.wish & 1 ? { guarantee: "settled" } : {}),
    ...(plan.wish & 2 ? { requires: TAGS[plan.wish >> 1] } : {}),
  });
  for (const step of plan.steps) {
    const agent = AGENTS[step.agent % plan.agentCount] ?? ("ana" as AgentId);
    write(agent, step.hasSeenAll, bodyOf(agent, step, { entries, context }));
  }
  return { entries, context };
}

/** What an agent writes at a step; on half the steps what fits the task as all records together show it. */
function bodyOf(agent: AgentId, { act, pick }: Step, history: History): object {
  const task = foldEntries(history.entries, history);
  const own = claimsIn(history.entries.filter((entry) => entry.agent === agent));
  // a claim that there is, or now and then any number
  const claim = pick % 8 === 7 || own.length === 0 ? pick : (own[pick % own.length]?.n ?? pick);
  if (act < 6) return plausibleClaim(task);
  if (act < 9) return anyClaim(pick, history.entries);
  if (act < 13) return { kind: "confirmed", claim: own.at(-1)?.n ?? pick };
  if (act < 14) return { kind: "confirmed", claim };
  if (act < 16) return { kind: "yielded", claim };
  if (act < 18) return { kind: "released", claim };
  if (act < 21) return { kind: "failed", claim, error: "broken", retryable: pick % 3 !== 0 };
  if (act < 24) return { kind: "completed", claim, result: history.entries.length };
  if (act < 27) return expiry(pick, history.entries);
  if (act < 28) return { kind: "cancelled" };
  if (act < 29) return { kind: "noted", text: `note ${pick}` };
  if (act < 30) return edit(pick);
  return {
    kind: "added",
    title: `again ${pick}`,
    ...(pick & 1 ? { guarantee: "settled" } : {}),
    ...(pick & 2 ? { requires: TAGS[(pick >> 2) % 4] } : {}),
  };
}

function plausibleClaim(task: Task | null): object {
  return {
    kind: "claimed",
    attempt: task?.nextAttempt ?? 1,
    guarantee: task?.guarantee ?? "optimistic",
    ...(task?.version ? { version: formatRef(task.version) } : {}),
  };
}

function anyClaim(pick: number, entries: readonly LogEntry[]): object {
  const named = entries[pick % entries.length];
  return {
    kind: "claimed",
    attempt: 1 + (pick % 4),
    guarantee: pick & 4 ? "settled" : "optimistic",
    ...(pick & 8 && named ? { version: formatRef({ agent: named.agent, n: named.record.n }) } : {}),
  };
}

function expiry(pick: number, entries: readonly LogEntry[]): object {
  const claims = claimsIn(entries);
  const victim = claims[pick % (claims.length || 1)];
  return victim === undefined || pick > 55
    ? { kind: "expired", holder: AGENTS[pick % 5], claim: pick % 9 }
    : { kind: "expired", holder: victim.agent, claim: victim.n };
}

function edit(pick: number): object {
  const edits = [
    { title: `title ${pick}` },
    { body: `body ${pick}`, priority: pick },
    { requires: TAGS[(pick >> 2) % 4] },
    { needs: [TASK] },
  ];
  return { kind: "edited", ...edits[pick % 4] };
}

function claimsIn(entries: readonly LogEntry[]): RecordRef[] {
  return entries
    .filter(({ record }) => record.kind === "claimed")
    .map(({ agent, record }) => ({ agent, n: record.n }));
}

/** Folds entries given in any order. */
export function foldEntries(
  entries: readonly LogEntry[],
  { context }: Pick<History, "context">,
): Task | null {
  return foldTask(TASK, [...entries].sort(compareEntries), context);
}

/** One order in which the entries of some logs may arrive: any, but each log in its own order. */
export function interleave(entries: readonly LogEntry[], picks: readonly number[]): LogEntry[] {
  const logs = [...new Set(entries.map((entry) => entry.agent))].map((agent) =>
    entries.filter((entry) => entry.agent === agent),
  );
  const arrived: LogEntry[] = [];
  for (let i = 0; logs.length > 0; i++) {
    const place = (picks[i % picks.length] ?? 0) % logs.length;
    const log = logs[place] ?? [];
    arrived.push(...log.splice(0, 1));
    if (log.length === 0) logs.splice(place, 1);
  }
  return arrived;
}
