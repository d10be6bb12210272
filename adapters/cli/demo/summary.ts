/** The summary of the demo: what the coordination of its tasks has cost, as `ledger` counts it, and what to try next. */
import { type Board, type Ledger, tasksOf } from "../../../lib/index.ts";
import type { Colors } from "../output/output.ts";
import { duration } from "../output/printable.ts";
import type { RunTally } from "../run/run-tally.ts";

/** The summary as `--json` gives it; the parts of a ledger are sums over all tasks. */
export interface DemoSummary extends Omit<Ledger, "agents"> {
  readonly tasks: number;
  readonly completed: number;
  readonly agents: number;
  readonly started: number;
  readonly double_started: number;
  readonly wall_ms: number;
}

/** Sums up. */
export function summarizeDemo(board: Board, tally: RunTally, wallMs: number): DemoSummary {
  const tasks = tasksOf(board.snapshot());
  const ledgers = tasks.map(({ id }) => board.ledger(id));
  const sum = (part: keyof Ledger): number =>
    ledgers.reduce((total, ledger) => total + ledger[part], 0);
  return {
    tasks: tasks.length,
    completed: tasks.filter(({ state }) => state === "completed").length,
    agents: tally.agents.length,
    started: tally.started,
    double_started: tally.doubleStarted,
    records: sum("records"),
    claims: sum("claims"),
    contested: sum("contested"),
    attempts: sum("attempts"),
    messages: sum("messages"),
    wall_ms: Math.round(wallMs),
  };
}

/** Says it in sentences. */
export function sayDemo(all: DemoSummary, { bold, green, red }: Colors): string {
  const color = all.completed === all.tasks ? green : red;
  return [
    color(
      `${all.completed} of ${all.tasks} tasks completed by ${all.agents} agents in ${duration(all.wall_ms)}, and nobody was in charge`,
    ),
    `${all.claims} claims, ${all.contested} of them contested; ${all.started} starts, ${all.double_started} double starts`,
    `${all.records} records, ${all.messages} of them notes and the like`,
    "next, in a project of yours:",
    `  ${bold("npx stigmergy init --client claude")}   a board for your own agents; or cursor, vscode, codex`,
    `  ${bold("npx stigmergy run tasks.md --agents 3 -- ./do-one {title}")}   a list, worked off by any command`,
  ].join("\n");
}
