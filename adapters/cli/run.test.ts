// `stigmergy run` as a user has it: what it does with results, failures, lists and interruptions.

import { readdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  CliBench,
  type CliEnd,
  type CliOptions,
  dataOf,
  errorOf,
  isAlive,
} from "./workbench/cli.ts";
import { until } from "./workbench/until.ts";

const TEST_MS = 60_000; // they take a second or two; the rest is for a busy machine

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

/** Runs with one agent unless told otherwise, with `--json`. */
const runJson = (
  options: readonly string[],
  command: readonly string[],
  setup?: CliOptions,
): Promise<CliEnd> =>
  bench.run(["run", "-", "--json", "--agents", "1", ...options, "--", ...command], setup);

/** The rows of the board that a run left in its store, and where the board is shown. */
const open = async (
  store: string,
): Promise<{ rows: Record<string, unknown>[]; address: string }> => {
  const { address } = await bench.startRelay(["--store", store]);
  const { tasks } = dataOf(await bench.run(["list", "--relay", address, "--json"])) as {
    tasks: Record<string, unknown>[];
  };
  return { rows: tasks, address };
};

test(
  "[C23] the summary of a run has exactly its fields",
  async () => {
    const file = bench.write("list.md", "- [ ] one\n  - [ ] one a\n- [ ] two\n- [x] done\n");

    const end = await bench.run(["run", file, "--agents", "2", "--json", "--", "echo", "{title}"]);

    expect({ ...end, stdout: "" }).toEqual({ code: 0, stdout: "", stderr: "" });
    const data = dataOf(end);
    expect(Object.keys(data)).toEqual([
      ...[
        "tasks",
        "completed",
        "failed",
        "canceled",
        "agents",
        "started",
        "double_started",
        "alternates",
      ],
      ...["wall_ms", "claim_ms", "converge_ms", "records", "bytes_sent", "document_bytes"],
    ]);
    expect(data).toMatchObject({
      tasks: 3,
      completed: 3,
      failed: 0,
      canceled: 0,
      started: 3,
      double_started: 0,
      alternates: 0,
    });
    const agents = data["agents"] as {
      id: string;
      name: string;
      completed: number;
      lost: number;
    }[];
    expect(agents.map(({ name }) => name).sort()).toEqual(["agent-1", "agent-2"]);
    expect(agents.reduce((sum, { completed }) => sum + completed, 0)).toBe(3);
    for (const { id, name } of agents) expect(id).toMatch(new RegExp(`^${name}~[a-z0-9]{8}$`, "u"));
    for (const name of ["claim_ms", "converge_ms"]) {
      const { p50, p99 } = data[name] as { p50: number; p99: number };
      expect(p50).toBeGreaterThanOrEqual(0);
      expect(p99).toBeGreaterThanOrEqual(p50);
    }
    for (const name of ["wall_ms", "records", "bytes_sent", "document_bytes"])
      expect(data[name]).toBeGreaterThan(0);
  },
  TEST_MS,
);

test(
  "[C23] a second run on the same store starts nothing, adds nothing, and shows finished tasks as finished",
  async () => {
    const setup = { stdin: "one\ntwo" };
    const args = ["--store", bench.path("store")];
    const first = dataOf(await runJson(args, ["sh", "-c", "echo ran >> runs"], setup));

    const second = dataOf(await runJson(args, ["sh", "-c", "echo ran >> runs"], setup));

    expect(bench.lines("runs")).toHaveLength(2);
    expect(second).toMatchObject({
      tasks: 2,
      completed: 2,
      started: 0,
      agents: [],
      claim_ms: { p50: null, p99: null },
    });
    expect([second["records"], second["document_bytes"]]).toEqual([
      first["records"],
      first["document_bytes"],
    ]);
  },
  TEST_MS,
);

