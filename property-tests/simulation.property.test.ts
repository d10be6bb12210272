/** The simulator over our own library: whatever befalls three processes, they come to one and the same good end. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { builtInRules } from "../lib/index.ts";
import {
  type AgentProgram,
  anySchedule,
  readSaved,
  type Schedule,
  SITUATIONS,
  simulate,
  verify,
} from "./kit/index.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

const { seed, numRuns } = runs(500);

test(
  "[Z20] [Z21] [Z22] [Z23] [Z27] [P8] [G2] whatever befalls three processes, every invariant holds, and everything odd came up",
  async () => {
    const report = await verify({ seed, runs: numRuns });

    expect(report.broken).toBeNull();
    expect(report.runs).toBe(numRuns);
    // silence about what never came up would mean nothing
    expect(SITUATIONS.filter((one) => report.situations[one] === 0)).toEqual([]);
  },
  LAW_TIMEOUT_MS,
);

test.each(builtInRules)(
  "[Z21] [Z22] under the rule $name too",
  async (rule) => {
    const report = await verify({ seed, runs: Math.ceil(numRuns / 10), rule });

    expect(report.broken).toBeNull();
    expect(report.situations["contested-claim"]).toBeGreaterThan(0);
  },
  LAW_TIMEOUT_MS,
);

test(
  "[Z21] with five processes too",
  async () => {
    const report = await verify({ seed, runs: Math.ceil(numRuns / 20), nodes: 5 });

    expect(report.broken).toBeNull();
  },
  LAW_TIMEOUT_MS,
);

const brokenOnce = new URL("schedules/", import.meta.url);

test.each(readdirSync(brokenOnce))("[Z23] what broke once holds: %s", async (file) => {
  const saved = readSaved(readFileSync(new URL(file, brokenOnce), "utf8"));
  if (!("steps" in saved)) throw new TypeError(`${file} holds no schedule`);

  const { violation } = await simulate(saved);

  expect(violation).toBeNull();
});

/** What a user's agent looks like. */
const worker: AgentProgram = {
  name: "worker",
  run: ({ agent }) => agent.work(({ task }) => `done: ${task.title}`),
};

test(
  "[Z28] agents that work by themselves do all that can be done, whatever befalls them, and then are silent",
  async () => {
    const report = await verify({ seed, runs: Math.ceil(numRuns / 10), program: worker });

    expect(report.broken).toBeNull();
    expect(report.situations["contested-claim"]).toBeGreaterThan(0);
  },
  LAW_TIMEOUT_MS,
);

test("[Z28] an agent that claims and does nothing leaves its tasks undone, and two that answer each other never end", async () => {
  const sleeper: AgentProgram = { name: "sleeper", run() {} };
  const chatter: AgentProgram = {
    name: "chatter",
    isDiligent: false,
    run({ agent, board }) {
      board.watch(({ tasks }) => {
        for (const { after } of tasks)
          if (after.notes.at(-1)?.agent !== agent.id) void agent.note(after.id, "and you?");
      });
    },
  };

  const slept = await verify({ seed, runs: 20, program: sleeper });
  const chatted = await verify({ seed, runs: 100, program: chatter, nodes: 2 });

  expect(slept.broken?.violation).toMatchObject({ invariant: "progress" });
  expect(slept.broken?.schedule.steps).toHaveLength(1);
  expect(chatted.broken?.violation).toMatchObject({ invariant: "finite" });
  expect(chatted.broken?.schedule.steps).toHaveLength(1);
});

test(
  "[Z20] a schedule gives the same trace each time, and any part of it is a schedule",
  async () => {
    await fc.assert(
      fc.asyncProperty(anySchedule(), fc.nat(), fc.nat(), async (schedule, from, count) => {
        const steps = schedule.steps.slice(from % 60, (from % 60) + (count % 60));
        const part: Schedule = { setup: schedule.setup, steps };

        const first = await simulate(part);
        const second = await simulate(JSON.parse(JSON.stringify(part)) as Schedule);

        expect(first.violation).toBeNull();
        expect(second.hash).toBe(first.hash);
      }),
      runs(50),
    );
  },
  LAW_TIMEOUT_MS,
);

test(
  "[Z40] whoever looks on, as slowly as they like, changes nothing",
  async () => {
    await fc.assert(
      fc.asyncProperty(anySchedule(), async (schedule) => {
        const times: number[] = [];
        const pause = async (at: number): Promise<void> => {
          times.push(at);
          if (times.length % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
        };

        const seen = await simulate(schedule, { pause });
        const unseen = await simulate(schedule);

        expect(seen).toEqual(unseen);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      runs(50),
    );
  },
  LAW_TIMEOUT_MS,
);
