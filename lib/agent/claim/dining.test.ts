// Five agents around a table with five forks: each meal is a task that names the forks of two neighbours.

import { expect, test } from "@jest/globals";
import { createWorld, type Seat, type World } from "../../../property-tests/kit/world.ts";
import type { AgentId } from "../../core/record.ts";
import { builtInRules, formatRule } from "../../core/rule.ts";
import { isLive } from "../../core/task.ts";
import { tasksOf } from "../../replica/snapshot.ts";
import type { Claim } from "./claim.ts";

const GUESTS = 5;
const ROUNDS = 30;
const MEAL_MS = 20;

/** What went on at a table. */
interface Table {
  readonly eating: Set<number>;
  /** How often two neighbours ate at once. */
  clashes: number;
  meals: number;
  /** How often a guest had to stop, by reason. */
  readonly stops: string[];
}

/** Eats until the clock says so; says whether nobody took a fork away. */
function eat(world: World, table: Table, guest: number, { signal }: Claim): Promise<boolean> {
  for (const neighbour of [guest + 1, guest + GUESTS - 1])
    if (table.eating.has(neighbour % GUESTS)) table.clashes++;
  table.eating.add(guest);
  return new Promise((resolve) => {
    const end = (isWhole: boolean): void => {
      table.eating.delete(guest);
      resolve(isWhole);
    };
    const cancel = world.clock.schedule(MEAL_MS, () => end(true));
    signal.addEventListener("abort", () => {
      cancel();
      table.stops.push(signal.reason);
      end(false);
    });
  });
}

async function dine(world: World, table: Table, seats: readonly Seat[], guest: number) {
  const { agent } = seats[guest] as Seat;
  for (let round = 0; round < ROUNDS; round++) {
    const resources = [`fork:${guest}`, `fork:${(guest + 1) % GUESTS}`];
    const meal = await agent.add({ title: `meal ${round} of ${agent.name}`, resources });
    for (let isDone = false; !isDone; ) {
      const outcome = await agent.claim(meal, { wait: true, priority: (guest * round) % 3 });
      if (!outcome.ok) throw new Error(`${agent.name}: ${outcome.reason}`);
      isDone = await eat(world, table, guest, outcome.claim);
      if (isDone) await outcome.claim.complete(round);
    }
    table.meals++;
  }
}

const tables = builtInRules.flatMap((rule) =>
  (["relay", "mesh"] as const).map((topology) => ({ name: formatRule(rule), rule, topology })),
);

test.each(tables)(
  "[X9][X11][X12] by $name on a $topology, five who dine all eat thirty times, and none waits in a circle",
  async ({ rule, topology }) => {
    const world = createWorld({ topology, latencyMs: { min: 1, max: 8 } });
    const seats: Seat[] = [];
    for (let i = 0; i < GUESTS; i++)
      seats.push(await world.join(`guest-${i}`, { leaseMs: 5000 }, { rule }));
    const table: Table = { eating: new Set(), clashes: 0, meals: 0, stops: [] };

    await world.until(Promise.all(seats.map((_, guest) => dine(world, table, seats, guest))));
    await world.clock.advanceAsync(500);

    expect(table.meals).toBe(GUESTS * ROUNDS);
    if (topology === "relay") expect([table.clashes, table.stops]).toEqual([0, []]);
    else expect(new Set([...table.stops, "resource"])).toEqual(new Set(["resource"]));
    const holders = new Set<AgentId>();
    for (const { board } of seats)
      for (const task of tasksOf(board.snapshot())) {
        expect(task).toMatchObject({ state: "completed", alternates: [], thread: { ignored: [] } });
        expect(task.thread.waiters).toEqual([]);
        expect(task.claims.filter(isLive)).toEqual([]);
        if (task.completion !== null) holders.add(task.completion.agent);
      }
    expect(holders.size).toBe(GUESTS);
  },
  60_000,
);
