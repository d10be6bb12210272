/** `stigmergy init` in a real project directory, as a program runs it: nobody is there to be asked. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { namesIn, runIn } from "../project/workbench.ts";
import { CliBench, dataOf, errorOf } from "../workbench/cli.ts";
import { askPerson } from "./ask.ts";

const TEST_MS = 60_000; // they take a second or two; the rest is for a busy machine
const NEWER = '{"command":"node","args":["other.js"]}';

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

const text = (name: string): string => readFileSync(bench.path(name), "utf8");

test(
  "[C52] in an empty folder it gives the project a board in a folder, and asks nothing",
  async () => {
    const { code, stdout } = await bench.run(["init"]);

    expect(code).toBe(0);
    expect(stdout).toContain(".stigmergy/config.json");
    expect(JSON.parse(text(".stigmergy/config.json"))).toEqual({
      schema_version: 1,
      folder: "board",
    });
    expect(text(".stigmergy/.gitignore")).toBe("*\n!.gitignore\n!config.json\n");
    expect((await bench.run(["add", "mend the roof"])).code).toBe(0);
    expect((await bench.run(["list"])).stdout).toContain("mend the roof");
  },
  TEST_MS,
);

test(
  "[C52] done again it changes nothing, and says so; a place below the project is the project's",
  async () => {
    await bench.run(["init", "--client", "claude"]);
    const before = statSync(bench.path(".mcp.json")).mtimeMs;
    mkdirSync(bench.path("below"));

    const again = await bench.run(["init", "--client", "claude"]);
    const below = await runIn(bench.path("below"), ["init", "--json"]);

    expect(again).toMatchObject({ code: 0, stderr: "nothing was changed\n" });
    expect(again.stdout.match(/^unchanged/gmu)).toHaveLength(2);
    expect(statSync(bench.path(".mcp.json")).mtimeMs).toBe(before);
    expect(dataOf(below)["files"]).toEqual([
      { file: "../.stigmergy/config.json", client: null, outcome: "unchanged" },
    ]);
    expect(existsSync(bench.path("below/.stigmergy"))).toBe(false);
  },
  TEST_MS,
);

test(
  "[C52] many at once make one board between them, and nobody sees half a configuration",
  async () => {
    const ends = await Promise.all([
      ...Array.from({ length: 3 }, () => bench.run(["init", "--client", "claude"])),
      bench.run(["init", "--client", "cursor"]),
    ]);

    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(JSON.parse(text(".stigmergy/config.json"))).toEqual({
      schema_version: 1,
      folder: "board",
    });
    expect(text(".mcp.json")).toBe(text(".cursor/mcp.json"));
    expect(
      [...namesIn(bench.folder), ...namesIn(bench.path(".stigmergy"))].filter((name) =>
        name.endsWith(".tmp"),
      ),
    ).toEqual([]);
  },
  TEST_MS,
);

test(
  "[C52] another place than the project's is refused, and written with --force",
  async () => {
    await bench.run(["init"]);
    const relay = ["init", "--relay", "ws://127.0.0.1:1/docs"];

    const refused = await bench.run([...relay, "--json"]);
    const kept = text(".stigmergy/config.json");
    const forced = await bench.run([...relay, "--force"]);
    const again = await bench.run(relay);

    expect(refused.code).toBe(3);
    expect(errorOf(refused)).toMatchObject({ code: "OTHER_PLACE" });
    expect(errorOf(refused).message).toContain("--force");
    expect(JSON.parse(kept)).toEqual({ schema_version: 1, folder: "board" });
    expect(forced.code).toBe(0);
    expect(again.stderr).toBe("nothing was changed\n");
    expect(JSON.parse(text(".stigmergy/config.json"))).toEqual({
      schema_version: 1,
      relay: "ws://127.0.0.1:1/docs",
    });
  },
  TEST_MS,
);

test(
  "[C52] a rule is part of the place: another is refused, and with --force only the rule is another",
  async () => {
    const relay = "ws://127.0.0.1:1/docs";
    await bench.run(["init", "--relay", relay, "--rule", "rendezvous@1"]);
    const again = await bench.run(["init", "--rule", "rendezvous@1"]);
    const other = await bench.run(["init", "--rule", "earliest@1", "--json"]);
    const kept = JSON.parse(text(".stigmergy/config.json"));
    const forced = await bench.run(["init", "--rule", "earliest@1", "--force"]);

    expect(again).toMatchObject({ code: 0, stderr: "nothing was changed\n" });
    expect(other.code).toBe(3);
    expect(errorOf(other).code).toBe("OTHER_PLACE");
    expect(kept).toEqual({ schema_version: 1, relay, rule: "rendezvous@1" });
    expect(forced.code).toBe(0);
    expect(JSON.parse(text(".stigmergy/config.json"))).toEqual({ ...kept, rule: "earliest@1" });
  },
  TEST_MS,
);

test(
  "[C52] of two that name different relays at once one is written, and the other is told",
  async () => {
    const places = ["ws://127.0.0.1:1/a", "ws://127.0.0.1:1/b"];

    const ends = await Promise.all(places.map((relay) => bench.run(["init", "--relay", relay])));

    const { relay } = JSON.parse(text(".stigmergy/config.json"));
    expect(ends.map(({ code }) => code)).toEqual(places.map((one) => (one === relay ? 0 : 3)));
  },
  TEST_MS,
);

test.each([
  [["--relay", "http://x"], "no address of a relay"],
  [["--rule", "newest@9"], "there is no rule"],
  [["--token-file", "t"], "a folder asks for no token"],
  [["--relay", "ws://127.0.0.1:1/b", "--token-file", "gone"], "cannot be read"],
  [["--client", "emacs"], "Allowed choices are claude, cursor, vscode, codex"],
])(
  "[C52] what cannot be is refused before anything is written: %j",
  async (args, message) => {
    const end = await bench.run(["init", ...args, "--json"]);

    expect(end.code).toBe(2);
    expect(errorOf(end).message).toContain(message);
    expect(existsSync(bench.path(".stigmergy"))).toBe(false);
  },
  TEST_MS,
);

test(
  "[C53] of each client the file is written that it reads in a project",
  async () => {
    const names = ["claude", "cursor", "vscode", "codex"];

    const end = await bench.run(["init", ...names.flatMap((name) => ["--client", name])]);

    const server = { command: "npx", args: ["stigmergy", "mcp"] };
    expect(end.code).toBe(0);
    expect(JSON.parse(text(".mcp.json"))).toEqual({ mcpServers: { stigmergy: server } });
    expect(JSON.parse(text(".cursor/mcp.json"))).toEqual({ mcpServers: { stigmergy: server } });
    expect(JSON.parse(text(".vscode/mcp.json"))).toEqual({
      servers: { stigmergy: { type: "stdio", ...server } },
    });
    expect(text(".codex/config.toml")).toBe(
      '[mcp_servers.stigmergy]\ncommand = "npx"\nargs = ["stigmergy", "mcp"]\n',
    );
  },
  TEST_MS,
);

test(
  "[C53] what others have in a file stays byte for byte, with its permissions, behind its link",
  async () => {
    const theirs = '{\n\t"mcpServers": {\n\t\t"db": { "env": {"KEY":"s3"}, "args":[ 1,2 ] }';
    mkdirSync(bench.path("dot"));
    bench.write("dot/mcp.json", `${theirs}\n\t}\n}`);
    chmodSync(bench.path("dot/mcp.json"), 0o600);
    symlinkSync("dot/mcp.json", bench.path(".mcp.json"));
    mkdirSync(bench.path(".codex"));
    bench.write(".codex/config.toml", '# mine\nmodel = "x"\n\n[mcp_servers.db]\ncommand = "db"');

    const end = await bench.run(["init", "--client", "claude", "codex"]);

    expect(end.code).toBe(0);
    const merged = text("dot/mcp.json");
    expect(merged.startsWith(`${theirs},\n\t\t"stigmergy": {\n\t\t\t"command"`)).toBe(true);
    expect(Object.keys(JSON.parse(merged).mcpServers)).toEqual(["db", "stigmergy"]);
    expect(statSync(bench.path("dot/mcp.json")).mode & 0o777).toBe(0o600);
    expect(text(".codex/config.toml")).toMatch(
      /^# mine\nmodel = "x"\n\n\[mcp_servers\.db\]\ncommand = "db"\n\n\[mcp_servers\.stigmergy\]\n/u,
    );
  },
  TEST_MS,
);

test(
  "[C53] another entry of our name is kept, and said so; --force replaces it and nothing else",
  async () => {
    bench.write(".mcp.json", `{"a":[],"mcpServers":{"stigmergy":${NEWER},"z":{}}}`);
    mkdirSync(bench.path(".codex"));
    const [head, tail] = ['[mcp_servers."stigmergy"]\n', '\n# next\n[other]\nx = "[y]"\n'];
    bench.write(".codex/config.toml", `${head}command = "node"\n${tail}`);
    const before = [text(".mcp.json"), text(".codex/config.toml")];

    const kept = await bench.run(["init", "--client", "claude", "codex"]);
    const after = [text(".mcp.json"), text(".codex/config.toml")];
    await bench.run(["init", "--force", "--client", "claude", "codex"]);

    expect(kept.code).toBe(0);
    expect(kept.stdout.match(/^kept .*--force/gmu)).toHaveLength(2);
    expect(after).toEqual(before);
    expect(JSON.parse(text(".mcp.json"))).toEqual({
      a: [],
      mcpServers: { stigmergy: { command: "npx", args: ["stigmergy", "mcp"] }, z: {} },
    });
    expect(text(".codex/config.toml")).toBe(
      `${head}command = "npx"\nargs = ["stigmergy", "mcp"]\n${tail}`,
    );
  },
  TEST_MS,
);

test.each([
  [".vscode/mcp.json", "vscode", '{\n  // ours\n  "servers": {}\n}\n', '"type": "stdio"'],
  [".mcp.json", "claude", "[]", '"command": "npx"'],
  [".cursor/mcp.json", "cursor", '{"mcpServers": []}', '"mcpServers"'],
  [".codex/config.toml", "codex", "mcp_servers = {}\n", "[mcp_servers.stigmergy]"],
])(
  "[C53] %s that nothing can be put into is left alone, with the lines to paste, and nothing else is written",
  async (file, client, content, line) => {
    mkdirSync(dirname(bench.path(file)), { recursive: true });
    bench.write(file, content);

    const end = await bench.run(["init", "--json", "--client", client, "claude", "codex"]);

    expect(end.code).toBe(2);
    expect(errorOf(end).message).toContain(bench.path(file));
    expect(errorOf(end).message).toContain(line);
    expect(text(file)).toBe(content);
    expect(namesIn(bench.folder)).toEqual([file.split("/")[0]]);
  },
  TEST_MS,
);

test("[C54] a person is asked two questions at most, where Enter takes what is usual", async () => {
  const input = new PassThrough();
  const asked = new PassThrough({ encoding: "utf8" });
  const person = askPerson(input, asked);

  const relay = person.askRelay();
  input.write("\n");
  const isFolder = (await relay) === undefined;
  const chosen = person.askClients();
  input.write("claude, Codex\n");

  expect(isFolder).toBe(true);
  expect(await chosen).toEqual(["claude", "codex"]);
  expect(String(asked.read()).split("?")).toHaveLength(3);
  person.close();
});

test("[C54] a person who ends the input has changed nothing", async () => {
  const input = new PassThrough();
  const person = askPerson(input, new PassThrough());

  const relay = person.askRelay();
  input.end();

  await expect(relay).rejects.toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
});
