/** How commands find the board of the project that they run in. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { CliBench, dataOf, errorOf } from "../workbench/cli.ts";
import { findProjectPlace, makeFolderPlace } from "./project-place.ts";
import { namesIn, runIn } from "./workbench.ts";

const TEST_MS = 60_000; // they take a second or two; the rest is for a busy machine

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

const configure = (place: object): string => {
  mkdirSync(bench.path(".stigmergy"), { recursive: true });
  return bench.write(".stigmergy/config.json", JSON.stringify({ schema_version: 1, ...place }));
};
const titles = async (...args: readonly string[]): Promise<unknown> => {
  const { tasks } = dataOf(await bench.run(["list", "--json", ...args]));
  return (tasks as { readonly title: string }[]).map(({ title }) => title);
};
const idOf = async (...add: readonly string[]): Promise<string> => {
  const { tasks } = dataOf(await bench.run(["add", "--json", ...add]));
  return (tasks as { readonly id: string }[])[0]?.id ?? "";
};

test(
  "[C50] commands that name no place find the project's from any directory in it",
  async () => {
    await makeFolderPlace(bench.folder);
    mkdirSync(bench.path("src/deep"), { recursive: true });

    const added = await runIn(bench.path("src/deep"), ["add", "mend the roof"]);
    const worked = await runIn(bench.path("src"), ["work", "--", "echo", "mended"]);

    expect([added.code, worked.code]).toEqual([0, 0]);
    const list = await bench.run(["list", "--json"]);
    expect(dataOf(list)).toMatchObject({ tasks: [{ title: "mend the roof", state: "completed" }] });
    expect(namesIn(bench.path("src/deep"))).toEqual([]);
  },
  TEST_MS,
);

test(
  "[C50] options come before the session, and the session before the project",
  async () => {
    configure({ folder: "board" });
    await bench.run(["add", "of the project"]);
    const id = await idOf("of the session", "--folder", bench.path("other"));
    await bench.run(["claim", id, "--folder", bench.path("other")]);

    const bySession = await titles();
    const byOption = await titles("--folder", bench.path(".stigmergy/board"));
    await bench.run(["leave"]);
    const byProject = await titles();

    expect(bySession).toEqual(["of the session"]);
    expect(byOption).toEqual(["of the project"]);
    expect(byProject).toEqual(["of the project"]);
  },
  TEST_MS,
);

test(
  "[C50] a session that is made in a project is at its board, by its rule; so is an agent that comes and goes",
  async () => {
    configure({ folder: "board", rule: "rendezvous@1" });
    const id = await idOf("mend the roof");

    const canceled = await bench.run(["cancel", await idOf("no more")]);
    const claimed = await bench.run(["claim", id]);
    const otherRule = await bench.run(["list", "--json", "--rule", "earliest@1"]);

    expect([canceled.code, claimed.code]).toEqual([0, 0]);
    expect(JSON.parse(readFileSync(bench.path(".stigmergy/session.json"), "utf8"))).toMatchObject({
      folder: bench.path(".stigmergy/board"),
      rule: "rendezvous@1",
    });
    expect(errorOf(otherRule).message).toContain("rendezvous@1");
  },
  TEST_MS,
);

test(
  "[C50] a run brings its own relay, whatever the project's place is",
  async () => {
    configure({ folder: "board" });
    const list = bench.write("tasks.txt", "one\ntwo\n");

    const run = await bench.run(["run", list, "--agents", "1", "--", "echo", "{title}"]);

    expect(run.code).toBe(0);
    expect(await titles()).toEqual([]);
  },
  TEST_MS,
);

test(
  "[C51] a project behind a relay needs no options, and its configuration names the token's file only",
  async () => {
    await bench.run(["token", "secret", "relay.key"]);
    const relay = await bench.startRelay(["--secret-file", bench.path("relay.key")]);
    const key = ["--key", "relay.key", "--agent", "ada", "--board", "docs"];
    const { stdout: token } = await bench.run(["token", "create", ...key, "--expires", "1h"]);
    bench.write("ada.token", token);

    const address = `${relay.address}/docs`;
    const init = await bench.run(["init", "--relay", address, "--token-file", "ada.token"]);

    const config = readFileSync(bench.path(".stigmergy/config.json"), "utf8");
    expect(init.code).toBe(0);
    expect(config).not.toContain(token.trim());
    expect(JSON.parse(config)).toEqual({
      schema_version: 1,
      relay: address,
      tokenFile: "../ada.token",
    });
    mkdirSync(bench.path("below"));
    expect((await runIn(bench.path("below"), ["add", "mend the roof"])).code).toBe(0);
    expect(await titles()).toEqual(["mend the roof"]);
  },
  TEST_MS,
);

test.each([
  "{",
  "null",
  "[]",
  "{}",
  '{"schema_version": 2, "folder": "board"}',
  '{"schema_version": 1}',
  '{"schema_version": 1, "folder": ""}',
  '{"schema_version": 1, "folder": "a", "relay": "ws://127.0.0.1:1/b"}',
  '{"schema_version": 1, "folder": "board", "token": "abc"}',
])("[C51] a broken configuration is a usage fault that names the file: %s", (text) => {
  const file = configure({});
  bench.write(".stigmergy/config.json", text);

  expect(() => findProjectPlace(bench.path("below"))).toThrow(file);
  expect(() => findProjectPlace(bench.path("below"))).toThrow("stigmergy init --force");
});

test(
  "[C51] a command that meets a broken configuration ends with it; init writes it anew when forced",
  async () => {
    const file = configure({});

    const end = await bench.run(["list", "--json"]);
    const unforced = await bench.run(["init"]);
    const forced = await bench.run(["init", "--force"]);

    expect([end.code, unforced.code, forced.code]).toEqual([2, 2, 0]);
    expect(errorOf(end)).toMatchObject({ code: "USAGE" });
    expect(errorOf(end).message).toContain(file);
    expect(findProjectPlace(bench.folder)).toEqual({
      file,
      folder: bench.path(".stigmergy/board"),
    });
  },
  TEST_MS,
);

test("[C51] a copy of a project that has only the configuration has an empty board; a folder elsewhere is not made", async () => {
  await makeFolderPlace(bench.folder);
  rmSync(bench.path(".stigmergy/board"), { recursive: true, force: true });
  const inside = await bench.run(["list"]);
  configure({ folder: bench.path("elsewhere") });
  const outside = await bench.run(["list"]);

  expect(inside.code).toBe(0);
  expect(outside.code).toBe(5);
  expect(existsSync(bench.path("elsewhere"))).toBe(false);
});

test("[C52] of many who give a project a board at once all find the same one", async () => {
  const places = await Promise.all(Array.from({ length: 20 }, () => makeFolderPlace(bench.folder)));

  const file = bench.path(".stigmergy/config.json");
  expect(places).toEqual(
    Array.from({ length: 20 }, () => ({ file, folder: bench.path(".stigmergy/board") })),
  );
  expect(namesIn(bench.path(".stigmergy"))).toEqual([".gitignore", "board", "config.json"]);
  expect(findProjectPlace(bench.path("none/below"))).toEqual(places[0]);
});
