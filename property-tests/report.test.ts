// What a person and a program get of a failure: the report, the picture, and the file that plays it again.

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatDiagram } from "./kit/report/diagram.ts";
import { formatFailure, formatSituations, tellSetup } from "./kit/report/failure-report.ts";
import { replaySchedule } from "./kit/report/replay-schedule.ts";
import { formatSaved, readSaved } from "./kit/report/saved-failure.ts";
import { savedLawsOf } from "./kit/report/saved-laws.ts";
import { type SavedSchedule, SCHEDULE_FORMAT } from "./kit/report/saved-schedule.ts";
import { checkRule } from "./kit/rule/check-rule.ts";
import { anySchedule } from "./kit/simulator/any-schedule.ts";
import type { AgentProgram } from "./kit/simulator/simulated-process.ts";
import { noSituations } from "./kit/simulator/situation.ts";
import type { Schedule, Setup } from "./kit/simulator/step.ts";
import { createBrokenRules } from "./zoo/broken-rules.ts";

const world = { nodes: 2, seed: 1, latencyMs: [5, 5], flushMs: 0 } as const;

const contest: Schedule = {
  setup: { ...world, topology: "relay" },
  steps: [
    { do: "add", node: 0 },
    { do: "tick", ms: 12 },
    { do: "claim", node: 0, task: 0 },
    { do: "claim", node: 1, task: 0 },
    { do: "tick", ms: 150 },
    { do: "complete", node: 0, hand: 0 },
  ],
};

const trouble: Schedule = {
  setup: { ...world, topology: "mesh" },
  steps: [
    { do: "add", node: 0, key: 1 },
    { do: "duplicate", message: 0 },
    { do: "tick", ms: 6 },
    { do: "claim", node: 1, task: 0 },
    { do: "drop", message: 0 },
    { do: "crash", node: 1 },
    { do: "tick", ms: 300 },
    { do: "note", node: 0, task: 0 },
  ],
};

/** Takes every task, and never hands anything in. */
const idler: AgentProgram = {
  name: "idler",
  async run({ agent }) {
    await agent.work(() => new Promise(() => {}));
  },
};

const saved = (schedule: Schedule): SavedSchedule => ({
  format: SCHEDULE_FORMAT,
  module: "./idler.mjs",
  agent: "idler",
  ...schedule,
  violation: { invariant: "progress", sentence: "idler leaves t0 undone", step: 1, atMs: 60_000 },
  seed: 7,
  run: 12,
  hash: 4_294_967_295,
});

test("[Z17] a contest around a relay is drawn with what each said, every message where it arrived, and what is still under way", async () => {
  const { trace } = await replaySchedule(contest);

  const picture = formatDiagram(trace, { ...contest.setup, until: 180 });

  expect(`\n${picture}\n`).toBe(`
      ms  ann             ben            relay
          … 4 messages before              │
      11   ● 1. ann adds a task            │
          2. 12 ms pass    │               │
      15   ├───────── update +5 ──────────▶│
           │               ├─ update +5 ──▶│
      16   ├───────── update +5 ──────────▶│
      20   │               │◀─ update +5 ──┤
           │◀───────── update +5 ──────────┤
      21   │               │◀─ update +5 ──┤
      23   ● 3. ann claims task 0          │
           │               ● 4. ben claims task 0
          5. 150 ms pass   │               │
      28   ├───────── update +5 ──────────▶│
           ├───────── marker +5 ──────────▶│
           │               ├─ update +5 ──▶│
           │               ├─ marker +5 ──▶│
      33   │               │◀─ update +5 ──┤
           │◀───────── marker +5 ──────────┤
           ◆ holds t0.1    │               │
           │◀───────── update +5 ──────────┤
           │               │◀─ marker +5 ──┤
      38   ├───────── update +5 ──────────▶│
      43   │               │◀─ update +5 ──┤
           │               ◆ lost t0.1     │
      48   │               ├─ update +5 ──▶│
      53   │◀───────── update +5 ──────────┤
          ⋮ 120 ms of silence              │
     173   ● 6. ann completes              │
     173  the steps are over, and all faults end
     178   ├───────── update +5 ──────────▶│
           │               │…┄┄┄ update ┄┄┄┤
`);
});

