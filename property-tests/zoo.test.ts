// Hunts every bug of the zoo with the verification kit, as compiled in `dist`. KILL_TABLE=write brings the table in
// docs/verification.md up to date; ZOO_DIST hunts in another build.
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Bug, Hunt, Kill, Suite } from "./kit/zoo/bug.ts";
import { bugs } from "./kit/zoo/bugs.ts";
import { hunt, huntNothing } from "./kit/zoo/hunt.ts";
import {
  formatKillTable,
  readKillTable,
  type TableLine,
  writeKillTable,
} from "./kit/zoo/kill-table.ts";

const root = join(import.meta.dirname, "..");
const dist = process.env["ZOO_DIST"] ?? join(root, "dist");
const table = join(root, "docs/verification.md");
const isTableWanted = process.env["KILL_TABLE"] === "write";
const options = { dist, seed: 20_260_101, isShrunk: isTableWanted };

/** Two at a time, as the machine of the build has two cores. */
const HUNTERS = 2;
const HUNT_TIMEOUT_MS = 600_000; // generous, for a machine that is busy with other things
const MAX_CPU_MS = 30_000;
/** Suites that hold without a bug are tried for this many runs at least. */
const LEAST_RUNS = 50;

const WORDS: { readonly [by in Suite["by"]]: readonly [run: string, size: string] } = {
  verify: ["run", "steps"],
  checkRule: ["case", "claims"],
  explore: ["state", "steps"],
  contract: ["test", ""],
};

/** The library with a bug, or, to know what the suite is worth, without one. */
interface Errand {
  readonly bug: Bug;
  go(): Promise<Hunt>;
}

const hunts = new Map<Bug, Hunt>();

test(
  "[Z24] every bug of the zoo is killed, each by the invariant that it breaks, and within 30 s",
  async () => {
    const errands = bugs.map((bug) => ({ bug, go: () => hunt(bug, options) }));
    for (const [bug, found] of await goAll(errands)) hunts.set(bug, found);

    const survivors = bugs.filter((bug) => hunts.get(bug)?.kill === null);
    expect(survivors.map(({ name }) => name)).toEqual([]);
    const mistaken = bugs.filter((bug) => {
      const broken = hunts.get(bug)?.kill?.broken ?? "";
      return !bug.expect.some((one) => broken === one || broken.startsWith(`[${one}]`));
    });
    expect(mistaken.map((bug) => [bug.name, hunts.get(bug)?.kill])).toEqual([]);
    const slow = bugs.filter((bug) => (hunts.get(bug)?.cpuMs ?? 0) > MAX_CPU_MS);
    expect(slow.map(({ name }) => name)).toEqual([]);
  },
  HUNT_TIMEOUT_MS,
);

test(
  "[Z25] without a bug every suite that killed one holds, for as many runs and from the same seed",
  async () => {
    const planted = bugs.filter(({ edits }) => edits.length > 0);
    const bySuite = new Map(planted.map((bug) => [JSON.stringify(bug.suite), bug]));
    const errands = [...bySuite.values()].map((bug) => ({
      bug,
      go: () => huntNothing(bug, { ...options, runs: runsNeeded(bug.suite) }),
    }));

    const found = await goAll(errands);

    const broken = [...found].filter(([, { kill }]) => kill !== null);
    expect(broken.map(([{ suite }, { kill }]) => [suite, kill])).toEqual([]);
  },
  HUNT_TIMEOUT_MS,
);

test("[Z26] the kill table in docs/verification.md tells of every bug, and of no other", () => {
  const lines = bugs.flatMap((bug) => {
    const kill = hunts.get(bug)?.kill;
    return kill ? [lineOf(bug, kill)] : [];
  });
  if (isTableWanted) writeKillTable(table, formatKillTable(lines));

  // in which run, and how small, changes with the simulator, and is for people to read
  expect([...readKillTable(table)].sort()).toEqual(
    bugs.map(({ name, what }) => [name, what]).sort(),
  );
});

function lineOf({ name, what, suite }: Bug, { broken, run, size }: Kill): TableLine {
  const [runWord, sizeWord] = WORDS[suite.by];
  const found = /^\[\w+\]/.exec(broken)?.[0] ?? broken; // a test of a contract, by its rule
  return {
    bug: name,
    what,
    suite: suite.by,
    broken: found,
    run: `${runWord} ${run}`,
    size: size === null ? "" : `${size} ${size === 1 ? sizeWord.slice(0, -1) : sizeWord}`,
  };
}

/** Suites hold for as many runs as the latest of their bugs took. */
function runsNeeded(suite: Suite): number {
  const same = bugs.filter((bug) => JSON.stringify(bug.suite) === JSON.stringify(suite));
  return Math.max(LEAST_RUNS, ...same.map((bug) => hunts.get(bug)?.kill?.run ?? 0));
}

/** Runs all, two at a time, and gives what came of each. */
async function goAll(errands: readonly Errand[]): Promise<ReadonlyMap<Bug, Hunt>> {
  const found = new Map<Bug, Hunt>();
  const rest = [...errands];
  const work = async (): Promise<void> => {
    for (let errand = rest.shift(); errand !== undefined; errand = rest.shift())
      found.set(errand.bug, await errand.go());
  };
  await Promise.all(Array.from({ length: HUNTERS }, work));
  return found;
}
