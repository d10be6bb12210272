/** `import`: adds what `export` gave to a board that may know some of it already; all of it, or nothing. */
import { type Agent, getTask, type TaskId } from "../../../lib/index.ts";
import { chooseMedium } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import { asPassingAgent } from "../board/passing-agent.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import { readSource } from "../list/source-text.ts";
import { tryEach } from "../list/trial.ts";
import type { Output } from "../output/output.ts";
import { type PlaceOptions, recallPlace } from "../session/place.ts";
import { type PortableLine, parsePortable, portableError } from "./portable-line.ts";

/** Where the lines are. */
export interface ImportOptions extends PlaceOptions {
  readonly file: string;
}

/** Imports; nothing is written at all where nothing is new. */
export async function importJob(options: ImportOptions, output: Output): Promise<ExitCode> {
  const lines = parsePortable(await readSource(options.file, "export"), options.file);
  const tasks = lines.map(({ task }) => task);
  // who says that a task has ended must have been able to do it
  const capabilities = [...new Set(tasks.flatMap(({ requires = [] }) => requires))];
  await refuseBroken(lines, capabilities, options.file);
  const place = await recallPlace(options);
  const medium = chooseMedium(place);
  const board = await openSynced(medium, place);
  try {
    const snapshot = board.snapshot();
    const isNew = tasks.some(({ id }) => getTask(snapshot, id) === undefined);
    const name = medium.subject ?? "import";
    const who = { name, capabilities, syncTimeoutMs: place.syncTimeoutMs };
    const { added, known } = isNew
      ? await asPassingAgent(board, who, (agent) => agent.import(tasks))
      : { added: [], known: tasks.map(({ id }) => id) };
    output.data({ added, known }, () => `${added.length} added, ${known.length} known before`);
    return exitCode.ok;
  } finally {
    await board.close();
  }
}

async function refuseBroken(
  lines: readonly PortableLine[],
  capabilities: readonly string[],
  file: string,
): Promise<void> {
  const seen = new Map<TaskId, number>();
  const attempt = async (agent: Agent, { line, task }: PortableLine): Promise<string | null> => {
    const first = seen.get(task.id);
    if (first !== undefined) return `its id ${task.id} is that of line ${first}; remove one`;
    seen.set(task.id, line);
    await agent.import([task]);
    return null;
  };
  const problems = await tryEach(lines, { capabilities, attempt });
  if (problems.length > 0) throw portableError(file, problems);
}
