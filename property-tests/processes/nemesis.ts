/** The nemesis: kills and freezes processes of a cluster in an order drawn from a seed, and lets it recover in between. */
import { setTimeout as pause } from "node:timers/promises";
import { createSeededRandom, type SeededRandom } from "../../adapters/transport/memory.ts";
import { type CertainHold, holdsOf } from "./checks/holds.ts";
import { processOf } from "./checks/run-name.ts";
import { type Cluster, LEASE_MS } from "./cluster.ts";
import { type Line, linesOf } from "./history.ts";

/** What can be done to a cluster; the holders' faults need the workload `lock`. */
export type Fault =
  /** Kills a worker, which comes back with its store. */
  | "kill"
  /** Kills a worker, which comes back without its store. */
  | "wipe"
  /** Stops a worker for a while. */
  | "freeze"
  | "kill-relay"
  /** Stops the relay for longer than a lease: everybody takes everybody else for dead. */
  | "freeze-relay"
  | "kill-holder"
  | "freeze-holder";

const faults: Readonly<Record<Fault, (scene: Scene) => Promise<void>>> = {
  kill: ({ cluster, victim }) => cluster.killWorker(victim),
  wipe: ({ cluster, victim }) => cluster.killWorker(victim, { isWiped: true }),
  freeze: ({ cluster, victim, random }) => freezeFor(cluster, victim, random),
  "kill-relay": ({ cluster }) => cluster.killRelay(),
  "freeze-relay": ({ cluster, random }) => freezeFor(cluster, "relay", random),
  "kill-holder": killHolder,
  "freeze-holder": freezeHolder,
};

interface Scene {
  readonly cluster: Cluster;
  readonly random: SeededRandom;
  /** A worker. */
  readonly victim: string;
}

/** How many acts each worker has to bring to its end after a fault: the cluster has recovered. */
const ACTS = 4;

/** How long a signal may take to stop all of a process. */
const STANDSTILL_MS = 20;

/** Does every fault once a round, each round in another order; sometimes two in a row without rest. */
export async function torment(
  cluster: Cluster,
  options: {
    readonly workers: readonly string[];
    readonly faults: readonly Fault[];
    readonly rounds: number;
    readonly seed: number;
  },
): Promise<void> {
  const random = createSeededRandom(options.seed);
  const victims = shuffle(options.workers, random);
  await recover(cluster, options.workers);
  for (let round = 0; round < options.rounds; round++) {
    for (const fault of shuffle(options.faults, random)) {
      const victim = victims.shift() ?? "";
      victims.push(victim); // each in its turn, so that a few faults meet different workers
      await faults[fault]({ cluster, random, victim });
      if (random.number() < 0.7) await recover(cluster, options.workers);
    }
  }
  await recover(cluster, options.workers);
}

async function recover(cluster: Cluster, workers: readonly string[]): Promise<void> {
  const runs = workers.map((name) => cluster.runOf(name));
  const actsOf = (history: readonly Line[], run: string): number =>
    history.filter(
      (line) => line.run === run && (line.kind === "synced" || line.kind === "granted"),
    ).length;
  const before = new Map(runs.map((run) => [run, actsOf(cluster.read(), run)]));
  await cluster.until(`${runs.join(", ")} have each done ${ACTS} acts more`, (history) =>
    runs.every((run) => actsOf(history, run) >= (before.get(run) ?? 0) + ACTS),
  );
}

async function freezeFor(cluster: Cluster, name: string, random: SeededRandom): Promise<void> {
  cluster.freeze(name);
  await pause(LEASE_MS * (1 + random.number()));
  cluster.thaw(name);
}

/** Kills whoever holds a task, and waits until another has it. */
async function killHolder({ cluster }: Scene): Promise<void> {
  const held = await freezeHold(cluster); // so that it does not end meanwhile
  await cluster.killWorker(processOf(held.run));
  await cluster.until(`somebody takes over from ${held.run}`, isTakenOver(held));
}

/**
 * Freezes whoever holds a task until another works on it, and waits until the holder has come to an end with its own. Done
 * again if it gave its task back before it heard, or, where there is a resource, did not write to it after all.
 */
async function freezeHolder({ cluster }: Scene): Promise<void> {
  const isFenced = linesOf(cluster.read(), "took").length > 0;
  for (;;) {
    const held = await freezeHold(cluster);
    await cluster.until(`somebody takes over from ${held.run}`, isTakenOver(held));
    const writes = countWrites(cluster.read(), held);
    cluster.thaw(processOf(held.run));
    let end = "none";
    await cluster.until(`${held.run} ends attempt ${held.attempt}`, (history) => {
      end = holdsOf(history).find((one) => isSame(one, held))?.end ?? "none";
      return end !== "none";
    });
    if (end !== "released" && (!isFenced || countWrites(cluster.read(), held) > writes)) return;
  }
}

/** Freezes a worker in the middle of a hold, and gives that. */
async function freezeHold(cluster: Cluster): Promise<CertainHold> {
  for (;;) {
    let run = "";
    await cluster.until("somebody holds a task", (history) => {
      run = openHolds(cluster, history)[0]?.run ?? "";
      return run !== "";
    });
    cluster.freeze(processOf(run));
    await pause(STANDSTILL_MS);
    const held = openHolds(cluster, cluster.read()).find((hold) => hold.run === run);
    if (held !== undefined) return held;
    cluster.thaw(processOf(run)); // it came to an end before it stood still
  }
}

/** What the current runs hold; in an order that changes, so that all come to be frozen. */
function openHolds(cluster: Cluster, history: readonly Line[]): readonly CertainHold[] {
  return holdsOf(history)
    .filter(({ run, end }) => end === "none" && cluster.runOf(processOf(run)) === run)
    .sort((a, b) => b.from - a.from);
}

function countWrites(history: readonly Line[], { run, task, attempt }: CertainHold): number {
  return linesOf(history, "writing").filter(
    (line) => line.run === run && line.task === task && line.token === attempt,
  ).length;
}

function isTakenOver({ task, attempt }: CertainHold): (history: readonly Line[]) => boolean {
  return (history) =>
    linesOf(history, "worked").some((line) => line.task === task && line.attempt > attempt);
}

function isSame(one: CertainHold, other: CertainHold): boolean {
  return one.run === other.run && one.task === other.task && one.attempt === other.attempt;
}

function shuffle<T>(list: readonly T[], random: SeededRandom): T[] {
  const rest = [...list];
  return list.flatMap(() => rest.splice(random.integer(rest.length), 1));
}
