/** Agents that work by themselves: two that have a bug, and two that have none, for bugs that only steady work brings up. */
import { getTask, isEnded, listTasks, type Task, type TaskId } from "../../../lib/index.ts";
import type { AgentProgram } from "../simulator/simulated-process.ts";

/** How long the chatty one thinks about its answer. */
const PAUSE_MS = 400;

/** Answers each note of another with one of its own: two of them never end. */
const chatty: AgentProgram = {
  name: "chatty",
  isDiligent: false,
  run({ agent, board, clock }) {
    const answer = (task: Task): void => {
      agent.note(task.id, "I see it too").catch(() => {});
    };
    board.watch(({ tasks }) => {
      for (const { after } of tasks)
        if (after.notes.at(-1)?.agent !== agent.id) clock.schedule(PAUSE_MS, () => answer(after));
    });
  },
};

/** Claims each task that it sees being added, once, and never comes back to one that it did not get. */
const oneShot: AgentProgram = {
  name: "one-shot",
  run({ agent, board }) {
    const tried = new Set<string>();
    const tryAll = async (): Promise<void> => {
      for (const { id } of listTasks(board.snapshot())) {
        if (tried.has(id)) continue;
        tried.add(id);
        const outcome = await agent.claim(id);
        if (outcome.ok) await outcome.claim.complete("done");
      }
    };
    board.watch(() => void tryAll().catch(() => {}));
  },
};

/** How long the eager one works, and when it says how far it is; less than a lease. */
const WORK_MS = 1500;
const HALFWAY_MS = 500;

/** Claims whatever it may, works for a while, says so halfway, and hands in its result, unless told to stop. */
const eager: AgentProgram = {
  name: "eager",
  run({ agent, board, clock }) {
    const pause = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const tried = new Set<TaskId>();
    /** Says whether it was worth the while: another's claim ends with a change of its own. */
    const work = async (id: TaskId): Promise<boolean> => {
      const outcome = await agent.claim(id);
      if (!outcome.ok) return false;
      const { claim } = outcome;
      await pause(HALFWAY_MS);
      if (!claim.signal.aborted) await claim.note("halfway");
      await pause(WORK_MS - HALFWAY_MS);
      if (!claim.signal.aborted) await claim.complete("done");
      return true;
    };
    const tryAll = (): void => {
      for (const task of listTasks(board.snapshot())) {
        if (isEnded(task) || tried.has(task.id)) continue;
        tried.add(task.id);
        work(task.id).then(
          (hasWorked) => {
            tried.delete(task.id);
            if (hasWorked) tryAll();
          },
          () => tried.delete(task.id), // it crashed, or was cut off for good
        );
      }
    };
    board.watch(tryAll);
  },
};

/** Retitles each task that it sees, and relies on it: what is written after reading stands over what was read. */
const editor: AgentProgram = {
  name: "editor",
  isDiligent: false,
  async run({ agent, board }) {
    for await (const { kind, task } of board.events()) {
      if (kind !== "task-added" || task === null) continue;
      const title = `read by ${agent.id}`;
      const edited = agent.edit(task, { title });
      const now = getTask(board.snapshot(), task)?.title;
      if (now !== title) throw new Error(`the title is still "${now}" after an edit`);
      await edited;
    }
  },
};

/** Every program; the suite `verify` finds one by its name. */
export const programs: readonly AgentProgram[] = [chatty, oneShot, eager, editor];
