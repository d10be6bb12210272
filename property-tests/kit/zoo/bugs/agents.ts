/** Bugs of agents, and in how they watch over each other. */
import type { Bug } from "../bug.ts";

const LEASE = "lib/agent/watch/lease.ts";

/** In `lib/agent/watch`, and in programs such as a user writes. */
export const agentBugs: readonly Bug[] = [
  {
    name: "two agents answer each other for ever",
    what: "an agent answers every note of another with a note",
    edits: [],
    suite: { by: "verify", program: "chatty", maxSteps: 25 },
    expect: ["finite"],
  },
  {
    name: "agent that tries once",
    what: "an agent never comes back to a task that it did not get the first time",
    edits: [],
    suite: { by: "verify", program: "one-shot", maxSteps: 25 },
    expect: ["progress"],
  },
  {
    name: "orphan that nobody expires",
    what: "only the first in line expires, and the dead stand in line too",
    edits: [
      {
        file: LEASE,
        find: "host.liveness.silenceMs(agent, view.leaseMs) < view.leaseMs",
        replace: "true",
      },
      {
        file: LEASE,
        find: "const waited = overdueMs - rank * turnMs;",
        replace: "const waited = rank === 0 ? overdueMs : -1;",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["orphan", "progress"],
  },
  {
    name: "no patience",
    what: "an observer expires a claim without waiting for a whole lease",
    edits: [
      {
        file: LEASE,
        find: "hasLeft ? silenceMs : silenceMs - leaseMs",
        replace: "silenceMs",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["progress"],
  },
  {
    name: "expiry by the holder counts",
    what: "a replica takes its own agents for silent, and their word for it counts",
    edits: [
      {
        file: LEASE,
        find: "if (host.agents.has(claim.agent))",
        replace: "if (false)",
      },
      {
        file: "lib/core/contender.ts",
        find: 'if (agent === record.holder)\n                return "own-work";\n            // R2',
        replace: "// R2",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["reference"],
  },
];
