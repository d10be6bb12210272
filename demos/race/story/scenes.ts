/** The stories that the page offers. Each is only data: what comes of it, the library decides as it is played. */
import { earliest, type Guarantee, type Rule } from "../../../lib/index.ts";
import type { Setup, Step } from "../../../property-tests/kit/index.ts";
import { claimAs, cutOff, type Story } from "./story.ts";

/** A story to start from. */
export interface Scene {
  readonly id: string;
  readonly name: string;
  readonly nodes: number;
  readonly seed: number;
  /** A pace at which it can be followed: milliseconds of the story per millisecond. */
  readonly speed: number;
  steps(world: Setup, guarantee: Guarantee): readonly Step[];
}

/** How a scene is to be played. */
export interface SceneChoice {
  readonly rule: Rule;
  readonly guarantee: Guarantee;
  readonly topology: Setup["topology"];
}

/** What the page opens with. */
export const OPENING: SceneChoice = { rule: earliest, guarantee: "settled", topology: "relay" };

const wait = (ms: number): Step => ({ do: "tick", ms });

const cutLink: Scene = {
  id: "cut-link",
  name: "Two agents, one task, a cut link",
  nodes: 2,
  seed: 2,
  speed: 0.2,
  steps: (world, guarantee) => [
    { do: "add", node: 0 },
    wait(160),
    ...cutOff(world, 1),
    wait(120),
    claimAs({ node: 0, task: 0 }, guarantee),
    wait(40),
    claimAs({ node: 1, task: 0 }, guarantee),
    wait(400),
    { do: "heal" },
    wait(600),
    { do: "complete", node: 0, hand: 0 },
    { do: "complete", node: 1, hand: 0 },
    wait(200),
  ],
};

const crowd: Scene = {
  id: "crowd",
  name: "Five agents want the same three tasks",
  nodes: 5,
  seed: 11,
  speed: 0.2,
  steps: (_, guarantee) => [
    { do: "add", node: 0 },
    { do: "add", node: 0 },
    { do: "add", node: 0 },
    wait(200),
    ...[0, 1, 2, 3, 4].flatMap((node) => [
      claimAs({ node, task: node }, guarantee),
      claimAs({ node, task: node + 1 }, guarantee),
      wait(15),
    ]),
    wait(600),
  ],
};

const crash: Scene = {
  id: "crash",
  name: "The holder crashes",
  nodes: 3,
  seed: 5,
  speed: 0.5,
  steps: (_, guarantee) => [
    { do: "add", node: 0 },
    wait(250),
    claimAs({ node: 0, task: 0 }, guarantee),
    wait(300),
    { do: "crash", node: 0 },
    wait(3500),
    claimAs({ node: 1, task: 0 }, guarantee),
    wait(400),
    { do: "complete", node: 1, hand: 0 },
    wait(300),
    { do: "restart", node: 0 },
    wait(600),
  ],
};

const asleep: Scene = {
  id: "asleep",
  name: "The holder stands still, and comes back late",
  nodes: 3,
  seed: 3,
  speed: 0.5,
  steps: (_, guarantee) => [
    { do: "add", node: 0 },
    wait(250),
    claimAs({ node: 0, task: 0 }, guarantee),
    wait(300),
    { do: "stall", node: 0 },
    wait(3500),
    claimAs({ node: 1, task: 0 }, guarantee),
    wait(400),
    { do: "wake", node: 0 },
    wait(300),
    { do: "complete", node: 1, hand: 0 },
    wait(400),
  ],
};

const halves: Scene = {
  id: "halves",
  name: "Four agents, two of them cut off",
  nodes: 4,
  seed: 2,
  speed: 0.2,
  steps: (world, guarantee) => [
    { do: "add", node: 0 },
    wait(200),
    ...[2, 3].flatMap((node) => cutOff(world, node)),
    wait(80),
    ...[0, 1, 2, 3].flatMap((node) => [claimAs({ node, task: 0 }, guarantee), wait(30)]),
    wait(300),
    { do: "heal" },
    wait(900),
  ],
};

/** All scenes; the page opens with the first. */
export const scenes: readonly Scene[] = [cutLink, crowd, crash, asleep, halves];

/** The scene of that name, or the first. */
export function findScene(id: string | undefined): Scene {
  return scenes.find((one) => one.id === id) ?? cutLink;
}

/** Writes a scene out as a story. */
export function storyOf(scene: Scene, { rule, guarantee, topology }: SceneChoice): Story {
  const setup: Setup = {
    nodes: scene.nodes,
    topology,
    seed: scene.seed,
    latencyMs: [30, 60],
    flushMs: 1,
  };
  const steps = scene.steps(setup, guarantee);
  return { setup, steps, rule, guarantee, scene: scene.id, saved: null };
}
