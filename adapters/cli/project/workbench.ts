/** Runs the built program in any directory of a test's project, and looks at what is there. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { CliEnd } from "../workbench/cli.ts";

const MAIN = join(
  import.meta.dirname,
  "../../..",
  process.env["STIGMERGY_DIST"] ?? "dist",
  "adapters/cli/main.js",
);

/** Runs the program there to its end. */
export function runIn(directory: string, args: readonly string[]): Promise<CliEnd> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { cwd: directory, env },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/** The names of what is in a directory, hidden ones too. */
export function namesIn(directory: string): readonly string[] {
  return readdirSync(directory).toSorted();
}
