// `stigmergy verify` and `stigmergy replay` as a user has them: rules and agents in files of their own.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { CliBench, type CliEnd, type CliOptions, dataOf, errorOf } from "./workbench/cli.ts";
import { until } from "./workbench/until.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine

const CALM_RULE = `export const rule = { name: "calm", version: 1, compare: (a, b) => a.at - b.at };\n`;
const NO_TIE_BREAK = `export const rule = { name: "first", version: 1, compare: (a, b) => (a.at <= b.at ? -1 : 1) };\n`;
const BY_THE_CLOCK = `export const rule = {
  name: "clock", version: 1,
  compare: (a, b) => (new Date().getUTCDate() % 2 ? a.at - b.at : b.at - a.at),
};\n`;

const agentOf = (name: string, body: string, more = ""): string =>
  `export const agent = { name: "${name}", ${more} run({ agent, board, clock }) { ${body} } };\n`;

const IDLER = agentOf("idler", "return agent.work(() => new Promise(() => {}));");
const WORKER = agentOf("worker", "return agent.work(async (claim) => ({ by: claim.agent }));");
/** Answers each note with a note, after a while. */
const CHATTERER = agentOf(
  "chatterer",
  `board.watch(({ events }) => {
    for (const { kind, task, agent: by } of events)
      if ((kind === "task-added" || kind === "task-noted") && by !== agent.id)
        clock.schedule(400, () => void agent.note(task, "thank you").catch(() => {}));
  });`,
  "isDiligent: false,",
);

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

const verify = (
  source: string,
  args: readonly string[] = [],
  options?: CliOptions,
): Promise<CliEnd> => {
  bench.write("module.mjs", source);
  return bench.run(["verify", "module.mjs", "--seed", "7", ...args], options);
};

/** The failures in the test's folder. */
const saved = (): readonly string[] =>
  readdirSync(bench.folder).filter((name) => name.endsWith(".stigmergy.json"));

test(
  "[C37] a rule that keeps the laws holds over all schedules; its seed and what was never met are told",
  async () => {
    const end = await verify(CALM_RULE, ["--runs", "40"]);

    expect({ code: end.code, stderr: end.stderr }).toEqual({
      code: 0,
      stderr: "verifying rule calm@1; seed 7\n",
    });
    expect(end.stdout).toContain("rule calm@1: all laws hold");
    expect(end.stdout).toContain("40 schedules were played, and none breaks an invariant; seed 7");
    expect(end.stdout).toContain("situations met");
    expect(saved()).toEqual([]);
  },
  TEST_MS,
);

for (const [what, source, rule, law] of [
  ["without a tie-break", NO_TIE_BREAK, "first@1", "duplicates"],
  ["that asks the clock", BY_THE_CLOCK, "clock@1", "purity"],
] as const)
  test(
    `[C37] [C38] a rule ${what} is broken, saved, and broken in the same way when it is played again`,
    async () => {
      const end = await verify(source, ["--runs", "100"]);
      const again = await bench.run(["replay", saved()[0] ?? "", "--json"]);

      expect(end.code).toBe(1);
      expect(end.stdout).toContain(`rule ${rule}: `);
      const file = `./${rule.replace("@", "-")}-7.stigmergy.json`;
      expect(end.stdout).toContain(`saved as ${file}\nplay it again: stigmergy replay ${file}\n`);
      const { broken } = JSON.parse(readFileSync(bench.path(file), "utf8"));
      const { holds, laws } = dataOf(again) as { holds: boolean; laws: { sentence: string }[] };
      expect([again.code, holds]).toEqual([1, false]);
      expect(broken.map((one: { law: string }) => one.law)).toContain(law);
      expect(laws).toEqual(
        broken.map((one: object) => ({
          ...one,
          holds: false,
          runs: 1,
          sentence: expect.anything(),
        })),
      );
      if (law === "duplicates")
        expect(laws.map((one) => one.sentence)).toEqual(
          broken.map((one: { sentence: string }) => one.sentence),
        );
    },
    TEST_MS,
  );

test(
  "[C37] an agent that does its work holds",
  async () => {
    const end = await verify(WORKER, ["--runs", "30", "--nodes", "2", "--json"]);

    expect([end.code, end.stderr]).toEqual([0, ""]);
    expect(dataOf(end)).toMatchObject({
      ...{ subject: "agent worker", agent: "worker", holds: true, seed: 7, schedules: 30 },
      ...{ laws: null, failure: null, file: null, replay: null },
    });
  },
  TEST_MS,
);

