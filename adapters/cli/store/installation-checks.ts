/** Checks of the installation: this Node, the copies of Yjs, and the clock. */
import { realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Finding } from "./finding.ts";

const OLDEST_NODE = [20, 19] as const;

/** Whether this Node is one that the package runs on. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  const isOk = major > oldest || (major === oldest && minor >= oldestMinor);
  const remedy = `; install Node ${OLDEST_NODE.join(".")} or later`;
  return { check: "node", isOk, message: `Node ${version}${isOk ? "" : remedy}` };
}

/** Packages that hold a document in their hands, and so must hold the same Yjs. */
const USERS = ["y-protocols", "y-websocket", "y-indexeddb"];

/**
 * Whether this package, what it uses, and the program in a folder all find the same Yjs: two break each other.
 *
 * @param folder - where the program is that uses this package
 */
export function checkYjs(folder: string): Finding {
  const own = fileURLToPath(import.meta.url);
  const users = USERS.map((name) => resolveFrom(own, name)).filter((file) => file !== undefined);
  const found = [own, ...users, join(folder, "package.json")]
    .map((file) => resolveFrom(file, "yjs"))
    .filter((file) => file !== undefined);
  const copies = [...new Set(found.map((file) => dirname(realpathSync(file))))];
  const message =
    copies.length === 1
      ? `one copy of yjs, ${copies[0]}`
      : `${copies.length} copies of yjs (${copies.join(", ")}); run \`npm dedupe\`, or install the same version everywhere`;
  return { check: "yjs", isOk: copies.length === 1, message };
}

function resolveFrom(file: string, name: string): string | undefined {
  try {
    return createRequire(file).resolve(`${name}/package.json`);
  } catch {
    return undefined; // not installed there
  }
}

/** The clocks of a machine, in milliseconds. */
export interface Clocks {
  /** The time of day. */
  now(): number;
  /** What only goes forward. */
  monotonic(): number;
}

const LOOKS = 10;
const LOOK_EVERY_MS = 10;
const MAX_STEP_MS = 50;

const READINGS = 5;

/** Reads both clocks at one moment: of a few readings the one that took least, as a process may be stopped in the middle. */
function readBoth({ now, monotonic }: Clocks): [wall: number, steady: number] {
  let best: [wall: number, steady: number] = [now(), monotonic()];
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < READINGS; i++) {
    const before = monotonic();
    const wall = now();
    const tookMs = monotonic() - before;
    if (tookMs < least) best = [wall, before];
    least = Math.min(least, tookMs);
  }
  return best;
}

/** Whether the time of day goes on as time does, and is not before this program was installed. */
export async function checkClock({ now, monotonic }: Clocks): Promise<Finding> {
  const installed = statSync(fileURLToPath(import.meta.url)).mtimeMs;
  if (now() < installed) {
    const message = `the clock says ${new Date(now()).toISOString()}, before this program was installed; set it`;
    return { check: "clock", isOk: false, message };
  }
  let [wall, steady] = readBoth({ now, monotonic });
  for (let look = 0; look < LOOKS; look++) {
    await sleep(LOOK_EVERY_MS);
    const [nextWall, nextSteady] = readBoth({ now, monotonic });
    const step = nextWall - wall - (nextSteady - steady);
    if (Math.abs(step) > MAX_STEP_MS) {
      const message = `the clock jumped by ${Math.round(step)} ms while it was watched; see to its time service`;
      return { check: "clock", isOk: false, message };
    }
    [wall, steady] = [nextWall, nextSteady];
  }
  return { check: "clock", isOk: true, message: new Date(now()).toISOString() };
}
