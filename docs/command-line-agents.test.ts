// Does what docs/command-line-agents.md shows, as a reader would: writes its script, runs its commands, compares what they say.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..");
const page = readFileSync(join(root, "docs/command-line-agents.md"), "utf8");

/** A block, and the text block that follows it with only blank lines between, if there is one. */
const blocks = [...page.matchAll(/^```sh\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?/gms)];

test("[C41] [C42] [C45] the agent of docs/command-line-agents.md does what the page shows", () => {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-page-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const main = join(root, "dist/adapters/cli/main.js");
  writeFileSync(join(bin, "stigmergy"), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, {
    mode: 0o755,
  });
  try {
    const [script, commands] = blocks;
    writeFileSync(join(folder, "agent.sh"), script?.[1] ?? "");

    const run = spawnSync("sh", ["-e", "-c", commands?.[1] ?? "exit 9"], {
      cwd: folder,
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}`, NODE_OPTIONS: "" },
      encoding: "utf8",
      timeout: 30_000,
    });

    expect(blocks).toHaveLength(2);
    expect({ status: run.status, stderr: run.stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^completed +Format main\.c +\(agent-1\)\n$/u),
    });
    const said = run.stdout.split("\n");
    for (const line of commands?.[2]?.trim().split("\n") ?? ["no text"]) {
      const place = said.findIndex((one) => isLike(one, line));
      expect({ line, isSaid: place >= 0 }).toEqual({ line, isSaid: true });
      said.splice(0, place + 1); // what the page shows is in the same order
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 40_000);

/** Whether a line is the one on the page, where `…` stands for anything. */
function isLike(said: string, shown: string): boolean {
  const parts = shown.split("…").map((part) => part.replace(/[$()*+.?[\\\]^{|}]/gu, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "u").test(said);
}
