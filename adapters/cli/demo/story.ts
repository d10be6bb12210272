/** The story of the demo: which tasks there are, and what whoever holds one does with it. Nobody is told to take any. */
import { setTimeout as pause } from "node:timers/promises";
import {
  type Claim,
  type NewTask,
  type Packet,
  type TaskId,
  taskIdOfKey,
} from "../../../lib/index.ts";

/** What an agent of the demo is told when it is started; the rest it reads on the board. */
export interface Part {
  readonly name: string;
  readonly can: readonly string[];
  /** The task that it wants first; two want the same. */
  readonly wants: string | null;
  readonly relay: string;
  readonly tokenFile: string;
  readonly leaseMs: number;
  /** How long a step of work takes. */
  readonly stepMs: number;
}

/** The tasks. The first holder of the roof will be killed, and only who comes late can write the report. */
export const tasks: readonly NewTask[] = [
  task("plan", "draw the plan"),
  task("ground", "clear the ground"),
  task("walls", "raise the walls", ["plan", "ground"]),
  task("garden", "plant the garden", ["ground"]),
  task("roof", "put on the roof", ["walls"]),
  { ...task("report", "write the report", ["roof", "garden"]), requires: ["write"] },
];

/** Who takes part from the beginning. */
export const cast: readonly Pick<Part, "can" | "wants">[] = [
  { can: ["build"], wants: "plan" },
  { can: ["build"], wants: "plan" },
  { can: [], wants: "ground" },
];

/** Who comes late. */
export const lateComer: Pick<Part, "can" | "wants"> = { can: ["write"], wants: null };

/** The id of a task of the story. */
export function idOf(name: string): TaskId {
  return taskIdOfKey(`demo:${name}`);
}

/** Does the work of one claim and gives its result. */
export async function play(claim: Claim, stepMs: number): Promise<string> {
  const work = (steps: number): Promise<void> =>
    pause(steps * stepMs, undefined, { signal: claim.signal });
  const name = claim.task.key?.replace("demo:", "") ?? "";
  if (name === "ground" && claim.attempt === 1) return clearHalf(claim, work);
  await work(name === "roof" && claim.attempt === 1 ? LONG_STEPS : 2);
  return RESULTS[name] ?? "done";
}

/** Whoever is to be killed must still be at it. */
const LONG_STEPS = 20;

const RESULTS: Readonly<Record<string, string>> = {
  plan: "three rooms, the door to the south",
  ground: "all of it is clear",
  walls: "four of them, and straight",
  garden: "beans and roses",
  roof: "slates, no leak",
  report: "a house, and nobody was in charge",
};

async function clearHalf(claim: Claim, work: (steps: number) => Promise<void>): Promise<string> {
  await work(1);
  await claim.note("the old oak stays", "decision");
  await work(1);
  await claim.note("the north gate is too narrow for the cart", "dead-end");
  const packet: Packet = {
    summary: "the south half is clear",
    decisions: ["the old oak stays"],
    questions: [],
    deadEnds: [{ tried: "the north gate", why: "too narrow for the cart" }],
    artifacts: [],
  };
  await claim.handoff(packet, { to: { capability: "build" } });
  return packet.summary;
}

function task(name: string, title: string, needs: readonly string[] = []): NewTask {
  return { key: `demo:${name}`, title, needs: needs.map(idOf) };
}
