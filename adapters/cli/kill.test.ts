// Real processes and kill -9: whatever dies in the middle, the tasks get done and finished ones stay finished.

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { CliBench, dataOf, isAlive } from "./workbench/cli.ts";
import { until } from "./workbench/until.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

/** A command that notes its agent's process, its own, the attempt and the title, and then runs the script. */
const noting = (script: string): readonly string[] => [
  "sh",
  "-c",
  // the pause lets its agent tell the run of the start, before a test kills that agent for it
  `sleep 0.2; echo "$PPID $$ $STIGMERGY_TASK_ATTEMPT $STIGMERGY_TASK_TITLE" >> starts; ${script}`,
];

const starts = (): { agent: number; command: number; attempt: number; title: string }[] =>
  bench.lines("starts").map((line) => {
    const [agent, command, attempt, ...title] = line.split(" ");
    return {
      agent: Number(agent),
      command: Number(command),
      attempt: Number(attempt),
      title: title.join(" "),
    };
  });

const isStarted = (title: string) => () => starts().some((start) => start.title === title);

test(
  "[C17] the task of an agent that is killed is taken over after its lease, and the run completes",
  async () => {
    const list = bench.write("list.md", "- [ ] one\n- [ ] two\n- [ ] victim\n- [ ] three\n");
    const script = '[ "$STIGMERGY_TASK_TITLE$STIGMERGY_TASK_ATTEMPT" != victim1 ] || exec sleep 60';
    const run = bench.start([
      "run",
      list,
      "--agents",
      "2",
      "--lease-ms",
      "1500",
      "--json",
      "--",
      ...noting(script),
    ]);
    await until("the victim is started", isStarted("victim"));
    const [first] = starts().filter(({ title }) => title === "victim");

    process.kill(first?.agent ?? 0, "SIGKILL");
    const end = await run.ended;

    expect(end).toMatchObject({ code: 0 });
    expect(dataOf(end)).toMatchObject({
      tasks: 4,
      completed: 4,
      failed: 0,
      started: 5,
      double_started: 0,
    });
    expect(starts().flatMap(({ title, attempt }) => (title === "victim" ? [attempt] : []))).toEqual(
      [1, 2],
    );
    expect(isAlive(first?.command ?? 0)).toBe(false);
  },
  TEST_MS,
);

test(
  "[C17] a run whose last agent is killed starts another one",
  async () => {
    const script = '[ "$STIGMERGY_TASK_ATTEMPT" != 1 ] || exec sleep 60';
    const run = bench.start(
      ["run", "-", "--agents", "1", "--lease-ms", "1000", "--json", "--", ...noting(script)],
      {
        stdin: "only\n",
      },
    );
    await until("the task is started", isStarted("only"));

    process.kill(starts()[0]?.agent ?? 0, "SIGKILL");
    const end = await run.ended;

    expect(end).toMatchObject({ code: 0 });
    expect(dataOf(end)).toMatchObject({ completed: 1, started: 2, double_started: 0 });
    expect((dataOf(end)["agents"] as { name: string }[]).map(({ name }) => name)).toEqual([
      "agent-1",
      "agent-2",
    ]);
  },
  TEST_MS,
);

test(
  "[C18] agents outlive a relay that is killed and comes back with its store, and nothing is started twice",
  async () => {
    const store = bench.path("store");
    const relay = await bench.startRelay(["--store", store]);
    const titles = Array.from({ length: 12 }, (_, i) => `task ${i}`);
    const run = bench.start(
      [
        "run",
        "-",
        "--relay",
        `${relay.address}/work`,
        "--agents",
        "3",
        "--json",
        "--",
        ...noting("sleep 0.1"),
      ],
      { stdin: titles.join("\n") },
    );
    await until("some tasks are started", () => starts().length >= 5);

    relay.child.kill("SIGKILL");
    await relay.ended;
    await bench.startRelay(["--store", store, "--port", new URL(relay.address).port]);
    const end = await run.ended;

    expect(end).toMatchObject({ code: 0 });
    expect(dataOf(end)).toMatchObject({
      tasks: 12,
      completed: 12,
      failed: 0,
      started: 12,
      double_started: 0,
      alternates: 0,
    });
    expect(
      starts()
        .map(({ title }) => title)
        .sort(),
    ).toEqual([...titles].sort());
  },
  TEST_MS,
);

test(
  "[C19] a run that is killed with all its agents and started again keeps finished tasks and loses none",
  async () => {
    const quick = ["a", "b", "c", "d"].map((title) => JSON.stringify({ title, priority: 1 }));
    const slow = ["x", "y"].map((title) => JSON.stringify({ title }));
    const list = bench.write("list.jsonl", [...slow, ...quick].join("\n"));
    const script =
      'case "$STIGMERGY_TASK_TITLE" in x|y) for i in $(seq 400); do [ -e go ] || sleep 0.05; done;; esac';
    const args = [
      "run",
      list,
      "--agents",
      "2",
      "--lease-ms",
      "1500",
      "--store",
      bench.path("store"),
      "--json",
    ];
    const first = bench.start([...args, "--", ...noting(script)]);
    await until(
      "both slow tasks are started, so that the others are stored",
      () => isStarted("x")() && isStarted("y")(),
    );

    first.child.kill("SIGKILL");
    for (const { agent, title } of starts())
      if (title === "x" || title === "y") process.kill(agent, "SIGKILL");
    await first.ended;
    const second = bench.start([...args, "--", ...noting(script)]);
    await until("the slow tasks are taken over", () => starts().length >= 8);
    bench.write("go", "");
    const end = await second.ended;

    expect(end).toMatchObject({ code: 0 });
    expect(dataOf(end)).toMatchObject({ tasks: 6, completed: 6, started: 2, double_started: 0 });
    const count = (title: string): number =>
      starts().filter((start) => start.title === title).length;
    expect(["a", "b", "c", "d", "x", "y"].map(count)).toEqual([1, 1, 1, 1, 2, 2]);
  },
  TEST_MS,
);

test(
  "[C21] agents do not outlive their run, nor commands their agents",
  async () => {
    const run = bench.start(["run", "-", "--agents", "2", "--", ...noting("exec sleep 60")], {
      stdin: "one\ntwo",
    });
    await until("both are started", () => starts().length === 2);

    run.child.kill("SIGKILL");

    await until("all are gone", () =>
      starts().every(({ agent, command }) => !isAlive(agent) && !isAlive(command)),
    );
  },
  TEST_MS,
);
