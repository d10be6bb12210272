/** What the workers do: add, note, claim; each act is written down before it and after it. */
import { setTimeout as pause } from "node:timers/promises";
import { type Agent, type Note, type TaskChange, tasksOf } from "../../../lib/index.ts";
import { addLocks, lock, lockOf } from "./locking.ts";
import { countItems, joinAs, pick, type Workplace, watchAttempts } from "./workplace.ts";

/** Names a workload. */
export type WorkloadName = "ids" | "set" | "broadcast" | "lock";

/** The workloads by name; each resolves once all that it began has ended. */
export const workloads: Readonly<Record<WorkloadName, (place: Workplace) => Promise<void>>> = {
  ids: mixAll,
  set: growSet,
  broadcast,
  lock,
};

const FEED = "feed";

/** Two agents of one replica add, note and claim, so that ids of every kind are made. */
async function mixAll(place: Workplace): Promise<void> {
  const { board, random, signal } = place;
  watchAttempts(place);
  const agents = [await joinAs(place, "first"), await joinAs(place, "second")];
  const items = countItems(place);
  const lane = async (agent: Agent): Promise<void> => {
    await addLocks(agent);
    while (!signal.aborted) {
      await items.add(agent);
      const task = pick(random, tasksOf(board.snapshot())).id;
      await items.note(agent, task);
      const outcome = await agent.claim(lockOf(random), { signal });
      if (outcome.ok) await outcome.claim.release("only to count");
      await pause(random.integer(20));
    }
  };
  await Promise.all(agents.map(lane));
  await items.settled();
}

/** Tasks, and notes on whatever task is known, which must all be there in the end. */
async function growSet(place: Workplace): Promise<void> {
  const { board, random, signal } = place;
  const agent = await joinAs(place, "adder");
  const items = countItems(place);
  while (!signal.aborted) {
    await items.add(agent);
    if (random.number() < 0.5) await items.note(agent, pick(random, tasksOf(board.snapshot())).id);
    await pause(random.integer(20));
  }
  await items.settled();
}

/** Notes on one task that all share, and every event about them. */
async function broadcast(place: Workplace): Promise<void> {
  const { board, random, note, signal } = place;
  board.watch(({ tasks, events }) => {
    const fresh = tasks.flatMap(newNotes);
    // the event of each note; one that comes without a new note is written down without its text
    for (const event of events) {
      if (event.kind !== "task-noted" || event.agent === null) continue;
      note({ kind: "saw", item: fresh.shift()?.text ?? "", author: event.agent });
    }
  });
  const agent = await joinAs(place, "speaker");
  const items = countItems(place);
  const feed = await agent.add({ title: FEED, key: FEED });
  while (!signal.aborted) {
    await items.note(agent, feed);
    await pause(random.integer(25));
  }
  await items.settled();
}

function newNotes({ before, after }: TaskChange): readonly Note[] {
  const known = new Set(before?.notes.map(({ agent, n }) => `${agent}:${n}`));
  return after.notes.filter(({ agent, n }) => !known.has(`${agent}:${n}`));
}