test(
  "[C9] [C10] a task reaches its command as single arguments and in the environment, and stdout is its result",
  async () => {
    const title = `say "hi" 'there' $(touch pwned) \`x\` ; \\ {body} ü`;
    const script =
      "process.stdout.write(JSON.stringify([process.argv.slice(1), Object.entries(process.env).filter(([k]) => k.startsWith('STIGMERGY'))]))";
    const store = bench.path("store");

    const end = await runJson(
      ["--store", store],
      [process.execPath, "-e", script, "--", "{title}", "b={body}", "{id}"],
      {
        stdin: JSON.stringify({ title, body: "the body" }),
      },
    );

    expect(end.code).toBe(0);
    const { rows, address } = await open(store);
    const id = rows[0]?.["id"] as string;
    const agent = rows[0]?.["completed_by"] as string;
    const { result } = dataOf(
      await bench.run(["show", "--relay", address, "--json", "--", id]),
    ) as { result: string };
    expect(JSON.parse(result)).toEqual([
      [title, "b=the body", id],
      expect.arrayContaining([
        ["STIGMERGY_TASK_ID", id],
        ["STIGMERGY_TASK_TITLE", title],
        ["STIGMERGY_TASK_ATTEMPT", "1"],
        ["STIGMERGY_TASK_AGENT", agent],
      ]),
    ]);
    expect(readdirSync(bench.folder)).not.toContain("pwned");
  },
  TEST_MS,
);

test(
  "[C11] [C16] a failure has its cause, what needs it is blocked and named, and the run ends with exit code 1",
  async () => {
    const store = bench.path("store");
    const file = bench.write("list.md", "- [ ] top\n  - [ ] middle\n    - [ ] bad\n- [ ] good\n");
    const script = 'case "$0" in bad) echo working; echo oh dear >&2; exit 3;; esac';

    const end = await bench.run([
      "run",
      file,
      "--agents",
      "1",
      "--store",
      store,
      "--",
      "sh",
      "-c",
      script,
      "{title}",
    ]);

    expect(end.code).toBe(1);
    expect(end.stdout).toMatch(/^1 of 4 completed, 1 failed, 2 blocked by those in /u);
    expect(end.stdout).toContain("blocked: top (");
    expect(end.stdout).toContain("blocked: middle (");
    expect(end.stderr).toMatch(/^failed +bad: exit code 3: oh dear$/mu);
    expect(end.stderr).toMatch(/^completed +good +\(agent-1\)$/mu);
    const states = (await open(store)).rows.map(({ title, state }) => [title, state]);
    expect(states).toEqual([
      ["top", "submitted"],
      ["middle", "submitted"],
      ["bad", "failed"],
      ["good", "completed"],
    ]);
  },
  TEST_MS,
);

test(
  "[C12] a failed task is tried again as often as --retries says",
  async () => {
    const script =
      'echo "$STIGMERGY_TASK_TITLE" >> tries; [ "$STIGMERGY_TASK_TITLE$STIGMERGY_TASK_ATTEMPT" = flaky3 ]';

    const end = await runJson(["--retries", "2"], ["sh", "-c", script], {
      stdin: "flaky\nhopeless",
    });

    expect(end.code).toBe(1);
    expect(dataOf(end)).toMatchObject({ completed: 1, failed: 1, started: 6, double_started: 0 });
    expect([...bench.lines("tries")].sort()).toEqual([
      "flaky",
      "flaky",
      "flaky",
      "hopeless",
      "hopeless",
      "hopeless",
    ]);
  },
  TEST_MS,
);

test(
  "[C12] a task that says itself how many attempts it has is tried as often, within the time that it allows",
  async () => {
    const lines = [
      { title: "hopeless", maxAttempts: 2 },
      { title: "slow", maxAttempts: 1, timeoutMs: 700 },
    ];

    const end = await runJson(
      [],
      ["sh", "-c", '[ "$0" = hopeless ] || exec sleep 60; exit 1', "{title}"],
      {
        stdin: lines.map((line) => JSON.stringify(line)).join("\n"),
      },
    );

    expect(end.code).toBe(1);
    expect(dataOf(end)).toMatchObject({ completed: 0, failed: 2, started: 3, double_started: 0 });
    expect((dataOf(end)["agents"] as object[])[0]).toMatchObject({ lost: 0 });
  },
  TEST_MS,
);