for (const [what, source, invariant] of [
  ["never completes what it took", IDLER, "progress"],
  ["answers each note with a note", CHATTERER, "finite"],
] as const)
  test(
    `[C37] [C38] [C39] an agent that ${what} is broken, and its schedule breaks it again by the same trace`,
    async () => {
      const end = await verify(source, ["--nodes", "2", "--topology", "relay", "--json"]);

      const { failure, file, replay, ...rest } = dataOf(end) as {
        failure: { violation: object; steps: object[]; setup: { topology: string } };
        file: string;
        replay: string;
      };
      expect(end.code).toBe(1);
      expect(rest).toMatchObject({ holds: false, seed: 7 });
      expect(failure.violation).toMatchObject({ invariant });
      expect([failure.setup.topology, failure.steps.length]).toEqual(["relay", 1]);
      expect(JSON.parse(readFileSync(bench.path(file), "utf8"))).toEqual(failure);
      expect(replay).toBe(`stigmergy replay ${file}`);
      const again = await bench.run(["replay", file, "--json"]);
      expect(again.code).toBe(1);
      expect(dataOf(again)).toMatchObject({
        ...{ violation: failure.violation, is_same: true, is_same_trace: true, seed: 7 },
      });
      const told = await bench.run(["replay", file]);
      expect(told.stdout).toContain("● 1. ");
      expect(told.stdout).toContain(`\`${invariant}\` was found broken here`);
      expect(told.stdout.trimEnd().endsWith("It breaks as it did when it was saved.")).toBe(true);
    },
    TEST_MS,
  );

test(
  "[C38] the same seed gives the same output and one file; another failure of the same name gets a number",
  async () => {
    const first = await verify(IDLER, ["--nodes", "2"]);
    const again = await verify(IDLER, ["--nodes", "2"]);
    const other = await verify(IDLER, ["--nodes", "3"]);

    expect(again).toEqual(first);
    expect(other.stdout).toContain("saved as ./idler-7-2.stigmergy.json");
    expect(saved()).toEqual(["idler-7-2.stigmergy.json", "idler-7.stigmergy.json"]);
  },
  TEST_MS,
);

test(
  "[C38] a failure goes where --save says, names its module from there, and is kept from a folder that is not there",
  async () => {
    mkdirSync(bench.path("kept"));

    const end = await verify(IDLER, ["--nodes", "2", "--save", "kept/it.json"]);
    const again = await bench.run(["replay", "kept/it.json"]);
    const lost = await verify(IDLER, ["--save", "gone/it.json", "--json"]);

    expect([end.code, again.code, lost.code]).toEqual([1, 1, 2]);
    expect(JSON.parse(readFileSync(bench.path("kept/it.json"), "utf8")).module).toBe(
      "../module.mjs",
    );
    expect(errorOf(lost).message).toMatch(/there is no folder .*gone to save into/);
  },
  TEST_MS,
);

test(
  "[C39] what was corrected holds when it is played again, as its module or as another",
  async () => {
    await verify(IDLER, ["--nodes", "2"]);
    await verify(NO_TIE_BREAK, ["--runs", "20"]);
    bench.write("calm.mjs", CALM_RULE);

    const [rule, agent] = [saved()[0] ?? "", saved()[1] ?? ""];
    const other = await bench.run(["replay", rule, "--module", "calm.mjs"]);
    bench.write("module.mjs", WORKER);
    const corrected = await bench.run(["replay", agent]);

    expect([rule, agent]).toEqual(["first-1-7.stigmergy.json", "idler-7.stigmergy.json"]);
    expect([other.code, corrected.code]).toEqual([0, 0]);
    expect(other.stderr).toBe("saved of rule first@1, played with calm@1\n");
    expect(other.stdout).toContain("rule calm@1: holds now\n");
    expect(corrected.stdout).toContain(
      "agent worker: holds now, over 1 step; it was: idler leaves",
    );
  },
  TEST_MS,
);

