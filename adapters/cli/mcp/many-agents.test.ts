// Several hosts, each with its own `stigmergy mcp`, on one board: one of them gets a task, and none of them can take it with it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ToolAnswer } from "../../tools/index.ts";
import { createRelay } from "../../transport/relay.ts";
import {
  type Host,
  MAIN,
  McpBench,
  PATIENCE_MS,
  untilBriefed,
  untilSeen,
} from "../../workbench/mcp.ts";
import { isAlive } from "../workbench/cli.ts";
import { until } from "../workbench/until.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine
const ROUNDS = 100;
const CHILD = join(import.meta.dirname, "host-child.mjs");

let bench: McpBench;
let place: readonly string[];
let hosts: readonly Host[];
let ann: Host;
let bob: Host;

beforeAll(async () => {
  bench = new McpBench();
  const relay = await createRelay({ access: "open" });
  bench.closeLater(() => relay.close());
  place = ["--relay", `${relay.address}/shared`];
  hosts = await Promise.all([
    bench.host([...place, "--name", "ann"]),
    bench.host([...place, "--name", "bob"], { generation: "v2-modern" }),
    bench.host([...place, "--name", "cat"], { generation: "v1" }),
  ]);
  [ann, bob] = hosts as readonly [Host, Host, Host];
}, TEST_MS);
afterAll(() => bench.close(), TEST_MS);

