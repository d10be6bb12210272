// A coding agent under `stigmergy work`, with real processes: a worker that dies loses no note, one that is stopped no packet.

import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  type Board,
  getTask,
  listTasks,
  openBoard,
  type Task,
  type TaskId,
} from "../../../lib/index.ts";
import { createWebsocketTransport } from "../../transport/websocket.ts";
import { CliBench, type CliProcess } from "../workbench/cli.ts";
import { until } from "../workbench/until.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine
const AGENT = join(import.meta.dirname, "files/coding-agent.mjs");

let bench: CliBench;
let board: Board;
let url = "";
let id: TaskId;
beforeEach(async () => {
  bench = new CliBench();
  const { address } = await bench.startRelay();
  url = `${address}/work`;
  board = await openBoard({ board: "work", transport: createWebsocketTransport({ url: address }) });
  await board.sync();
  const planner = await board.join({ name: "planner" });
  id = await planner.add({ title: "Port the parser" });
  await planner.note(id, { kind: "decision", text: "Mind the linter" });
  await board.sync();
});
afterEach(async () => {
  await board.close();
  await bench.close();
});

const startWorker = (name: string, mode: string): CliProcess =>
  bench.start([
    ...["work", "--relay", url, "--name", name, "--lease-ms", "1500", "--"],
    ...[process.execPath, AGENT, mode, "-p", "{brief}"],
  ]);

const task = (): Task | undefined => getTask(board.snapshot(), id);

/** The processes of the worker and of its command, and the directory, once the command is at work. */
async function untilAtWork(): Promise<{ worker: number; command: number; directory: string }> {
  await until("the command is at work", () => bench.lines("at-work").length > 0);
  const [worker, command, directory = ""] = (bench.lines("at-work")[0] ?? "").split(" ");
  return { worker: Number(worker), command: Number(command), directory };
}

test(
  "[C43] the notes of a worker that is killed are in the brief of the one who takes over",
  async () => {
    const first = startWorker("first", "dies-at-first");
    await until("the note has come while the command runs", () => task()?.notes.length === 2);
    const { worker, command } = await untilAtWork();
    expect(worker).toBe(first.child.pid);

    process.kill(worker, "SIGKILL");
    process.kill(command, "SIGKILL");
    const end = await startWorker("second", "dies-at-first").ended;

    expect(end).toMatchObject({
      code: 0,
      stdout: "second: 1 started, 1 completed, 0 failed, 0 lost\n",
    });
    await until("the result is here", () => task()?.completion !== null);
    expect(task()?.completion).toMatchObject({ attempt: 2, result: "the second half is easy too" });
  },
  TEST_MS,
);

test(
  "[C41] [C45] a worker that is stopped passes on what its command leaves, and removes the directory",
  async () => {
    const worker = startWorker("first", "is-told-to-stop");
    const { directory } = await untilAtWork();
    expect(directory.startsWith(join(bench.folder, "stigmergy-task-"))).toBe(true);
    expect(existsSync(directory)).toBe(true);

    worker.child.kill("SIGTERM");
    const end = await worker.ended;

    expect(end).toMatchObject({ code: 130, stderr: expect.stringContaining("handed-on") });
    await until("the packet is here", () => (task()?.thread.packets.length ?? 0) > 0);
    expect(task()).toMatchObject({ state: "submitted", failures: [] });
    expect(readdirSync(bench.folder).filter((name) => name.startsWith("stigmergy-task"))).toEqual(
      [],
    );
  },
  TEST_MS,
);

test(
  "[C41] a worker that can make no directory says so before it claims anything",
  async () => {
    const place = bench.path("not-there");

    const end = await bench.run(["work", "--relay", url, "--", "true"], { env: { TMPDIR: place } });

    expect(end.code).toBe(2);
    expect(end.stderr).toContain(`no directory for tasks can be made in ${place}`);
    expect(end.stderr).toContain("name another place in $TMPDIR");
    await board.sync();
    expect(task()?.claims).toEqual([]);
  },
  TEST_MS,
);

test(
  "[C41] a directory that can no longer be made fails its attempt, which counts",
  async () => {
    const place = bench.path("tmp");
    mkdirSync(place);
    const planner = await board.join({ name: "second-planner" });
    await planner.add({ title: "Port the printer" });
    await board.sync();

    const end = await bench.run(["work", "--relay", url, "--", "rm", "-rf", place], {
      env: { TMPDIR: place },
    });

    expect(end).toMatchObject({
      code: 1,
      stdout: "agent: 1 started, 1 completed, 1 failed, 0 lost\n",
    });
    await board.sync();
    const failed = listTasks(board.snapshot()).find(({ state }) => state === "failed");
    expect(failed?.failures.map(({ error }) => error)).toEqual([
      expect.stringMatching(/^ENOENT: .*tmp\/stigmergy-task-/u),
    ]);
  },
  TEST_MS,
);
