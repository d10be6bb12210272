/**
 * The main job on a real list: four agent processes check every page of this repository's documentation, then the
 * board is shown. Run it from the repository's root with `npm start`.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createMemoryStorage } from "../../adapters/storage/memory.ts";
import { createRelay } from "../../adapters/transport/relay.ts";

const program = fileURLToPath(new URL("../../adapters/cli/main.js", import.meta.url));
const checkPage = fileURLToPath(new URL("./check-page.js", import.meta.url));

const docs = readdirSync("docs", { recursive: true, encoding: "utf8" }).map(
  (name) => `docs/${name}`,
);
const pages = ["README.md", "CHANGELOG.md", ...docs.filter((name) => name.endsWith(".md")).sort()];
const checklist = pages.map((page) => `- [ ] ${page}`).join("\n");
const relay = await createRelay({ access: "open", storage: createMemoryStorage() });
const board = ["--relay", `${relay.address}/docs`];

const code = await stigmergy(
  ["run", "-", ...board, "--agents", "4", "--", process.execPath, checkPage, "{title}"],
  checklist,
);
await stigmergy(["list", ...board]);
await relay.close();
process.exitCode = code;

/** Runs the program with this process's own output, and resolves with its exit code. */
function stigmergy(args: readonly string[], stdin = ""): Promise<number> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.stdin.end(stdin);
  return new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}
