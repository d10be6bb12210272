/**
 * Arbitrary histories of one task: some agents write, knowing much or little of each other, what is plausible or not.
 * Steps are small numbers and their interpreter is total, so every part of a history is a history too, and shrinks.
 */
import fc from "fast-check";
import type { FoldContext } from "../lib/core/contender.ts";
import { foldTask } from "../lib/core/fold.ts";
import {
  type AgentId,
  compareEntries,
  type LogEntry,
  type TaskRecord,
} from "../lib/core/record.ts";
import { earliest, type Rule, rendezvous } from "../lib/core/rule.ts";
import type { Task } from "../lib/core/task.ts";
import { AGENTS, DECKS, TAGS, wishOf } from "./arbitrary-act.ts";
import { TASK } from "./kit/log-book.ts";
import { runs } from "./runs.ts";

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

/** Any history by two to five agents. */
export const anyHistory: fc.Arbitrary<History> = fc
  .record({
    agentCount: fc.integer({ min: 2, max: 5 }),
    rule: fc.constantFrom(earliest, rendezvous),
    // what the task asks for shapes all that follows
    wish: fc.nat(63),
    deck: fc.constantFrom(...DECKS),
    steps: fc.array(
      fc.record({
        agent: fc.nat(4),
        act: fc.nat(9999),
        pick: fc.nat(127),
        hasSeenAll: fc.boolean(),
      }),
      { maxLength: 40, size: "max" },
    ),
  })
  .map(writeHistory);

function writeHistory(plan: {
  readonly agentCount: number;
  readonly rule: Rule;
  readonly wish: number;
  readonly deck: (typeof DECKS)[number];
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
    entries.push({ agent, record: { task: TASK, ...body, n, at } as TaskRecord });
  };

  write("ana" as AgentId, true, { kind: "added", title: "a task", ...wishOf(plan.wish) });
  for (const { agent: number, act, pick, hasSeenAll } of plan.steps) {
    const agent = AGENTS[number % plan.agentCount] ?? ("ana" as AgentId);
    const task = foldEntries(entries, { context });
    const body = plan.deck[act % plan.deck.length]?.({ agent, pick, entries, task });
    if (body !== undefined) write(agent, hasSeenAll, body);
  }
  return { entries, context };
}

/** Folds entries given in any order. */
export function foldEntries(
  entries: readonly LogEntry[],
  { context }: Pick<History, "context">,
): Task | null {
  return foldTask(TASK, [...entries].sort(compareEntries), context);
}

/** The history after one more record, by an agent that has seen all of it. */
export function writeNext(history: History, agent: string, body: object): History {
  const { entries, context } = history;
  const own = entries.filter((entry) => entry.agent === agent);
  const n = Math.max(0, ...own.map(({ record }) => record.n)) + 1;
  const at = Math.max(0, ...entries.map(({ record }) => record.at)) + 1;
  const record = { task: TASK, ...body, n, at } as TaskRecord;
  return { entries: [...entries, { agent: agent as AgentId, record }], context };
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

/** Picks for {@link interleave}. */
export const anyOrder: fc.Arbitrary<number[]> = fc.array(fc.nat(4), {
  minLength: 1,
  maxLength: 40,
  size: "max",
});

/** Looks at the task after each record that arrives, and at the view before it, with all that has arrived. */
export function atEachArrival(
  look: (after: Task, before: Task | null, history: History) => void,
): void {
  fc.assert(
    fc.property(anyHistory, anyOrder, (history, order) => {
      const arrived: LogEntry[] = [];
      let before: Task | null = null;
      for (const entry of interleave(history.entries, order)) {
        arrived.push(entry);
        const after = foldEntries(arrived, history);
        if (after !== null) look(after, before, { ...history, entries: arrived });
        before = after;
      }
    }),
    runs(300),
  );
}
