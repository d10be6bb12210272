// Sessions: many processes, one agent; and what becomes of it when a process, a claim or a board is gone.

import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { CliBench, type CliEnd, dataOf, errorOf } from "./workbench/cli.ts";
import { until } from "./workbench/until.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

const add = async (place: readonly string[], ...titles: readonly string[]): Promise<string[]> => {
  const end = await bench.run(["add", ...place, "--json", ...titles]);
  return (dataOf(end) as { tasks: { id: string }[] }).tasks.map(({ id }) => id);
};

const messageOf = (end: CliEnd): readonly unknown[] => {
  const { code, message } = errorOf(end);
  return [end.code, code, message];
};

test(
  "[C32] the commands of one session act for one agent, and find its board by themselves",
  async () => {
    const place = ["--folder", bench.path("board")];
    const [id = ""] = await add(place, "roof");
    const file = bench.path(".stigmergy/session.json");

    const none = await bench.run(["done", id, ...place, "--json"]);
    expect(messageOf(none)).toEqual([2, "USAGE", expect.stringContaining("there is no session")]);
    const claimed = await bench.run(["claim", id, ...place, "--name", "ann", "--can", "x,y"]);
    expect(claimed.stdout).toBe(`${id}  attempt 1, optimistic: roof\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const session = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    expect(session).toEqual({
      schema_version: 1,
      agent: expect.stringMatching(/^ann~/u),
      rule: "earliest@1",
      records: 2,
      folder: bench.path("board"),
    });

    const env = { STIGMERGY_SESSION: file };
    const [list, other, name, can, noted] = await Promise.all([
      bench.run(["list", "--json"], { env }),
      bench.run(["note", id, "x", "--json", "--folder", bench.folder]),
      bench.run(["note", id, "x", "--json", "--session", bench.write("broken", "{}")]),
      bench.run([
        "claim",
        id,
        "--json",
        "--session",
        bench.path("b"),
        "--rule",
        "best@1",
        ...place,
      ]),
      bench.run(["show", id, "--json", "--relay", "ws://127.0.0.1:1", "--sync-timeout-ms", "200"]),
    ]);
    expect((dataOf(list) as { tasks: object[] }).tasks).toMatchObject([
      { holder: session["agent"] },
    ]);
    expect(messageOf(other)).toEqual([2, "USAGE", expect.stringContaining("the session is at")]);
    expect(messageOf(name)).toEqual([2, "USAGE", expect.stringContaining("is no session")]);
    expect(messageOf(can)).toEqual([2, "USAGE", expect.stringContaining("there is no rule")]);
    expect(noted.code).toBe(5);
    const whose = await bench.run(["note", id, "x", "--json", "--name", "bob"], { env });
    expect(messageOf(whose)).toEqual([
      2,
      "USAGE",
      expect.stringContaining("with capabilities x,y"),
    ]);
    const last = await bench.run(["done", id, "mended", "--can", "y,x"], { env });
    expect([last.code, last.stderr]).toEqual([0, ""]);
  },
  TEST_MS,
);

test(
  "[C33] a session's agent does one thing at a time, and the lock of a killed command is taken over",
  async () => {
    const place = ["--folder", bench.path("board")];
    const [id = ""] = await add(place, "roof");
    await bench.run(["claim", id, ...place]);
    const asking = bench.start(["ask", id, "which colour?", "--wait"]);
    await until("it is asked", () => asking.stderr.includes("waiting for the answer"));

    const busy = await bench.run(["note", id, "x", "--json"]);
    asking.child.kill("SIGKILL");
    await asking.ended;
    const after = await bench.run(["note", id, "x"]);

    const pid = `process ${asking.child.pid}`;
    expect(messageOf(busy)).toEqual([3, "SESSION_BUSY", expect.stringContaining(pid)]);
    expect([after.code, after.stdout]).toEqual([0, `${id}  progress noted\n`]);
  },
  TEST_MS,
);

test(
  "[C8] a command that stays and is interrupted ends with exit code 130, and what it wrote stands",
  async () => {
    const place = ["--folder", bench.path("board")];
    const [id = ""] = await add(place, "roof");
    await bench.run(["claim", id, ...place]);
    const asking = bench.start(["ask", id, "which colour?", "--wait"]);
    await until("it is asked", () => asking.stderr.includes("waiting for the answer"));

    asking.child.kill("SIGINT");
    const end = await asking.ended;

    expect([end.code, end.stdout]).toEqual([130, ""]);
    expect(end.stderr).toMatch(/^error: interrupted: what was written before stands$/mu);
    expect((await bench.run(["list", ...place])).stdout).toMatch(/^asks /u);
  },
  TEST_MS,
);

test(
  "[C34] a claim whose time has ended is taken over, and its agent is told who holds the task",
  async () => {
    const { address } = await bench.startRelay();
    const place = ["--relay", `${address}/work`];
    const [id = ""] = await add(place, "roof");
    await bench.run(["claim", id, ...place, "--name", "ann", "--ttl-ms", "500"]);
    const work = ["work", ...place, "--name", "bob", "--lease-ms", "4000"];
    bench.start([...work, "--", "sh", "-c", "echo x >> starts; exec sleep 60"]);
    await until("bob has started", () => bench.lines("starts").length === 1);

    const end = await bench.run(["done", id, "late", "--json"]);

    const [code, reason, message] = messageOf(end);
    expect([code, reason]).toEqual([3, "EXPIRED"]);
    expect(message).toMatch(/attempt 1, stands no more \(expired\): bob~\S+ holds attempt \d now/u);
  },
  TEST_MS,
);

test(
  "[C35] an agent that its board does not know any more, or has left, is not gone on with",
  async () => {
    const place = ["--folder", bench.path("board")];
    const [id = ""] = await add(place, "roof");
    await bench.run(["claim", id, ...place]);
    const file = bench.path(".stigmergy/session.json");
    copyFileSync(file, bench.path("copy"));
    const session = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(bench.path("ahead"), JSON.stringify({ ...session, records: 99 }));

    const ahead = await bench.run(["note", id, "x", "--json", "--session", bench.path("ahead")]);
    const left = await bench.run(["leave", "--json"]);
    const gone = await bench.run(["note", id, "x", "--json", "--session", bench.path("copy")]);
    rmSync(bench.path("board"), { recursive: true });
    const [other = ""] = await add(place, "other");
    const lost = await bench.run(["note", other, "x", "--json", "--session", bench.path("copy")]);
    const forgotten = await bench.run(["leave", "--session", bench.path("copy")]);

    expect(dataOf(left)).toMatchObject({ given_back: [id] });
    expect(existsSync(file)).toBe(false);
    for (const [end, why] of [
      [ahead, "has written more than"],
      [gone, "has left"],
      [lost, "is not known to"],
    ] as const) {
      const [code, reason, message] = messageOf(end);
      expect([code, reason]).toEqual([3, "AGENT_NOT_RESUMABLE"]);
      expect(message).toContain(why);
      expect(message).toContain("`stigmergy leave` forgets the session");
    }
    expect([forgotten.code, existsSync(bench.path("copy"))]).toEqual([0, false]);
  },
  TEST_MS,
);

test(
  "[C26] a board is opened by the rule that is named, and by no other",
  async () => {
    const place = ["--folder", bench.path("board")];
    const [id = ""] = await add([...place, "--rule", "rendezvous@1"], "roof");

    const [usual, named] = await Promise.all([
      bench.run(["claim", id, ...place, "--json", "--session", bench.path("usual")]),
      bench.run(["claim", id, ...place, "--json", "--rule", "rendezvous@1"]),
    ]);
    const next = await bench.run(["done", id, "--json"]);

    expect([usual.code, errorOf(usual).code]).toEqual([5, "RULE_MISMATCH"]);
    expect([named.code, next.code]).toEqual([0, 0]);
  },
  TEST_MS,
);
