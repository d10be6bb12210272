/** The fuzz of the relay's admission, from a fixed seed every day; `npm run fuzz:relay` is the long run. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { build } from "esbuild";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

test(
  "mutated and forged updates change nothing unless they are let in whole, and never a record that is there",
  async () => {
    const { numRuns, seed } = runs(50_000);

    const said = await fuzzInProcess(numRuns, seed);

    expect(said).not.toContain("FOUND");
    for (const kind of ["new", "known", "gap"])
      expect(said).toMatch(new RegExp(`${kind}: \\d{3,}`));
  },
  LAW_TIMEOUT_MS,
);

/** In a process of its own: there it takes half the time, and its memory is only its own. */
async function fuzzInProcess(numRuns: number, seed: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-relay-fuzz-"));
  try {
    const program = join(folder, "fuzz.mjs");
    const entry = join(import.meta.dirname, "long", "fuzz-relay.ts");
    const esm = { bundle: true, format: "esm", platform: "node", target: "node20" } as const;
    await build({ entryPoints: [entry], outfile: program, ...esm });
    const { NODE_OPTIONS: _, ...env } = process.env; // the test runner's own are not for the program
    const args = ["--expose-gc", program, "--runs", String(numRuns), "--seed", String(seed)];
    const run = promisify(execFile)(process.execPath, args, { env, cwd: folder });
    const { stdout } = await run.catch((fault: { readonly stdout: string }) => fault);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
