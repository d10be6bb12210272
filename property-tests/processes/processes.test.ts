// Real processes on real sockets, killed and frozen: what they wrote down about it holds together. `PROCESS_ROUNDS` makes the
// run longer, under a fresh seed that is printed; `PROCESS_SEED` sets it.

import { expect, test } from "@jest/globals";
import { findBroadcastBreaks } from "./checks/broadcast.ts";
import { findFencingBreaks } from "./checks/fencing.ts";
import { findSetBreaks } from "./checks/grow-only-set.ts";
import { findLockBreaks } from "./checks/lock.ts";
import { findReusedIds } from "./checks/unique-ids.ts";
import { Cluster, type ClusterOptions } from "./cluster.ts";
import { type Fact, type Line, linesOf } from "./history.ts";
import { type Fault, torment } from "./nemesis.ts";

const { PROCESS_ROUNDS, PROCESS_SEED } = process.env;
const rounds = Number(PROCESS_ROUNDS ?? 1);
const seed = Number(
  PROCESS_SEED ?? (PROCESS_ROUNDS === undefined ? 20_260_101 : Date.now() % 2 ** 31),
);
const workers = ["w1", "w2", "w3"];
const LIMIT_MS = 120_000 + rounds * 60_000; // a few seconds each; the rest is for a busy machine

if (PROCESS_ROUNDS !== undefined) process.stderr.write(`PROCESS_SEED=${seed}\n`);

test(
  "[Z30] no agent id, Yjs client or reference is used twice by processes that are killed, and attempts only grow",
  async () => {
    const history = await run({ workload: "ids", check: findReusedIds }, [
      "kill",
      "wipe",
      "kill-relay",
    ]);

    expect(countOf(history, "opened")).toBeGreaterThan(workers.length + 1);
    expect(countOf(history, "attempt")).toBeGreaterThan(10);
  },
  LIMIT_MS,
);

test(
  "[Z31] what processes that are killed were told is stored is on every replica, and nothing that nobody added",
  async () => {
    const history = await run({ workload: "set", check: findSetBreaks }, [
      "kill",
      "wipe",
      "freeze",
      "kill-relay",
    ]);

    expect(countOf(history, "synced")).toBeGreaterThan(20);
    expect(countOf(history, "finished")).toBe(workers.length + 1);
  },
  LIMIT_MS,
);

test(
  "[Z32] every process is told of every note once, in its author's order, whoever is killed or frozen",
  async () => {
    const history = await run({ workload: "broadcast", check: findBroadcastBreaks }, [
      "kill",
      "freeze",
      "kill-relay",
    ]);

    expect(countOf(history, "saw")).toBeGreaterThan(3 * countOf(history, "joined"));
  },
  LIMIT_MS,
);

test(
  "[Z33] no two processes are granted one attempt, and who is wrongly taken for dead is told to stop",
  async () => {
    const history = await run({ workload: "lock", check: findLockBreaks }, [
      "freeze-holder",
      "kill-holder",
      "freeze-relay",
      "kill-relay",
    ]);

    expect(countOf(history, "granted")).toBeGreaterThan(20);
    expect(countOf(history, "told")).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test(
  "[Z34] a resource that is given the attempt as a token takes no write of a holder that was overtaken",
  async () => {
    const history = await run({ workload: "lock", isFenced: true, check: findFencingBreaks }, [
      "freeze-holder",
      "kill-holder",
      "freeze-relay",
      "kill-relay",
    ]);

    expect(countOf(history, "took")).toBeGreaterThan(60);
    expect(countOf(history, "refused")).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

type Check = (history: readonly Line[]) => readonly string[];

/** Runs a workload under the faults, and checks its history, which is kept when something broke. */
async function run(
  options: Pick<ClusterOptions, "workload" | "isFenced"> & { readonly check: Check },
  faults: readonly Fault[],
): Promise<readonly Line[]> {
  const { check, ...what } = options;
  const cluster = await Cluster.start({ ...what, seed, workers });
  let isKept = true;
  try {
    await torment(cluster, { workers, faults, rounds, seed });
    const history = await cluster.finish();
    // whatever the workload, its ids are unique
    const [broken] = [...findFaults(history), ...findReusedIds(history), ...check(history)];
    if (broken !== undefined) throw new Error(broken);
    isKept = false;
    return history;
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`${message}; PROCESS_SEED=${seed}, histories in ${cluster.histories}`, {
      cause,
    });
  } finally {
    await cluster.close({ isKept });
  }
}

/** What boards reported between calls: nothing that is done here is worth a report. */
function findFaults(history: readonly Line[]): readonly string[] {
  return linesOf(history, "fault").map(({ run: who, message }) => `${who} reported: ${message}`);
}

function countOf(history: readonly Line[], kind: Fact["kind"]): number {
  return linesOf(history, kind).length;
}
