/** Runs the built program as a user would, in processes that all end with their test. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

/** A process of the program. */
export interface CliProcess {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves once it has ended and all was read. */
  readonly ended: Promise<CliEnd>;
}

/** How a process ended. */
export interface CliEnd {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process is started. */
export interface CliOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, "../../..");

/** The built program. */
const MAIN = join(ROOT, process.env["STIGMERGY_DIST"] ?? "dist", "adapters/cli/main.js");

/** The processes and files of one test. */
export class CliBench {
  /** A folder of its own. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "stigmergy-cli-"));
  readonly #children = new Set<ChildProcess>();

  constructor() {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built; run \`npm run build\` first`);
  }

  /** Where a file of this test is, or will be. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file and gives its path. */
  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  /** The lines of a file; none while it is not there. */
  lines(name: string): readonly string[] {
    try {
      return readFileSync(this.path(name), "utf8")
        .split("\n")
        .filter((line) => line !== "");
    } catch {
      return [];
    }
  }

  /** Starts the program. */
  start(args: readonly string[], { stdin, env = {} }: CliOptions = {}): CliProcess {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      env: { ...withoutNodeOptions(), TMPDIR: this.folder, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#children.add(child);
    child.stdin?.on("error", () => {}); // a program that does not read its stdin may end first
    child.stdin?.end(stdin ?? "");
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8");
      child[name]?.on("data", (text: string) => {
        said[name] += text;
      });
    }
    const ended = new Promise<CliEnd>((resolve) => {
      child.once("close", (code) => {
        this.#children.delete(child);
        resolve({ code, ...said });
      });
    });
    return {
      child,
      ended,
      get stdout() {
        return said.stdout;
      },
      get stderr() {
        return said.stderr;
      },
    };
  }

  /** Runs the program to its end. */
  run(args: readonly string[], options?: CliOptions): Promise<CliEnd> {
    return this.start(args, options).ended;
  }

  /** Starts a relay and gives its address with it. */
  async startRelay(
    args: readonly string[] = [],
  ): Promise<CliProcess & { readonly address: string }> {
    const relay = this.start([
      "relay",
      ...(args.includes("--secret-file") ? [] : ["--open"]),
      ...args,
    ]);
    await until("the relay says its address", () => relay.stdout.includes("\n"));
    return Object.assign(relay, { address: relay.stdout.split("\n")[0] ?? "" });
  }

  /** Ends every process and removes the folder. */
  async close(): Promise<void> {
    const children = [...this.#children];
    for (const child of children) child.kill("SIGKILL");
    await until("all processes of the test are gone", () => this.#children.size === 0);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The data of a command that was run with `--json`. */
export function dataOf({ stdout }: Pick<CliEnd, "stdout">): Record<string, unknown> {
  const envelope = JSON.parse(stdout) as { schema_version: number; data: Record<string, unknown> };
  if (envelope.schema_version !== 1) throw new Error(`no envelope: ${stdout}`);
  return envelope.data;
}

/** The error of a command that was run with `--json`. */
export function errorOf({ stderr }: Pick<CliEnd, "stderr">): {
  readonly code: string;
  readonly message: string;
} {
  return (JSON.parse(stderr) as { error: { code: string; message: string } }).error;
}

/** Whether a process lives; one that only waits to be collected does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

/** The test runner's own options are not for the program. */
function withoutNodeOptions(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}
