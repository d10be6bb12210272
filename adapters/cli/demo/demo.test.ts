/** `stigmergy demo` as anybody would start it, to its end, and to an early one. */
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { CliBench, dataOf } from "../workbench/cli.ts";
import { until } from "../workbench/until.ts";

const TEST_MS = 60_000;

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

/** Every process of the demo, and no other, has the bench's folder as its place for temporary files. */
function processesOfBench(): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`TMPDIR=${bench.folder}\0`);
    } catch {
      return false; // gone, or not ours
    }
  });
}

test(
  "[C56] the demo tells its story, completes all tasks without a double start, and leaves nothing behind",
  async () => {
    const { code, stdout, stderr } = await bench.run(["demo", "--fast"]);

    expect(code).toBe(0);
    expect(stdout).toContain("6 of 6 tasks completed by 4 agents");
    expect(stdout).toContain("0 double starts");
    expect(stdout).toContain("npx stigmergy init --client claude");
    expect(stderr).toMatch(
      /agent-[12] has lost the race for “draw the plan”: agent-[12] holds it/u,
    );
    expect(stderr).toMatch(/agent-3 hands “clear the ground” off/u);
    expect(stderr).toMatch(/agent-[12] knows from the packet: the south half is clear/u);
    expect(stderr).toMatch(/(agent-[123]) is killed(?:.*\n)+\1 is silent; its claim of “put on/u);
    expect(stderr).toMatch(/agent-4 comes late and reads the brief: \d+ items/u);
    expect(processesOfBench()).toEqual([]);
    expect(readdirSync(bench.folder)).toEqual([]);
  },
  TEST_MS,
);

test(
  "[C56] who interrupts the demo gets 130, and it leaves nothing behind; as data nothing is told before the end",
  async () => {
    const demo = bench.start(["demo"]);
    await until("somebody holds a task", () => demo.stderr.includes("has claimed"));
    const during = processesOfBench().length;
    demo.child.kill("SIGINT");
    const end = await demo.ended;

    const data = await bench.run(["demo", "--fast", "--json"]);

    expect(during).toBe(4);
    expect(end).toMatchObject({ code: 130, stdout: "" });
    expect(data).toMatchObject({ code: 0, stderr: "" });
    expect(dataOf(data)).toMatchObject({ tasks: 6, completed: 6, agents: 4, double_started: 0 });
    expect(processesOfBench()).toEqual([]);
    expect(readdirSync(bench.folder)).toEqual([]);
  },
  TEST_MS,
);
