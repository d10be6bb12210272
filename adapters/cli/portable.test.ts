// Boards as JSON Lines, and what readers say of all that a task can be.

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Agent, type Board, type Claim, openBoard, type TaskId } from "../../lib/index.ts";
import { createFolderTransport } from "../transport/folder.ts";
import { CliBench, dataOf, errorOf } from "./workbench/cli.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

/** Lets an agent act on a board in a folder, in this process. */
const onBoard = async (
  folder: string,
  act: (agent: Agent, board: Board) => Promise<void>,
): Promise<void> => {
  const transport = createFolderTransport({ directory: bench.path(folder) });
  const board = await openBoard({ board: "run", transport });
  await board.sync({ timeoutMs: 5000 });
  await act(await board.join({ name: "ann", capabilities: ["x"] }), board);
  await board.sync({ timeoutMs: 5000 });
  await board.close();
};

const claim = async (agent: Agent, id: TaskId): Promise<Claim> => {
  const outcome = await agent.claim(id);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.claim;
};

/** Every way in which a task can stand. */
const fill = async (agent: Agent): Promise<void> => {
  const add = (title: string, more: object = {}): Promise<TaskId> => agent.add({ title, ...more });
  const done = await add("done", { key: "k", body: "a\nb", requires: ["x"], priority: -1.5 });
  await agent.note(done, { kind: "decision", text: "tin \u0007\u202e" });
  await (await claim(agent, done)).complete({ z: [1, null, "ä"], a: { "": true } });
  await (await claim(agent, await add("failed"))).fail("it rains", { retryable: false });
  await (await claim(agent, await add("dead", { maxAttempts: 1 }))).fail("again");
  await (await claim(agent, await add("rejected"))).reject("no roof");
  const canceled = await add("canceled", { guarantee: "settled" });
  await agent.cancel(canceled, "moved");
  const review = { by: { capability: "qa" }, approvals: 2 };
  await (await claim(agent, await add("reviewed", { review }))).complete("look");
  const parent = await add("parent", { needs: [done], ifNeedFails: "ignore" });
  const retry = { delayMs: 60_000, factor: 3 };
  const resources = ["port:8080", "path:src"];
  const child = await add("child", { parent, retry, timeoutMs: 5, resources });
  await (await claim(agent, await add("held"))).note("half done");
  const delayed = await add("delayed", { retry });
  await (await claim(agent, delayed)).fail("not yet");
  await (await claim(agent, child)).ask("which?", { signal: AbortSignal.abort() });
};

test(
  "[C29] exported, imported and exported again a board gives the same bytes, whatever its tasks have come to",
  async () => {
    await onBoard("one", async (agent) => {
      await fill(agent);
      await agent.suspend(); // what is held stays so
    });

    const first = await bench.run(["export", "--folder", bench.path("one")]);
    const file = bench.write("export.jsonl", first.stdout);
    const added = await bench.run(["import", file, "--folder", bench.path("two"), "--json"]);
    const again = await bench.run(["import", file, "--folder", bench.path("two")]);
    const second = await bench.run(["export", "--folder", bench.path("two")]);

    const lines = first.stdout.trimEnd().split("\n");
    expect([first.code, lines.length, second.stdout]).toEqual([0, 10, first.stdout]);
    expect(
      lines.map((line) => (JSON.parse(line) as { end?: { state: string } }).end?.state),
    ).toEqual([
      ...["completed", "failed", "failed", "rejected", "canceled"],
      ...Array(5).fill(undefined),
    ]);
    expect(first.stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect((dataOf(added) as { added: string[] }).added).toHaveLength(10);
    expect(again).toEqual({ code: 0, stdout: "0 added, 10 known before\n", stderr: "" });
  },
  TEST_MS,
);

test(
  "[C29] an export with broken lines is refused whole, and every such line is named",
  async () => {
    const board = ["--folder", bench.path("board")];
    const shapes = [
      '{"id":"a","title":"fine"}',
      "nonsense",
      '{"title":"t"}',
      '{"id":"b","title":"t","state":"completed"}',
      '{"id":"b","title":"t","end":{"state":"completed"}}',
      '{"id":"b","title":"t","notes":["x"]}',
    ];
    const laws = [
      '{"id":"a","title":"fine"}',
      '{"id":"a","title":"twice"}',
      '{"id":"","title":"t"}',
      '{"id":"b","title":"t","resources":["nope"]}',
      '{"id":"b","title":"t","key":"k"}',
    ];

    const [shape, law] = await Promise.all(
      [shapes, laws].map((lines) =>
        bench.run(["import", "-", ...board, "--json"], { stdin: lines.join("\n") }),
      ),
    );

    const numbers = (text: string): string[] => [...text.matchAll(/line (\d+): /gu)].map(String);
    const said = [shape, law].map((end) => (end === undefined ? null : errorOf(end)));
    expect([shape?.code, law?.code, ...said.map((one) => one?.code)]).toEqual([
      ...[2, 2],
      ...["LIST_BROKEN", "LIST_BROKEN"],
    ]);
    expect(said.map((one) => numbers(one?.message ?? "").length)).toEqual([5, 4]);
    expect(said[1]?.message).toContain("line 2: its id a is that of line 1");
    expect(said[1]?.message).toContain("has no scheme");
    expect((await bench.run(["list", ...board])).code).toBe(5); // not even the folder was made
  },
  TEST_MS,
);

test(
  "[C27] readers say what each task waits for, and all that is known of it",
  async () => {
    await onBoard("one", async (agent) => {
      await fill(agent);
      await agent.suspend();
    });
    const place = ["--folder", bench.path("one")];

    const list = await bench.run(["list", ...place]);
    const word = (title: string): string =>
      new RegExp(`^(\\S+) +\\S+  ${title}`, "mu").exec(list.stdout)?.[1] ?? "";
    const titles = ["dead", "rejected", "reviewed", "parent", "child", "held", "delayed"];
    expect(titles.map(word)).toEqual([
      ...["dead-letter", "rejected", "in-review", "blocked", "asks", "working", "delayed"],
    ]);
    const id = /(\S+) {2}child/u.exec(list.stdout)?.[1] ?? "";

    const [show, history, brief, explain] = await Promise.all(
      ["show", "history", "brief", "explain"].map((one) => bench.run([one, id, ...place])),
    );
    expect(show?.stdout).toMatch(/^child\nasks, attempt 1, id \S+\nheld by ann~/u);
    expect(show?.stdout).toMatch(/^holds path:src, port:8080 alone$/mu);
    expect(show?.stdout).toMatch(/^question 1:ann~\S+ to anybody: which\?$/mu);
    const kinds = history?.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("  ")[1]);
    expect(kinds).toEqual(["added", "claimed", "asked"]);
    expect(brief?.stdout).toContain(">     which?");
    expect(explain?.stdout).toContain("It waits for an answer.");
  },
  TEST_MS,
);

