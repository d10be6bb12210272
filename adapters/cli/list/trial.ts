/**
 * Tries tasks on a board of this process that nobody else sees: so the library itself says which of them a board would
 * refuse, and of which line, before anything is written where it stays.
 */
import { type Agent, type Board, openBoard } from "../../../lib/index.ts";
import { createMemoryNetwork } from "../../transport/memory.ts";
import type { ListProblem } from "./listed-task.ts";

/** Tries each item; lists what was refused, by line. */
export async function tryEach<T extends { readonly line: number }>(
  items: readonly T[],
  { capabilities, attempt }: TrialOptions<T>,
): Promise<readonly ListProblem[]> {
  if (items.length === 0) return [];
  const board: Board = await openBoard({
    board: "trial",
    transport: createMemoryNetwork().createTransport(),
  });
  try {
    const agent = await board.join({ name: "trial", capabilities });
    const problems: ListProblem[] = [];
    for (const item of items) {
      const message = await attempt(agent, item).catch((error: unknown) => reasonOf(error));
      if (message !== null) problems.push({ line: item.line, message });
    }
    return problems;
  } finally {
    await board.close();
  }
}

/** How items are tried. */
export interface TrialOptions<T> {
  readonly capabilities: readonly string[];
  /** Resolves with what is wrong beside what the library refuses, or null. */
  readonly attempt: (agent: Agent, item: T) => Promise<string | null>;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `the board would refuse it: ${message}`;
}
