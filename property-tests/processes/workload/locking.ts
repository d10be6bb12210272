/** The workload that claims: a few tasks go from hand to hand, and each holder watches whether it still may work. */
import { once } from "node:events";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { SeededRandom } from "../../../adapters/transport/memory.ts";
import {
  type Agent,
  type Claim,
  getTask,
  type Snapshot,
  type TaskId,
  taskIdOfKey,
} from "../../../lib/index.ts";
import type { Hold } from "../history.ts";
import { openResource, type WriteFenced } from "./resource-line.ts";
import { joinAs, pick, type Workplace, watchAttempts } from "./workplace.ts";

/** So few that workers meet, so many that a killed holder does not stop all others. */
const LOCKS = ["lock-0", "lock-1"];

/** Claims of a few tasks, which are worked on for a while and given back; fenced where there is a resource. */
export async function lock(place: Workplace): Promise<void> {
  const { random, signal } = place;
  const held: HeldClaims = new Map();
  watchAttempts(place);
  watchHolds(place, held);
  const agent = await joinAs(place, "holder");
  const writeFenced = await openResource(place);
  await addLocks(agent);
  while (!signal.aborted) {
    const task = lockOf(random);
    const outcome = await agent.claim(task, { signal, wait: random.number() < 0.25 });
    if (outcome.ok) await workOn(place, outcome.claim, held, writeFenced);
    else await becomesFree(place, task); // for all who want it at the same moment
  }
}

type HeldClaims = Map<TaskId, { readonly hold: Hold; readonly claim: Claim }>;

async function workOn(
  { note, random }: Workplace,
  claim: Claim,
  held: HeldClaims,
  writeFenced: WriteFenced,
): Promise<void> {
  const hold = { task: claim.task.id, attempt: claim.attempt, agent: claim.agent };
  note({ kind: "granted", ...hold });
  const { signal } = claim;
  const onAbort = (): void => {
    if (!held.delete(hold.task)) return;
    const reason = String(signal.reason);
    // its agent is told to stop: the claim itself stands until it is given back below
    note(reason === "stopped" ? { kind: "released", ...hold } : { kind: "told", reason, ...hold });
  };
  held.set(hold.task, { hold, claim });
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  for (let steps = 1 + random.integer(6); steps > 0 && !signal.aborted; steps--) {
    // looked at the signal, then worked: the hole that a freeze may fall into, and that fencing closes
    await pause(10);
    if (!(await writeFenced(hold)) && !signal.aborted) await once(signal, "abort");
    await nextTurn();
    if (!signal.aborted) note({ kind: "worked", ...hold });
  }
  if (held.delete(hold.task)) note({ kind: "released", ...hold });
  await claim.release("had it long enough"); // which changes nothing where it was lost
}

async function becomesFree({ board, signal }: Workplace, task: TaskId): Promise<void> {
  const isFree = (snapshot: Snapshot): boolean => getTask(snapshot, task)?.winner === null;
  await nextTurn();
  if (signal.aborted || isFree(board.snapshot())) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stop();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const stop = board.watch(isFree, done);
    signal.addEventListener("abort", done);
  });
}

/** Says at each change that ends a claim held here whether its holder had been told by then. */
function watchHolds({ board, note }: Workplace, held: HeldClaims): void {
  board.watch(({ tasks }) => {
    for (const { after } of tasks) {
      const { hold, claim } = held.get(after.id) ?? {};
      if (hold === undefined || claim === undefined) continue;
      const seen = after.claims.findLast(
        ({ agent, attempt }) => agent === hold.agent && attempt === hold.attempt,
      );
      if (seen === undefined || seen.status === "held") continue;
      note({ kind: "heard", status: seen.status, isAborted: claim.signal.aborted, ...hold });
    }
  });
}

/** Everybody adds them; by their keys they are the same tasks. */
export async function addLocks(agent: Agent): Promise<void> {
  await agent.add(LOCKS.map((key) => ({ title: key, key, guarantee: "settled" as const })));
}

/** Draws one of them. */
export function lockOf(random: SeededRandom): TaskId {
  return taskIdOfKey(pick(random, LOCKS));
}
