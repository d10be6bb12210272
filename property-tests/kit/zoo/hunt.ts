/** Sends a hunter after a bug. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Bug, Hunt } from "./bug.ts";
import type { Order } from "./hunter.ts";

/** Where to hunt, and how long. */
export interface HuntOptions {
  /** The folder of the compiled library and kit. */
  readonly dist: string;
  /** How many schedules or cases at most; 3,000 by default. */
  readonly runs?: number;
  /** The same seed finds the same. */
  readonly seed: number;
  /** Whether to make what kills the bug as small as it goes; false by default. */
  readonly isShrunk?: boolean;
}

const COMPILED = "property-tests/kit/zoo/hunter.js";

/**
 * Plants a bug and lets its suite loose on it, in a process of its own.
 *
 * @throws Error when the bug cannot be planted, or the suite ends in anything but a verdict
 */
export function hunt({ edits, suite }: Bug, options: HuntOptions): Promise<Hunt> {
  return send({ edits, suite }, options);
}

/** Runs the suite of a bug without the bug: it must hold. */
export function huntNothing({ suite }: Bug, options: HuntOptions): Promise<Hunt> {
  return send({ edits: [], suite }, options);
}

async function send(
  what: Pick<Order, "edits" | "suite">,
  { dist, runs = 3000, seed, isShrunk = false }: HuntOptions,
): Promise<Hunt> {
  const hunter = fork(join(dist, COMPILED), { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let told = "";
  hunter.stderr?.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  let hunted: Hunt | null = null;
  hunter.on("message", (message) => {
    hunted = message as Hunt;
  });
  hunter.send({ ...what, runs, seed, isShrunk } satisfies Order);
  await once(hunter, "close");
  if (hunted === null) throw new Error(`The hunter came back without a word: ${told}`);
  return hunted;
}
