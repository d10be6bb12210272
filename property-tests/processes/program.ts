/** The programs of a cluster: built from the sources, started, and ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { build } from "esbuild";
import type { RelaySettings } from "./relay.ts";
import type { ResourceSettings } from "./resource.ts";
import type { WorkerSettings } from "./worker.ts";

/** A run of a program, in a process of its own. */
export interface RunningProgram {
  readonly child: ChildProcess;
  readonly run: string;
}

/** What each program is told. */
export interface ProgramSettings {
  readonly worker: WorkerSettings;
  readonly relay: RelaySettings;
  readonly resource: ResourceSettings;
}

/** Children that were killed on purpose. */
const ended = new WeakSet<ChildProcess>();

/** Builds the programs from the sources as they are; whole, since that starts in half the time. */
export async function buildPrograms(outdir: string): Promise<void> {
  await build({
    entryPoints: ["worker", "relay", "resource"].map((name) =>
      join(import.meta.dirname, `${name}.ts`),
    ),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // some of what is bundled is CommonJS
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
}

/** Starts a program; `endedByItself` hears of an end that is not by {@link endProgram}, and of what was said before. */
export function startProgram<K extends keyof ProgramSettings>(
  programs: string,
  name: K,
  settings: ProgramSettings[K] & { readonly run: string },
  endedByItself: (fault: Error) => void,
): RunningProgram {
  const { NODE_OPTIONS: _, ...env } = process.env; // the test runner's own are not for the programs
  const { run } = settings;
  const args = [join(programs, `${name}.mjs`), JSON.stringify(settings)];
  const stdio = ["ignore", "ignore", "pipe", "ipc"] as const;
  const child = spawn(process.execPath, args, { env, stdio: [...stdio] });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.once("close", (code, signal) => {
    if (!ended.has(child))
      endedByItself(new Error(`${run} ended by itself (${code ?? signal}): ${stderr}`));
  });
  return { child, run };
}

/** Kills a program, also one that is frozen, and returns once it is gone. */
export async function endProgram({ child }: RunningProgram): Promise<void> {
  ended.add(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/** Waits for the first message of a program that listens. */
export async function addressOf({ child, run }: RunningProgram): Promise<string | number> {
  const ended = once(child, "exit").then(() => {
    throw new Error(`${run} ended before it listened`);
  });
  const [{ address }] = await Promise.race([once(child, "message"), ended]);
  return address;
}
