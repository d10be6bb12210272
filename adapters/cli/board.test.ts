// The board by hand: add, list, show, explain, watch, work and relay, and what they say when they cannot.

import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openBoard, Y } from "../../lib/index.ts";
import { createWebsocketTransport } from "../transport/websocket.ts";
import { CliBench, dataOf, errorOf, isAlive } from "./workbench/cli.ts";
import { until } from "./workbench/until.ts";

const TEST_MS = 60_000; // they take a second or two; the rest is for a busy machine

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

interface Added {
  readonly tasks: readonly {
    readonly id: string;
    readonly title: string;
    readonly added: boolean;
  }[];
}

const add = async (place: readonly string[], ...args: readonly string[]): Promise<Added["tasks"]> =>
  (dataOf(await bench.run(["add", ...place, "--json", ...args])) as unknown as Added).tasks;

/** The bytes of the relay's document, as a fresh replica gets them. */
const bytesAt = async (url: string): Promise<string> => {
  const board = await openBoard({ board: "work", transport: createWebsocketTransport({ url }) });
  await board.sync({ timeoutMs: 5000 });
  const bytes = Buffer.from(Y.encodeStateAsUpdate(board.doc)).toString("hex");
  await board.close();
  return bytes;
};

test(
  "[C14] commands that read leave no trace in the document",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    const [task] = await add(place, "one");
    const before = await bytesAt(address);

    const list = await bench.run(["list", ...place]);
    const show = await bench.run(["show", ...place, "--", task?.id ?? ""]);
    const explain = await bench.run(["explain", ...place, "--", task?.id ?? ""]);
    const watch = bench.start(["watch", ...place]);
    await until("it watches", () => watch.stderr.includes("watching"));
    watch.child.kill("SIGINT");
    await watch.ended;

    expect([list.code, show.code, explain.code]).toEqual([0, 0, 0]);
    expect(list.stdout).toBe(`submitted  ${task?.id}  one\n`);
    expect(show.stdout).toBe(`one\nsubmitted, attempt 0, id ${task?.id}\n`);
    expect(explain.stdout).toBe("one: Ready for attempt 1: nobody holds it.\n");
    expect(await bytesAt(address)).toBe(before);
  },
  TEST_MS,
);

test(
  "[C6] adding a list again adds nothing, and adding titles by hand adds each time",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    const file = bench.write("list.md", "- [ ] one\n- [ ] two\n");

    const first = await add(place, "--from", file);
    const before = await bytesAt(address);
    const second = await add(place, "--from", file);

    expect(first.map(({ title, added }) => [title, added])).toEqual([
      ["one", true],
      ["two", true],
    ]);
    expect(second).toEqual(first.map((task) => ({ ...task, added: false })));
    expect(await bytesAt(address)).toBe(before);
    const third = await add(place, "one", "one");
    expect(new Set([...first, ...third].map(({ id }) => id)).size).toBe(4);
  },
  TEST_MS,
);

test(
  "[C7] list --json gives every task with its state, attempt and holder",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    const file = bench.write(
      "list.jsonl",
      '{"title":"a","needs":["b"],"key":"a","requires":["x"],"priority":3}\n{"title":"b","key":"b"}',
    );
    const [a, b] = await add(place, "--from", file);

    const { tasks } = dataOf(await bench.run(["list", ...place, "--json"]));

    expect(tasks).toEqual([
      {
        ...{
          id: a?.id,
          title: "a",
          state: "submitted",
          attempt: 0,
          holder: null,
          completed_by: null,
        },
        ...{ waits_for: "need", is_stale: false },
        ...{ blocked_by: b?.id, priority: 3, needs: [b?.id], requires: ["x"] },
      },
      {
        ...{
          id: b?.id,
          title: "b",
          state: "submitted",
          attempt: 0,
          holder: null,
          completed_by: null,
        },
        ...{ waits_for: null, is_stale: false },
        ...{ blocked_by: null, priority: 0, needs: [], requires: [] },
      },
    ]);
  },
  TEST_MS,
);

test(
  "[C22] a worker leaves when nothing is left that it could take, and says what it did",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    await add(
      place,
      "--from",
      bench.write("list.md", "- [ ] top\n  - [ ] mine #x\n- [ ] other #y\n- [ ] free\n"),
    );

    const end = await bench.run([
      "work",
      ...place,
      "--can",
      "x",
      "--name",
      "ann",
      "--json",
      "--",
      "echo",
      "{title}",
    ]);
    const failing = await bench.run([
      "work",
      ...place,
      "--can",
      "y,z",
      "--agents",
      "2",
      "--",
      "false",
    ]);

    expect(end.code).toBe(0);
    expect(dataOf(end)["agents"]).toMatchObject([
      { name: "ann", started: 3, completed: 3, failed: 0, lost: 0 },
    ]);
    expect(failing.code).toBe(1);
    expect(failing.stdout).toMatch(/^agent-[12]: 1 started, 0 completed, 1 failed, 0 lost$/mu);
    const { tasks } = dataOf(await bench.run(["list", ...place, "--json"])) as {
      tasks: { title: string; state: string }[];
    };
    expect(tasks.map(({ title, state }) => [title, state])).toEqual([
      ["top", "completed"],
      ["mine", "completed"],
      ["other", "failed"],
      ["free", "completed"],
    ]);
  },
  TEST_MS,
);