test("[Z17] losses, repetitions, crashes and silence are marked, in plain ASCII too", async () => {
  const { trace } = await replaySchedule(trouble);

  const picture = formatDiagram(trace, { ...trouble.setup, until: 317, ascii: true });

  expect(`\n${picture}\n`).toBe(`
      ms  ann             ben
          ~ 4 messages before
      11   * 1. ann adds a task with key 1
          2. message 0: duplicate
           +- update +0 -->|
          3. 6 ms pass     |
      16   +- update x2 -->|
      17   |               * 4. ben claims task 0
           |               # holds t0.1
          5. message 0: drop
           |x- update +0 --+
           |               * 6. ben crashes
          7. 300 ms pass   :
          : 300 ms of silence
     317   * 8. ann notes on task 0
           +.... ask .....~:
           |~.... ask .....+
`);
});

test("[Z17] whatever happens among however many, no line is wider than 100 columns", async () => {
  await fc.assert(
    fc.asyncProperty(anySchedule({ nodes: 7, maxSteps: 12 }), async (schedule) => {
      const { trace } = await replaySchedule(schedule);
      for (const ascii of [false, true]) {
        const lines = formatDiagram(trace, { ...schedule.setup, ascii }).split("\n");
        expect(lines.filter((line) => [...line].length > 100)).toEqual([]);
        if (ascii) expect(lines.join("")).toMatch(/^[ -~]*$/);
        expect(lines.length).toBeLessThanOrEqual(165);
      }
    }),
    { numRuns: 20, seed: 1 },
  );
});

test("[Z16] a report says what broke, the steps, the world, the picture and the command", async () => {
  const schedule: Schedule = {
    setup: { ...contest.setup, lossRate: 0.01, pace: [100, 50] },
    steps: [{ do: "add", node: 0 }],
  };
  const replay = await replaySchedule(schedule, { program: idler });
  const { violation } = replay;
  if (violation === null) throw new Error("an idler makes no progress");

  const report = formatFailure({
    subject: "agent idler",
    schedule,
    violation,
    seed: 7,
    run: 12,
    replay,
    command: "stigmergy replay idler-7.stigmergy.json",
  });

  const parts = report.split("\n\n");
  expect(violation.invariant).toBe("progress");
  expect(parts[0]).toBe(`agent idler breaks the invariant \`progress\`:\n  ${violation.sentence}`);
  expect(parts[1]).toBe(
    "found in run 12 of seed 7, and made as small as it goes:\n  1. ann adds a task",
  );
  expect(parts[2]).toBe(
    "played with 2 nodes around a relay; messages that take 5 ms; disks that flush at once; 1 % of the messages break their connection, the clock of ben runs at 50 %",
  );
  expect(parts[3]).toContain("● 1. ann adds a task");
  expect(parts[3]?.split("\n").at(-2)).toMatch(/⋮ \d+ ms of silence/);
  expect(parts[3]?.split("\n").at(-1)).toBe(
    `${String(violation.atMs).padStart(8)}  \`progress\` was found broken here, after the last step`,
  );
  expect(parts[4]).toBe("play it again: stigmergy replay idler-7.stigmergy.json");
});

test("[Z16] that no fault was drawn is said too", () => {
  const setup: Setup = { ...trouble.setup, nodes: 1, lossRate: 0, pace: [100], flushMs: 20 };

  expect(tellSetup(setup)).toBe(
    "1 node in a mesh; messages that take 5 ms; disks that flush after 20 ms; no faults but those in the steps",
  );
});

test("[Z16] situations that never came up are named", () => {
  const told = formatSituations({ ...noSituations(), crash: 3, restart: 2 });

  expect(told.split("\n").slice(0, 3)).toEqual([
    "situations met, each with the number of runs:",
    "  crash 3, restart 2",
    "never met, so nothing is known of what happens then:",
  ]);
  expect(told).toContain("winner-flip");
});

