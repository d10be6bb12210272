// Runs each program of README.md as a user would, against the built package, compares its output, and follows all links of the documentation.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { transformSync } from "@swc/core";

const root = join(import.meta.dirname, "..");
const folder = join(root, ".cache/readme"); // inside the package, so that it can import itself

// A ts block, and the text block that follows it with only blank lines between, if there is one.
const program = /^```ts\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?/gms;

const programs = [...readFileSync(join(root, "README.md"), "utf8").matchAll(program)];

test("README.md has a program", () => {
  expect(programs).not.toEqual([]);
});

test("the package is built", () => {
  expect(existsSync(join(root, "dist/lib/index.js"))).toBe(true);
});

for (const [index, [, source = "", output]] of programs.entries()) {
  test(`program ${index + 1} of README.md prints what README.md says`, () => {
    const file = writeProgram(`program-${index + 1}.mjs`, source);

    const run = spawnSync(process.execPath, [file], { encoding: "utf8", timeout: 30_000 });

    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
    expect(run.stdout.trim()).toBe((output ?? run.stdout).trim());
  }, 40_000);
}

test("each link of README.md, CHANGELOG.md and docs leads somewhere", () => {
  const file = join(root, "dist/demos/10-check-docs/main.js");

  const run = spawnSync(process.execPath, [file], { cwd: root, encoding: "utf8", timeout: 50_000 });

  expect({ status: run.status, failed: run.stderr.match(/^failed.*$/gmu) ?? [] }).toEqual({
    status: 0,
    failed: [],
  });
}, 60_000);

function writeProgram(name: string, source: string): string {
  const { code } = transformSync(source, {
    filename: name,
    jsc: {
      target: "es2022",
      parser: { syntax: "typescript" },
      transform: { verbatimModuleSyntax: true },
    },
    module: { type: "es6" },
  });
  const file = join(folder, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, code);
  return file;
}
