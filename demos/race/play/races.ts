/** Many random races of one setup, each played for real by the library and by the naive lock. */
import { createSeededRandom } from "../../../adapters/transport/memory.ts";
import type { Setup, Step } from "../../../property-tests/kit/index.ts";
import { bringBack, claimAs, cutOff, type Story } from "../story/story.ts";
import type { WorkMeter } from "./work-meter.ts";
import { World } from "./world.ts";

/** What one side came to. */
export interface SideCount {
  /** In how many races somebody began with what another one was working on, or had done. */
  readonly doubled: number;
  /** For how many milliseconds of the races work was done twice. */
  readonly doubledMs: number;
}

/** What all races so far came to. */
export interface RaceCount {
  readonly races: number;
  readonly ours: SideCount;
  readonly naive: SideCount;
}

/** How many there are. */
export const RACE_COUNT = 200;

/** Within how long all agents of a race want its task. */
export const RUSH_MS = 300;

/** Draws a race: one task, everybody wants it within the rush, and in every fourth race somebody is cut off for a while. */
function drawRace(like: Story, number: number): Story {
  const random = createSeededRandom(number);
  const least = 1 + random.integer(60);
  const setup: Setup = {
    ...{ nodes: like.setup.nodes, topology: like.setup.topology, flushMs: 1 },
    seed: random.integer(2 ** 31),
    latencyMs: [least, least + random.integer(90)],
  };
  const wait = (ms: number): Step => ({ do: "tick", ms });
  const isCut = random.number() < 0.25;
  const times = Array.from({ length: setup.nodes }, () => random.integer(RUSH_MS));
  const order = [...times.keys()].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const claims = order.flatMap((node, place) => [
    wait((times[node] ?? 0) - (times[order[place - 1] ?? -1] ?? 0)),
    claimAs({ node, task: 0 }, like.guarantee),
  ]);
  const steps = [
    { do: "add", node: 0 } as const,
    wait(4 * setup.latencyMs[1]),
    ...(isCut ? cutOff(setup, random.integer(setup.nodes)) : []),
    ...claims,
    wait(50 + random.integer(400)),
    ...(isCut ? bringBack(setup, []) : []),
    wait(8 * setup.latencyMs[1] + 200),
  ];
  return { ...like, setup, steps, scene: null, saved: null };
}

/** Plays a story of the reader's kind just to its last step, without waiting for anything. */
export async function playThrough(story: Story): Promise<World> {
  const storyMs = story.steps.reduce((sum, step) => sum + (step.do === "tick" ? step.ms : 0), 0);
  let endAt = Number.POSITIVE_INFINITY;
  return new Promise((resolve, reject) => {
    const end = (): void => {
      world.naive.advanceTo(endAt);
      resolve(world);
    };
    const world: World = new World(story, (at) => {
      if (at <= endAt) return;
      end();
      return new Promise(() => {});
    });
    world
      .open()
      .then(() => {
        endAt = world.at + storyMs;
        return world.run().then(end);
      })
      .catch(reject);
  });
}

/** Plays races until there are enough, or it is stopped; tells the count after each. */
export async function playRaces(
  like: Story,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (count: RaceCount) => void },
): Promise<void> {
  let count: RaceCount = { races: 0, ours: NOTHING, naive: NOTHING };
  tell(count);
  while (count.races < RACE_COUNT) {
    await nextTask();
    if (signal.aborted) return;
    const world = await playThrough(drawRace(like, count.races + 1));
    if (signal.aborted) return;
    const endAt = world.simulation.clock.now();
    count = {
      races: count.races + 1,
      ours: add(count.ours, world.work, endAt),
      naive: add(count.naive, world.naive.work, endAt),
    };
    tell(count);
  }
}

const NOTHING: SideCount = { doubled: 0, doubledMs: 0 };

function add({ doubled, doubledMs }: SideCount, work: WorkMeter, endAt: number): SideCount {
  return {
    doubled: doubled + Number(work.doubleStarts > 0),
    doubledMs: doubledMs + work.doubledMs(endAt),
  };
}

/** Lets the page be drawn and answer in between. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
