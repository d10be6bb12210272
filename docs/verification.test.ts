// Does what docs/verification.md shows, as a reader would: writes its modules, runs its commands and its programs.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { transformSync } from "@swc/core";

const root = join(import.meta.dirname, "..");
const folder = join(root, ".cache/verification"); // inside the package, so that it can import itself
const page = readFileSync(join(root, "docs/verification.md"), "utf8");

/** A block, and the text block that follows it with only blank lines between, if there is one. */
const blocks = [...page.matchAll(/^```(js|sh|ts)\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?/gms)];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

for (const [, language, source = ""] of blocks) {
  if (language === "js") {
    const name = /^\/\/ (\S+\.mjs)$/m.exec(source)?.[1] ?? "unnamed.mjs";
    writeFileSync(join(folder, name), source);
  }
}

test.each(
  blocks
    .filter(([, language]) => language === "sh")
    .map(([, , source, shown]) => [source?.trim() ?? "", shown ?? ""]),
)(
  "[C37] `%s` says what docs/verification.md shows",
  (command, shown) => {
    const [name, ...args] = command.split(" ");

    const run = spawnSync(process.execPath, [join(root, "dist/adapters/cli/main.js"), ...args], {
      cwd: folder,
      encoding: "utf8",
      timeout: 100_000,
    });

    expect(name).toBe("stigmergy");
    expect(run.status).toBe(shown.includes("holds") || shown.includes("none breaks") ? 0 : 1);
    const said = run.stdout.split("\n");
    for (const line of shown.trim().split("\n")) {
      const place = said.indexOf(line);
      expect({ line, isSaid: place >= 0 }).toEqual({ line, isSaid: true });
      said.splice(0, place + 1); // what the page shows is in the same order
    }
  },
  120_000,
);

test.each(
  blocks
    .filter(([, language]) => language === "ts")
    .map(([, , source, shown], i) => [i + 1, source ?? "", shown ?? ""] as const),
)(
  "program %i of docs/verification.md prints what it shows",
  (number, source, shown) => {
    const { code } = transformSync(source, {
      filename: "program.ts",
      jsc: {
        target: "es2022",
        parser: { syntax: "typescript" },
        transform: { verbatimModuleSyntax: true },
      },
      module: { type: "es6" },
    });
    const file = join(folder, `program-${number}.mjs`);
    writeFileSync(file, code);

    const run = spawnSync(process.execPath, [file], { encoding: "utf8", timeout: 60_000 });

    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
    expect(run.stdout.trim()).toBe(shown.trim());
  },
  70_000,
);
