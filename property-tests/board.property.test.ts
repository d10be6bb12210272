import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { applyPatches } from "immer";
import { createMemoryStorage } from "../adapters/storage/memory.ts";
import { diffTask } from "../lib/core/event.ts";
import {
  type BoardChange,
  type Claim,
  CoordinationError,
  getTask,
  listTasks,
  type Snapshot,
  type Storage,
  type Task,
} from "../lib/index.ts";
import { createWorld, type Seat, type World } from "./kit/world.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

/** One step of a schedule; every number stands for something, so that any list of steps is a story. */
interface Step {
  readonly do: (typeof DEEDS)[number];
  readonly who: number;
  readonly what: number;
}

const DEEDS = [
  "add",
  "claim",
  "contest",
  "complete",
  "release",
  "fail",
  "cancel",
  "edit",
  "cut",
  "heal",
  "advance",
  "reopen",
] as const;
const NAMES = ["ann", "ben", "cat"];

const steps = fc.array(
  fc.record({
    do: fc.constantFrom<Step["do"]>(...DEEDS, "add", "claim", "contest", "advance", "advance"),
    who: fc.nat(NAMES.length - 1),
    what: fc.nat(7),
  }),
  { maxLength: 30, size: "max" },
);

/** A claim in somebody's hand. */
interface Hand {
  readonly claim: Claim;
  readonly seat: Seat;
  isOpen: boolean;
}

/** Three boards, what their agents hold, and what went against the laws so far. */
interface Play {
  readonly world: World;
  readonly topology: "mesh" | "relay";
  readonly seats: Seat[];
  readonly storages: readonly Storage[];
  readonly hands: Hand[];
  readonly violations: string[];
  underWay: number;
}

const isWorking = ({ isOpen, claim }: Hand): boolean => isOpen && !claim.signal.aborted;

async function startPlay(topology: Play["topology"], seed: number): Promise<Play> {
  const world = createWorld({ topology, seed, latencyMs: { min: 1, max: 30 } });
  const play: Play = {
    world,
    topology,
    seats: [],
    storages: NAMES.map(() => createMemoryStorage()),
    hands: [],
    violations: [],
    underWay: 0,
  };
  for (const who of NAMES.keys()) await takeSeat(play, who);
  world.network.setFaults(
    topology === "mesh"
      ? { lossRate: 0.1, duplicateRate: 0.1, reorderRate: 0.2 }
      : { lossRate: 0.01 },
  );
  return play;
}

async function takeSeat(play: Play, who: number): Promise<void> {
  const [name, storage] = [NAMES[who] as string, play.storages[who] as Storage];
  const board = await play.world.open(name, { storage });
  const agent = await board.join({ name, leaseMs: 1000 });
  play.seats[who] = { board, agent };
  let last: Snapshot | null = null;
  board.watch((change) => {
    if (last !== null && change.previous !== last) play.violations.push(`${name} missed a change`);
    last = change.snapshot;
    checkChange(play, change);
  });
}

/** P2 and P4: the events are the difference of the snapshots, and the patches lead from one to the other. */
function checkChange(
  play: Play,
  { previous, snapshot, events, patches, tasks }: BoardChange,
): void {
  const difference = listTasks(snapshot).flatMap((task) =>
    diffTask(getTask(previous, task.id), task),
  );
  const sorted = (list: readonly object[]) => list.map((one) => JSON.stringify(one)).sort();
  const told = events.filter(({ task }) => task !== null);
  if (!isDeepStrictEqual(sorted(told), sorted(difference)))
    play.violations.push(`P2: ${sorted(told)} instead of ${sorted(difference)}`);
  if (!isDeepStrictEqual(applyPatches(previous, [...patches]), snapshot))
    play.violations.push("P4: the patches lead elsewhere");
  for (const { before, after } of tasks)
    if (before !== getTask(previous, after.id) || after !== getTask(snapshot, after.id))
      play.violations.push(`P2: the change of ${after.id} is another one`);
}

