// Holds the texts for agents to what there is: every command, option, tool, link and configuration that they name.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "@jest/globals";
import { TOML_TABLE } from "../adapters/cli/init/toml-entry.ts";
import { createOutput } from "../adapters/cli/output/output.ts";
import { createProgram } from "../adapters/cli/program.ts";
import { primeText, toolDefinitions } from "../adapters/tools/index.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const files = ["AGENTS.md", "SKILL.md", "llms.txt", "docs/agents.md"];
const texts = [...files.map((file) => [file, read(file)] as const), ["prime", primeText] as const];

const program = createProgram({
  version: "0",
  output: createOutput({ isJson: true }),
  line: null,
  done: () => {},
});
const commands = new Map(program.commands.map((command) => [command.name(), command] as const));
const tools = toolDefinitions.map(({ name }) => name);

/** Code blocks and code in line. */
function codeOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```\w+\n(.*?)^```$/gmsu)].flatMap(([, block = ""]) =>
    block.split("\n"),
  );
  return [...blocks, ...[...text.matchAll(/`([^`\n]+)`/gu)].map(([, code = ""]) => code)];
}

/** Each `stigmergy command` with what is behind it. */
function callsIn(text: string): readonly (readonly [name: string, rest: string])[] {
  return codeOf(text).flatMap((code) =>
    [...code.matchAll(/(?:^|-- |npx )stigmergy ([a-z]+)([^|;#]*)/gu)].map(
      ([, name = "", rest = ""]) => [name, rest] as const,
    ),
  );
}

test.each(texts)("[C57] every command and option that %s names exists", (_, text) => {
  const unknown = callsIn(text).filter(([name, rest]) => {
    const known = commands.get(name)?.options.map(({ long }) => long);
    const ofSubcommands = commands.get(name)?.commands.flatMap(({ options }) => options);
    const all = [...(known ?? []), ...(ofSubcommands ?? []).map(({ long }) => long)];
    const [own = ""] = rest.split(" -- ");
    return (
      known === undefined || (own.match(/--[a-z-]+/gu) ?? []).some((one) => !all.includes(one))
    );
  });

  expect(unknown).toEqual([]);
  expect(codeOf(text).length === 0 || callsIn(text).length > 0).toBe(true);
});

test.each(texts)("[C57] every tool that %s names exists", (_, text) => {
  const named = text.match(/\b[a-z]+_[a-z_]+\b/gu) ?? [];

  const notTools = named.filter((name) => !tools.includes(name));

  expect(notTools.filter((name) => name !== "mcp_servers")).toEqual([]);
});

test.each([
  ["SKILL.md", read("SKILL.md")],
  ["docs/agents.md", read("docs/agents.md")],
])("[C57] %s names all tools", (_, text) => {
  expect(tools.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test("[C57] every command that the text for agents lists exists", () => {
  const [, list = ""] = /stigmergy ((?:[a-z]+, )+[a-z]+)\./u.exec(primeText) ?? [];

  expect(list.split(", ").filter((name) => !commands.has(name))).toEqual([]);
  expect(list.split(", ").length).toBeGreaterThan(5);
});

test.each(files.map((file) => [file] as const))(
  "[C57] every link of %s leads to a file that ships with it",
  (file) => {
    const links = [...read(file).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/gu)].map(
      ([, link = ""]) => link,
    );
    const targets = links.map((link) => relative(root, join(root, dirname(file), link)));
    const ships = (JSON.parse(read("package.json")) as { files: readonly string[] }).files;

    const missing = targets.filter(
      (target) =>
        !existsSync(join(root, target)) ||
        !(
          ships.includes(target) ||
          target === "README.md" ||
          (target.startsWith("docs/") && target.endsWith(".md") && ships.includes("docs/**/*.md"))
        ),
    );

    expect(links.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
    expect(file.startsWith("docs/") || ships.includes(file)).toBe(true);
  },
);

test("[C57] llms.txt has a line for each page of docs", () => {
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));

  const missing = pages.filter((page) => !read("llms.txt").includes(`](docs/${page}): `));

  expect(pages).toContain("agents.md");
  expect(missing).toEqual([]);
});

test("[C57] the skill has a name and a description as the format asks for", () => {
  const [, head = ""] = /^---\n(.*?)\n---\n/su.exec(read("SKILL.md")) ?? [];
  const fields = new Map(head.split("\n").map((line) => [line.split(": ")[0], line] as const));

  expect(fields.get("name")).toMatch(/^name: [a-z0-9]+(?:-[a-z0-9]+)*$/u);
  expect(fields.get("description")?.length).toBeLessThanOrEqual(1024);
  expect(fields.get("description")).toMatch(/ Use when /u);
});

test("[C57] what the page configures by hand is what init writes", () => {
  const page = read("docs/agents.md");
  const json = [...page.matchAll(/^```json\n(.*?)^```$/gmsu)].map(([, block = ""]) =>
    JSON.parse(block),
  );
  const [, toml] = /^```toml\n(.*?)^```$/msu.exec(page) ?? [];

  const server = { command: "npx", args: ["stigmergy", "mcp"] };
  expect(json).toEqual([
    { mcpServers: { stigmergy: server } },
    { servers: { stigmergy: { type: "stdio", ...server } } },
  ]);
  expect(toml).toBe(TOML_TABLE);
});

test("[C57] llms.txt has a title, a summary, and a line for each page of the documentation", () => {
  const text = read("llms.txt");
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));

  expect(text).toMatch(/^# stigmergy\n\n> [^\n]+\n\n/u);
  const lines = text.split("\n").filter((line) => line.startsWith("-"));
  for (const line of lines) expect(line).toMatch(/^- \[[^\]]+\]\([^)]+\): .+$/u);
  expect(pages.filter((page) => !text.includes(`](docs/${page})`))).toEqual([]);
});