test(
  "[C22] a worker with --forever stays and takes what comes, and gives back its claim when it is stopped",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    const worker = bench.start([
      "work",
      ...place,
      "--forever",
      "--",
      "sh",
      "-c",
      'echo "$$" >> pids; [ "$0" = quick ] || exec sleep 60',
      "{title}",
    ]);
    await until("it has joined", async () =>
      (await bytesAt(address)).includes(Buffer.from("joined").toString("hex")),
    );

    await add(place, "quick");
    await until("the first task is done", () => worker.stderr.includes("completed"));
    await add(place, "slow");
    await until("the second one is started", () => bench.lines("pids").length === 2);
    worker.child.kill("SIGTERM");
    const end = await worker.ended;

    expect([end.code, end.stdout]).toEqual([130, ""]);
    expect(isAlive(Number(bench.lines("pids")[1]))).toBe(false);
    const { tasks } = dataOf(await bench.run(["list", ...place, "--json"])) as {
      tasks: { state: string; holder: null }[];
    };
    expect(tasks.map(({ state, holder }) => [state, holder])).toEqual([
      ["completed", null],
      ["submitted", null],
    ]);
  },
  TEST_MS,
);

test(
  "[C8] a worker whose claim was lost while its command ran ends with exit code 3",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    const [task] = await add(place, "one");
    const worker = bench.start([
      "work",
      ...place,
      "--",
      "sh",
      "-c",
      "echo x >> starts; exec sleep 60",
    ]);
    await until("the task is started", () => bench.lines("starts").length === 1);

    const board = await openBoard({
      board: "work",
      transport: createWebsocketTransport({ url: address }),
    });
    await board.sync({ timeoutMs: 5000 });
    const boss = await board.join({ name: "boss" });
    await boss.cancel(task?.id as Parameters<typeof boss.cancel>[0]);
    const end = await worker.ended;
    await board.close();

    expect(end.code).toBe(3);
    expect(end.stdout).toBe("agent: 1 started, 0 completed, 0 failed, 1 lost\n");
  },
  TEST_MS,
);

test(
  "[C25] watch prints what happens as one envelope a line",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    const watch = bench.start(["watch", ...place]);
    await until("it watches", () => watch.stderr.includes("watching"));

    await add(place, "one");
    await bench.run(["work", ...place, "--", "true"]);
    const events = () =>
      watch.stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => dataOf({ stdout: line }));
    await until("the task is completed", () =>
      events().some(({ kind }) => kind === "task-completed"),
    );
    watch.child.kill("SIGINT");

    expect(await watch.ended).toMatchObject({
      code: 130,
      stderr: expect.not.stringContaining("error"),
    });
    const kinds = events().flatMap(({ kind, title }) => (title === "one" ? [kind] : []));
    expect(kinds.slice(0, 2)).toEqual(["task-added", "task-claimed"]);
    expect(events().map(({ kind }) => kind)).toContain("agent-joined");
  },
  TEST_MS,
);

test(
  "[C15] a board that cannot be reached is an error with cause and fix, never an empty list",
  async () => {
    const free = await freePort();
    const deaf = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => {
      deaf.listen(0, "127.0.0.1", resolve);
    });
    const address = deaf.address();
    const deafPort = typeof address === "object" ? address?.port : 0;
    const ask = (command: readonly string[], port: number | undefined) =>
      bench.run([
        ...command,
        "--relay",
        `ws://127.0.0.1:${port}/work`,
        "--sync-timeout-ms",
        "300",
        "--json",
      ]);

    const list = await ask(["list"], free);
    const added = await ask(["add", "one"], free);
    const nobody = await ask(["list"], deafPort);
    const folder = await bench.run(["list", "--folder", bench.path("nowhere")]);
    const run = await bench.run(
      ["run", "-", "--relay", `ws://127.0.0.1:${free}`, "--sync-timeout-ms", "300", "--", "true"],
      { stdin: "one" },
    );
    deaf.close();

    for (const end of [list, added]) {
      expect([end.code, end.stdout, errorOf(end).code]).toEqual([5, "", "CANNOT_SYNC"]);
      expect(errorOf(end).message).toMatch(
        /nothing listens at .*; check the address, or start a relay there/u,
      );
    }
    expect([nobody.code, errorOf(nobody).message]).toEqual([
      5,
      expect.stringMatching(/does not answer as a relay/u),
    ]);
    expect([folder.code, folder.stdout, folder.stderr]).toEqual([
      5,
      "",
      expect.stringMatching(/there is no folder/u),
    ]);
    expect([run.code, run.stdout, run.stderr]).toEqual([
      5,
      "",
      expect.stringMatching(/^error: .*nothing listens/mu),
    ]);
  },
  TEST_MS,
);