test(
  "[C28] history gives records with references and why one is ignored, and brief keeps within its bytes",
  async () => {
    await onBoard("one", async (agent, board) => {
      const id = await agent.add({ title: "roof", key: "roof", body: "x ".repeat(3000) });
      const held = await claim(agent, id);
      await agent.note(id, "half done");
      await board.sync({ timeoutMs: 5000 });
      await onBoard("one", async (other) => {
        // neither has heard of the other when both write
        await Promise.all([held.complete("mended"), other.cancel(id, "too late")]);
      });
    });
    const place = ["--folder", bench.path("one"), "--json"];
    const list = dataOf(await bench.run(["list", ...place])) as { tasks: { id: string }[] };
    const id = list.tasks[0]?.id ?? "";

    const [history, brief, board] = await Promise.all([
      bench.run(["history", id, ...place]),
      bench.run(["brief", id, ...place.slice(0, 2), "--max-bytes", "2048"]),
      bench.run(["brief", ...place, "--max-tokens", "512"]),
    ]);

    const { entries, ledger } = dataOf(history) as { entries: object[]; ledger: object };
    expect(entries).toContainEqual({
      ref: expect.stringMatching(/^1:ann~\w+:1$/u),
      agent: expect.stringMatching(/^ann~/u),
      record: expect.objectContaining({ kind: "cancelled", reason: "too late" }),
      ignored: "already-ended",
    });
    expect(ledger).toMatchObject({ records: 5, agents: 2, claims: 1, messages: 1 });
    expect([brief.code, Buffer.byteLength(brief.stdout) <= 2048]).toEqual([0, true]);
    expect(dataOf(board)).toMatchObject({ board: "run#1", task: null });
  },
  TEST_MS,
);

test(
  "[C30] add takes fields and policies as options, and refuses what the board does not know",
  async () => {
    const place = ["--folder", bench.path("board"), "--json"];
    const added = await bench.run([
      ...["add", ...place, "roof", "--body", "tin", "--require", "x", "--priority", "2"],
      ...["--max-attempts", "3", "--retry-delay-ms", "100", "--timeout-ms", "5000"],
      ...["--review-capability", "qa", "--approvals", "2", "--if-need-fails", "fail"],
      ...["--resource", "port:1", "--resource", "path:src/", "--guarantee", "optimistic"],
    ]);
    const [{ id } = { id: "" }] = (dataOf(added) as { tasks: { id: string }[] }).tasks;

    const [show, need, parent, resource, list, approvals] = await Promise.all([
      bench.run(["show", id, ...place]),
      bench.run(["add", ...place, "wall", "--need", "nothing"]),
      bench.run(["add", ...place, "wall", "--parent", "nothing"]),
      bench.run(["add", ...place, "wall", "--resource", "nothing"]),
      bench.run(["add", ...place, "--from", "-", "--priority", "1"], { stdin: "a" }),
      bench.run(["add", ...place, "wall", "--approvals", "1"]),
    ]);

    expect(dataOf(show)).toMatchObject({
      ...{ title: "roof", body: "tin", requires: ["x"], priority: 2 },
      ...{ resources: ["path:src", "port:1"], guarantee: "optimistic" },
      policy: {
        ...{ max_attempts: 3, retry: { delayMs: 100 }, timeout_ms: 5000, if_need_fails: "fail" },
        review: { by: { capability: "qa" }, approvals: 2 },
      },
    });
    expect([need, parent].map((end) => [end.code, errorOf(end).code])).toEqual([
      [4, "NOT_FOUND"],
      [4, "NOT_FOUND"],
    ]);
    expect([resource, list, approvals].map((end) => [end.code, errorOf(end).message])).toEqual([
      [2, expect.stringContaining("has no scheme")],
      [2, expect.stringContaining("the lines of a list say themselves")],
      [2, expect.stringContaining("say who approves")],
    ]);
  },
  TEST_MS,
);