test(
  "[C37] what cannot be verified is unusable, and it is said what to export",
  async () => {
    const codes: (number | null)[] = [];
    const messages: string[] = [];
    for (const source of [
      "export const rules = 1;",
      "export const rule = { name: 'x', version: 1 };",
      "export const agent = { name: 'x' };",
      "export const agent = { run() {} };",
      "export const agent = { name: 'x', isDiligent: 1, run() {} };",
      "export const rule = {",
      "throw new Error('not today');",
      "process.exit(0);",
      "await new Promise(() => {});",
      "export const agent = { name: 'x', isDiligent: false, run() { Promise.reject(new Error('alone')); } };",
    ]) {
      const end = await verify(source, ["--runs", "1", "--json"]);
      codes.push(end.code);
      messages.push(errorOf(end).message.replace("the module module.mjs ", ""));
    }
    const missing = await bench.run(["verify", "missing.mjs"]);
    const typed = await bench.run(["verify", "rule.ts"]);

    expect(codes).toEqual(Array(10).fill(2));
    expect(messages).toEqual([
      expect.stringMatching(/^exports neither `rule` nor `agent`; export `rule = \{ name,/),
      expect.stringMatching(/^exports a rule that is none: .*`compare` is a function/),
      expect.stringMatching(/^exports an agent that is none: its `run` is a function/),
      expect.stringMatching(/^exports an agent that is none: its `name` is a text/),
      expect.stringMatching(/^exports an agent that is none: its `isDiligent` is/),
      expect.stringMatching(/^cannot be loaded \(SyntaxError/),
      expect.stringMatching(/^cannot be loaded \(Error: not today\)/),
      expect.stringMatching(/^the module ended its thread before it was done/),
      expect.stringMatching(/^the module ended its thread before it was done/),
      expect.stringMatching(/^the module leaves rejected promises alone .*Error: alone/),
    ]);
    expect([missing.code, typed.code]).toEqual([2, 2]);
    expect(typed.stderr).toContain("give a file that ends in .js or .mjs");
  },
  TEST_MS,
);

test(
  "[C39] a file that is none is unusable, and it is said where it is wrong",
  async () => {
    await verify(IDLER, ["--nodes", "2"]);
    const whole = readFileSync(bench.path("idler-7.stigmergy.json"), "utf8");
    bench.write("bent.json", whole.replace('"do":"add"', '"do":"jump\\u001b"'));
    bench.write("alone.json", whole.replace("./module.mjs", "./gone.mjs"));
    bench.write("calm.mjs", CALM_RULE);

    const ends = await Promise.all([
      bench.run(["replay", "gone.json"]),
      bench.run(["replay", "bent.json"]),
      bench.run(["replay", "alone.json"]),
      bench.run(["replay", "idler-7.stigmergy.json", "--module", "calm.mjs"]),
    ]);

    expect(ends.map(({ code, stdout }) => [code, stdout])).toEqual(Array(4).fill([2, ""]));
    expect(ends.map(({ stderr }) => stderr)).toEqual([
      expect.stringMatching(/gone\.json is no failure that can be played again .*ENOENT/),
      expect.stringMatching(/steps\[0\]\.do is "jump\\u001b"; it should be "add"/),
      expect.stringMatching(/gone\.mjs cannot be loaded/),
      expect.stringMatching(/is about the agent idler, and the module exports none/),
    ]);
  },
  TEST_MS,
);

test(
  "[C40] what a module prints is talk: data stays data",
  async () => {
    const source = `console.log("\\u001b[2Jhello"); console.error("there");\n${CALM_RULE}`;

    const json = await verify(source, ["--runs", "5", "--json"]);
    const plain = await verify(source, ["--runs", "5"]);

    expect([json.code, json.stderr]).toEqual([0, ""]);
    expect(dataOf(json)["holds"]).toBe(true);
    expect(plain.stderr).toContain("[2Jhello\n");
    expect(plain.stderr).not.toContain("\u001b");
    expect(plain.stdout).not.toContain("hello");
  },
  TEST_MS,
);

test(
  "[C40] a module that loops for ever is ended by an interruption",
  async () => {
    bench.write("loop.mjs", "console.log('looping'); await 0; for (;;) {}");
    bench.write(
      "busy.mjs",
      "export const rule = { name: 'busy', version: 1, compare() { for (;;) {} } };",
    );

    const ends: CliEnd[] = [];
    for (const module of ["loop.mjs", "busy.mjs"]) {
      const running = bench.start(["verify", module, "--seed", "7"]);
      if (module === "busy.mjs")
        await until("it has begun", () => running.stderr.includes("verifying rule busy@1; seed 7"));
      else await until("the program listens", () => running.stderr.includes("looping"));
      running.child.kill("SIGINT");
      ends.push(await running.ended);
    }

    expect(ends.map(({ code }) => code)).toEqual([130, 130]);
    expect(ends[1]?.stderr).toContain("interrupted: before it was over");
  },
  TEST_MS,
);

test(
  "[C40] without fast-check it is said what to install",
  async () => {
    const hooks = bench.write(
      "hooks.mjs",
      `export const resolve = (name, context, next) =>
        next(name === "fast-check" ? "fast-check-that-is-not-there" : name, context).catch((error) => {
          error.message = error.message.replace("fast-check-that-is-not-there", "fast-check");
          throw error;
        });\n`,
    );
    const without = bench.write(
      "without.mjs",
      `import { register } from "node:module";
      import { workerData } from "node:worker_threads";
      if (workerData?.mark) register(${JSON.stringify(`file://${hooks}`)});\n`,
    );

    const end = await verify(CALM_RULE, [], { env: { NODE_OPTIONS: `--import ${without}` } });

    expect([end.code, end.stdout]).toEqual([2, ""]);
    expect(end.stderr).toBe(
      "error: this needs the package fast-check, which is not installed; run `npm install --save-dev fast-check`\n",
    );
  },
  TEST_MS,
);