test("[Z18] any schedule is read back from its file as it was", () => {
  fc.assert(
    fc.property(anySchedule({ nodes: 7 }), (schedule) => {
      expect(readSaved(formatSaved(saved(schedule)))).toEqual(saved(schedule));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("[Z18] a schedule read back breaks what it broke, by the same trace", async () => {
  const schedule: Schedule = { ...contest, steps: contest.steps.slice(0, 1) };
  const first = await replaySchedule(schedule, { program: idler });

  const back = readSaved(formatSaved(saved(schedule)));
  const again = await replaySchedule(back as SavedSchedule, { program: idler });

  expect(again.violation?.invariant).toBe("progress");
  expect([again.violation, again.hash]).toEqual([first.violation, first.hash]);
});

test("[Z18] broken laws are read back from their file as they were", () => {
  for (const { rule } of createBrokenRules().slice(0, 8)) {
    const report = checkRule(rule, { runs: 50, seed: 3 });
    expect(report.holds).toBe(false);

    const laws = savedLawsOf(report, "./rule.mjs");

    expect(readSaved(formatSaved(laws))).toEqual(laws);
  }
});

test("[Z18] a file has one step a line", () => {
  const lines = formatSaved(saved(contest)).split("\n");

  expect(lines.filter((line) => line.startsWith("    "))).toEqual(
    contest.steps.map((step, i) => `    ${JSON.stringify(step)}${i < 5 ? "," : ""}`),
  );
});

test("[Z19] a file that is wrong is refused with the place and what should be there", () => {
  const whole = saved(contest) as unknown as Record<string, unknown>;
  const refusalOf = (changes: object): string => refusal(JSON.stringify({ ...whole, ...changes }));
  const setup = contest.setup;

  expect(
    [
      refusal("{"),
      refusal("[]"),
      refusalOf({ format: "stigmergy/schedule@9" }),
      refusalOf({ steps: [{ do: "jump", node: 1 }] }),
      refusalOf({ steps: [...contest.steps.slice(0, 3), { do: "claim", node: 1 }] }),
      refusalOf({ steps: [{ do: "add", node: -1 }] }),
      refusalOf({ steps: [{ do: "heal", node: 1 }] }),
      refusalOf({ steps: Array(10_001).fill({ do: "heal" }) }),
      refusalOf({ steps: Array(2).fill({ do: "tick", ms: 6_000_000 }) }),
      refusalOf({ setup: { ...setup, nodes: 8 } }),
      refusalOf({ setup: { ...setup, latencyMs: [5, 1] } }),
      refusalOf({ setup: { ...setup, pace: [100, 100, 100] } }),
      refusalOf({ violation: { ...saved(contest).violation, invariant: "luck" } }),
      refusalOf({ seed: "7" }),
      refusalOf({ more: 1 }),
      refusal(JSON.stringify(whole).replace('"seed"', '"__proto__":{"a":1},"seed"')),
      refusal(" ".repeat(4_000_001)),
    ].map((one) => one.replace(/(it should be|there is only) .*/, "$1 …").slice(0, 90)),
  ).toEqual([
    expect.stringContaining("the file is no JSON"),
    "the file is a list; it should be …",
    "format names no failure; it should be …",
    'steps[0].do is "jump"; it should be …',
    "steps[3].task is missing",
    "steps[0].node is -1; it should be …",
    "steps[0].node is unknown; there is only …",
    "steps has 10001 entries; it should have 0 to 10000",
    "steps let 12000000 ms pass; it should be …",
    "setup.nodes is 8; it should be …",
    "setup.latencyMs begins above its end",
    "setup.pace names 3 of 2 clocks",
    'violation.invariant is "luck"; it should be …',
    'seed is "7"; it should be …',
    "more is unknown; there is only …",
    'setup."__proto__" is unknown; there is only …',
    "the file has 4000001 characters; it should have at most 4000000",
  ]);
});

test("[Z19] any change to a file gives a readable file or one refusal, and nothing else", () => {
  const text = formatSaved(saved(contest));
  const change = fc.tuple(fc.nat(text.length - 1), fc.nat(8), fc.string({ maxLength: 4 }));
  const json = fc.jsonValue().map((value) => JSON.stringify(value));
  const edited = fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), text),
    );

  fc.assert(
    fc.property(fc.oneof(json, edited), (source) => {
      try {
        expect(readSaved(formatSaved(readSaved(source)))).toEqual(readSaved(source));
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

function refusal(source: string): string {
  try {
    readSaved(source);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  return "taken";
}