async function take(play: Play, step: Step): Promise<void> {
  const { world, seats } = play;
  const { who, what } = step;
  const seat = seats[who] as Seat;
  const { agent, board } = seat;
  const name = NAMES[who] as string;
  const tasks = listTasks(board.snapshot());
  const task = tasks[what % Math.max(tasks.length, 1)];
  const mine = play.hands.filter((hand) => hand.seat === seat && hand.isOpen);
  const hand = mine[what % Math.max(mine.length, 1)];

  switch (step.do) {
    case "add":
      await agent.add({ title: `${name} ${what}`, ...(what < 4 ? { key: `k${what}` } : {}) });
      break;
    case "claim":
      if (task !== undefined) claim(play, seat, task);
      break;
    case "contest":
      for (const one of seats) {
        if (task !== undefined && getTask(one.board.snapshot(), task.id)) claim(play, one, task);
        await world.clock.advanceAsync(what * 2);
      }
      break;
    case "complete":
    case "release":
    case "fail":
      if (hand === undefined) break;
      hand.isOpen = false;
      if (step.do === "complete") await hand.claim.complete({ who, what });
      else if (step.do === "release") await hand.claim.release();
      else await hand.claim.fail(`failed ${what}`, { retryable: what > 0 });
      break;
    case "cancel":
      if (task !== undefined && what > 5) await agent.cancel(task.id);
      break;
    case "edit":
      if (task !== undefined)
        await agent.edit(task.id, { title: `edited ${what}`, priority: what });
      break;
    case "cut":
      world.network.cut(
        name,
        play.topology === "relay" ? "relay" : (NAMES[(who + 1) % 3] as string),
      );
      if (play.topology === "mesh" && what % 2 === 0)
        world.network.cut(name, NAMES[(who + 2) % 3] as string);
      break;
    case "heal":
      world.network.heal();
      break;
    case "advance":
      await world.clock.advanceAsync([1, 5, 20, 40, 100, 300, 900, 1500][what] ?? 0);
      break;
    case "reopen":
      for (const one of play.hands) if (one.seat === seat) one.isOpen = false;
      await board.close();
      await takeSeat(play, who);
  }
}

/** Claims without waiting, and checks at each grant that nobody else works on the attempt (G2). */
function claim(play: Play, seat: Seat, task: Task): void {
  play.underWay++;
  seat.agent
    .claim(task.id)
    .then((outcome) => {
      if (!outcome.ok) return;
      const granted = { claim: outcome.claim, seat, isOpen: !seat.board.status.includes("closed") };
      const rivals = play.hands.filter(
        (other) =>
          isWorking(other) &&
          other.claim.task.id === task.id &&
          other.claim.attempt === granted.claim.attempt,
      );
      if (play.topology === "relay" && isWorking(granted) && rivals.length > 0)
        play.violations.push(`G2: two work on attempt ${granted.claim.attempt} of ${task.id}`);
      play.hands.push(granted);
    })
    .catch((error: unknown) => {
      if (!(error instanceof CoordinationError) || error.code !== "AGENT_LEFT")
        play.violations.push(`a claim failed: ${error}`);
    })
    .finally(() => {
      play.underWay--;
    });
}

/** Mends the network and waits until leases have done their work and nothing is new. */
async function endPlay({ world }: Play): Promise<void> {
  world.network.setFaults({});
  world.network.heal();
  await world.clock.advanceAsync(4000);
}

async function checkEnd(play: Play): Promise<void> {
  const { world, seats, hands } = play;
  const [first, ...others] = seats.map(({ board }) => board.snapshot());
  for (const other of others) expect(isDeepStrictEqual(other, first)).toBe(true);
  expect(play.underWay).toBe(0);
  for (const { claim: one, seat } of hands.filter(isWorking)) {
    const task = getTask(seat.board.snapshot(), one.task.id);
    expect(task?.winner).toMatchObject({ agent: one.agent, attempt: one.attempt, status: "held" });
  }
  const late = await world.open("late");
  await world.until(late.sync());
  await world.clock.advanceAsync(500);
  expect(isDeepStrictEqual(late.snapshot(), first)).toBe(true);
  expect(world.faults).toEqual([]);
  expect(play.violations).toEqual([]);
  await Promise.all([late, ...seats.map(({ board }) => board)].map((board) => board.close()));
  await world.clock.advanceAsync(1000);
  expect(world.clock.pendingCount).toBe(0);
}

test.each(["relay", "mesh"] as const)(
  "[P2][P4][P5][G1][G2] whatever three boards on a %s live through, once healed they agree, and none was told anything else than what changed",
  async (topology) => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer(), async (schedule, seed) => {
        const play = await startPlay(topology, seed);
        for (const step of schedule) await take(play, step);
        await endPlay(play);
        await checkEnd(play);
      }),
      runs(110),
    );
  },
  LAW_TIMEOUT_MS,
);