test.each([
  [["nonsense"], "unknown command"],
  [["list"], "name one place of the board"],
  [["list", "--relay", "ws://127.0.0.1:1", "--folder", "x"], "name one place of the board"],
  [["list", "--relay", "http://127.0.0.1"], "ws://host:port/board"],
  [["list", "--relay", "127.0.0.1:80"], "ws://host:port/board"],
  [["list", "--relay", "ws://h/a%23b"], "is no name of a board"],
  [["list", "--bogus", "--folder", "x"], "unknown option"],
  [["add", "--folder", "x"], "say what to add"],
  [["run"], "missing required argument"],
  [["run", "list.md"], "missing required argument"],
  [["run", "missing.md", "--", "true"], "cannot be read"],
  [["run", "-", "--agents", "0", "--", "true"], "Use a whole number from 1 to 256"],
  [["run", "-", "--guarantee", "strong", "--", "true"], "Allowed choices are settled, optimistic"],
  [["run", "-", "--", "no-such-program"], "it is not in PATH"],
  [
    ["run", "-", "--store", "x", "--folder", "y", "--", "true"],
    "--store keeps the board of the run's own relay",
  ],
  [["work", "--folder", "x", "--name", "a b", "--", "true"], "Use 1 to 28 characters"],
])(
  "[C8] a wrong command line ends with exit code 2 and says what to do: %j",
  async (args, message) => {
    const end = await bench.run([args[0] ?? "", "--json", ...args.slice(1)], { stdin: "one" });

    expect([end.code, end.stdout, errorOf(end).code]).toEqual([2, "", "USAGE"]);
    expect(errorOf(end).message).toContain(message);
  },
  TEST_MS,
);

test(
  "[C7] an error is talk: a line on stderr, and with --json an envelope there",
  async () => {
    const text = await bench.run(["list"]);
    const json = await bench.run(["list", "--json"]);

    const message =
      "name one place of the board: --relay ws://host:port/board, or --folder DIR; or give this project a board with `stigmergy init`";
    expect(text).toEqual({ code: 2, stdout: "", stderr: `error: ${message}\n` });
    expect(JSON.parse(json.stderr)).toEqual({
      schema_version: 1,
      error: { code: "USAGE", message },
    });
    expect(json.stdout).toBe("");
  },
  TEST_MS,
);

test(
  "[C8] a task that is not there ends with exit code 4",
  async () => {
    const { address } = await bench.startRelay();

    const show = await bench.run(["show", "nothing", "--relay", `${address}/work`, "--json"]);
    const explain = await bench.run(["explain", "nothing", "--relay", address]);

    expect([show.code, show.stdout, errorOf(show).code]).toEqual([4, "", "NOT_FOUND"]);
    expect([explain.code, explain.stdout]).toEqual([4, ""]);
    expect(explain.stderr).toContain("`stigmergy list` shows the ids");
  },
  TEST_MS,
);

test(
  "[C7] a relay's first line of data is its address, and a port that is taken is refused",
  async () => {
    const relay = await bench.startRelay(["--json"]);
    const { address } = dataOf(relay);

    const second = await bench.run(["relay", "--open", "--port", new URL(String(address)).port]);
    relay.child.kill("SIGTERM");

    expect(address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/u);
    expect([second.code, second.stderr]).toEqual([
      2,
      expect.stringMatching(/something listens there already/u),
    ]);
    expect((await relay.ended).code).toBe(0);
  },
  TEST_MS,
);

test(
  "[C24] control characters of a task's text do not reach the terminal",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    const [task] = await add(place, "red \u001b[31m alert \u202e\u0007");

    const list = await bench.run(["list", ...place]);
    const show = await bench.run(["show", ...place, "--", task?.id ?? ""]);

    expect(list.stdout).toContain("red \uFFFD[31m alert \uFFFD\uFFFD");
    for (const { stdout } of [list, show])
      expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  },
  TEST_MS,
);

test(
  "[C7] help and version are data",
  async () => {
    const version = await bench.run(["--version"]);
    const help = await bench.run(["run", "--help"]);

    const { version: packaged } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    expect(version).toEqual({ code: 0, stdout: `${packaged}\n`, stderr: "" });
    expect([help.code, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toContain("run <file|-> [options] -- <command> [args...]");
  },
  TEST_MS,
);

test(
  "[C8] a relay that does not know the past of a board says so at its start, and whoever comes is told what to do",
  async () => {
    const relay = await bench.startRelay(["--port", String(await freePort())]);
    const place = ["--relay", `${relay.address}/work`, "--sync-timeout-ms", "300"];

    const added = await bench.run(["add", ...place, "one", "--json"]);

    expect([added.code, errorOf(added).code]).toEqual([5, "CANNOT_SYNC"]);
    expect(errorOf(added).message).toMatch(/does not know the past of a board.*--fresh/u);
    expect(relay.stderr).toMatch(/is held for half a minute: add --fresh/u);
  },
  TEST_MS,
);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}