test(
  "[C11] [C13] a command beyond its time or its output fails, and says so",
  async () => {
    const script =
      'case "$0" in slow) exec sleep 60;; loud) while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done;; esac';

    const end = await bench.run(
      ["run", "-", "--agents", "1", "--timeout-ms", "3000", "--", "sh", "-c", script, "{title}"],
      {
        stdin: "loud\nslow",
      },
    );

    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/^failed +loud: printed more than 1048576 bytes/mu);
    expect(end.stderr).toMatch(/^failed +slow: took longer than 3\.0 s/mu);
  },
  TEST_MS,
);

test(
  "[C2] the agents of a run can take every tag of its list",
  async () => {
    const end = await runJson([], ["true"], { stdin: "- [ ] one #rust\n- [ ] two #a,b #gpu" });

    expect(end.code).toBe(0);
    expect(dataOf(end)).toMatchObject({ tasks: 2, completed: 2 });
  },
  TEST_MS,
);

test(
  "[C4] of a broken list nothing is added",
  async () => {
    const store = bench.path("store");
    const setup = { stdin: '{"title":"fine"}\n{"titel":"broken"}' };

    const json = await runJson(["--store", store], ["true"], setup);
    const text = await bench.run(["run", "-", "--", "true"], setup);

    expect([json.code, json.stdout, errorOf(json).code]).toEqual([2, "", "LIST_BROKEN"]);
    expect([text.code, text.stdout]).toEqual([2, ""]);
    expect(text.stderr).toMatch(/line 2: it has no title; add "title"/u);
    expect(readdirSync(bench.folder)).toEqual([]);
  },
  TEST_MS,
);

test(
  "[C20] three agents work through a folder, and settled claims are refused there with the reason",
  async () => {
    const folder = bench.path("board");
    const file = bench.write("list.md", "- [ ] one\n- [ ] two\n- [ ] three\n- [ ] four\n");

    const refused = await bench.run([
      "run",
      file,
      "--folder",
      folder,
      "--guarantee",
      "settled",
      "--json",
      "--",
      "true",
    ]);
    const end = await bench.run([
      "run",
      file,
      "--folder",
      folder,
      "--agents",
      "3",
      "--json",
      "--",
      "echo",
      "{title}",
    ]);

    expect([refused.code, errorOf(refused).code]).toEqual([2, "GUARANTEE_UNAVAILABLE"]);
    expect(errorOf(refused).message).toMatch(/folder.*Use --relay, or --guarantee optimistic/u);
    expect(end.code).toBe(0);
    expect(dataOf(end)).toMatchObject({ tasks: 4, completed: 4 });
    expect(dataOf(end)["agents"]).toHaveLength(3);
    const listed = dataOf(await bench.run(["list", "--folder", folder, "--json"]))["tasks"] as {
      state: string;
    }[];
    expect(listed.map(({ state }) => state)).toEqual(Array(4).fill("completed"));
  },
  TEST_MS,
);

test(
  "[C21] an interrupted run stops its commands, gives its claims back, and ends with exit code 130",
  async () => {
    const store = bench.path("store");
    const command = ["sh", "-c", 'echo "$$" >> pids; exec sleep 60'];
    const run = bench.start(
      ["run", "-", "--agents", "2", "--store", store, "--json", "--", ...command],
      { stdin: "one\ntwo\nthree" },
    );
    await until("two commands run", () => bench.lines("pids").length === 2);

    run.child.kill("SIGINT");
    const end = await run.ended;

    expect([end.code, end.stdout, errorOf(end).code]).toEqual([130, "", "INTERRUPTED"]);
    expect(bench.lines("pids").map((pid) => isAlive(Number(pid)))).toEqual([false, false]);
    const { rows } = await open(store);
    expect(rows.map(({ state, holder }) => [state, holder])).toEqual(
      Array(3).fill(["submitted", null]),
    );
  },
  TEST_MS,
);

test(
  "[C16] a run with nothing to do ends at once with exit code 0",
  async () => {
    const end = await runJson([], ["true"], { stdin: "- [x] done" });

    expect(end.code).toBe(0);
    expect(dataOf(end)).toMatchObject({ tasks: 0, completed: 0, agents: [], records: 0 });
  },
  TEST_MS,
);