const add = async (...titles: readonly string[]): Promise<readonly string[]> => {
  const { task_ids } = await ann.must("add_tasks", { tasks: titles.map((title) => ({ title })) });
  return task_ids as readonly string[];
};
const addOne = async (title: string): Promise<string> => (await add(title))[0] ?? "";
const knows = (host: Host, task_id: string): Promise<void> =>
  untilBriefed(host, task_id, /^# Brief/u);

test(
  "[MC6] of three hosts that claim one task at once exactly one holds it, and the others are told who does",
  async () => {
    const ids = await add(...Array.from({ length: ROUNDS }, (_, i) => `task ${i}`));
    await Promise.all(hosts.map((host) => untilSeen(host, "submitted", ROUNDS)));
    const names = await Promise.all(
      hosts.map(async (host) => (await host.must("board_status"))["you"] as string),
    );
    const wins = new Map<unknown, number>();

    for (const task_id of ids) {
      const answers = await Promise.all(hosts.map((host) => host.must("claim_task", { task_id })));

      const held = answers.filter(({ status }) => status === "held");
      expect(held).toMatchObject([{ task_id, token: 1, guarantee: "settled" }]);
      const winner = answers.findIndex(({ status }) => status === "held");
      expect(answers.map(({ owner }) => owner)).toEqual(hosts.map(() => names[winner]));
      for (const { status, next } of answers.filter((_, i) => i !== winner))
        expect([status, next]).toEqual(["lost", expect.stringMatching(/do not work on it/u)]);
      wins.set(winner, (wins.get(winner) ?? 0) + 1);
      await hosts[winner]?.must("complete_task", { task_id, result: winner });
    }

    expect([...wins.values()].reduce((sum, count) => sum + count)).toBe(ROUNDS);
    await Promise.all(hosts.map((host) => untilSeen(host, "completed", ROUNDS)));
  },
  TEST_MS,
);

test(
  "[MC6] over a folder the answer says that a claim is optimistic",
  async () => {
    const folder = join(bench.folder, "board");
    await mkdir(folder);
    const host = await bench.host(["--folder", folder]);
    await host.must("add_tasks", { tasks: [{ title: "one" }] });

    expect((await host.must("board_status"))["guarantee"]).toBe("optimistic");
    expect(await host.must("claim_task")).toMatchObject({
      status: "held",
      guarantee: "optimistic",
    });
  },
  TEST_MS,
);

/** Starts a host in a process of its own that holds the task; the test can kill it and its server. */
async function startDoomed(
  task: string,
): Promise<{ readonly host: number; readonly server: number; readonly token: unknown }> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = [MAIN, "mcp", ...place, "--lease-ms", "1000"];
  const child = spawn(process.execPath, [CHILD, task, ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  bench.closeLater(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { server, answer } = JSON.parse(line) as { server: number; answer: ToolAnswer };
  expect(answer).toMatchObject({ status: "held", task_id: task, expires_in_s: 1 });
  return { host: child.pid ?? 0, server, token: answer["token"] };
}

/** What an agent does that wants a task: claims, and waits for a change where it gets none. */
async function claimWhenFree(host: Host, task_id: string): Promise<ToolAnswer> {
  for (;;) {
    const answer = await host.must("claim_task", { task_id });
    if (answer["status"] === "held") return answer;
    const wait = { cursor: answer.cursor, task_id, timeout_s: 50 };
    expect(await host.must("wait_for_change", wait)).toMatchObject({ timed_out: false });
  }
}

test(
  "[MC5] the task of a host that is killed is given back by its server, which ends",
  async () => {
    const task = await addOne("of a killed host");
    await knows(bob, task);
    const doomed = await startDoomed(task);
    expect((await bob.must("claim_task", { task_id: task }))["status"]).toBe("lost");
    const claiming = claimWhenFree(bob, task);

    process.kill(doomed.host, "SIGKILL");

    expect(await claiming).toMatchObject({ token: 2, owner: expect.stringMatching(/^bob~/u) });
    await until("the server is gone", () => !isAlive(doomed.server), PATIENCE_MS);
    const { brief } = await bob.must("get_brief", { task_id: task });
    expect(brief).toMatch(/given back by `doomed~.*attempt 1/u);
  },
  TEST_MS,
);

test(
  "[MC5] the task of a host that is killed with its server is taken over after its lease",
  async () => {
    const task = await addOne("of a dead machine");
    await knows(bob, task);
    const doomed = await startDoomed(task);
    expect((await bob.must("claim_task", { task_id: task }))["status"]).toBe("lost");
    const claiming = claimWhenFree(bob, task);

    process.kill(doomed.server, "SIGKILL");
    process.kill(doomed.host, "SIGKILL");

    expect(await claiming).toMatchObject({ token: 2, owner: expect.stringMatching(/^bob~/u) });
    const { brief } = await bob.must("get_brief", { task_id: task });
    expect(brief).toMatch(/expired .*`doomed~.*attempt 1/u);
  },
  TEST_MS,
);

test(
  "[MC7] whoever joins late reads in the brief what was decided before",
  async () => {
    const [decided = "", other = ""] = await add("the roof", "the walls");
    await ann.must("claim_task", { task_id: decided });
    await ann.must("add_note", { task_id: decided, kind: "decision", text: "slate, not tin" });
    await ann.must("add_note", { task_id: other, kind: "dead_end", text: "clay cracks" });

    const late = await bench.host([...place, "--name", "late"]);
    await knows(late, other);

    const whole = (await late.must("get_brief"))["brief"];
    const roof = (await late.must("get_brief", { task_id: decided }))["brief"];
    expect([whole, roof]).toEqual([
      expect.stringContaining("slate, not tin"),
      expect.stringContaining("slate, not tin"),
    ]);
    expect(whole).toContain("clay cracks");
  },
  TEST_MS,
);

test(
  "[MC7] a host that looks at no notification learns of a change by the one wait after it",
  async () => {
    const task_id = await addOne("news");
    await knows(bob, task_id);
    const { cursor } = await bob.must("board_status");
    const quiet = await bob.must("wait_for_change", { cursor, task_id, timeout_s: 1 });
    expect(quiet).toMatchObject({ changes: [], timed_out: true });

    // what comes while it waits must wake it: nothing takes as long as this wait may
    const woken = bob.must("wait_for_change", { cursor: quiet.cursor, task_id, timeout_s: 50 });
    await ann.must("claim_task", { task_id });
    const told = await woken;
    const byAnn = { task_id, by: expect.stringMatching(/^ann~/u) };
    expect(told["changes"]).toContainEqual({ what: "task-claimed", ...byAnn });

    // what came while it did not wait is in the next answer
    await ann.must("complete_task", { task_id, result: "read all about it" });
    await untilBriefed(bob, task_id, /read all about it/u);
    const late = await bob.must("wait_for_change", { cursor: told.cursor, task_id, timeout_s: 1 });
    expect(late["changes"]).toContainEqual({ what: "task-completed", ...byAnn });
  },
  TEST_MS,
);
