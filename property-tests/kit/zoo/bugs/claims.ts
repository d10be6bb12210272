/** Bugs in how an agent comes by a claim, and learns that it has lost it. */
import type { Bug, Edit } from "../bug.ts";

const settle = (find: string, replace: string): readonly Edit[] => [
  { file: "lib/core/settle.ts", find, replace },
];

/** In the decision on settled claims, and in `lib/agent/claim`. */
export const claimBugs: readonly Bug[] = [
  {
    name: "settled without its marker",
    what: "the decision on a settled claim does not ask for the echo of the marker",
    edits: settle("if (!hasEchoed)", "if (!hasEchoed && false)"),
    suite: { by: "explore", agents: 2 },
    expect: ["at most one agent is confirmed in an attempt"],
  },
  {
    name: "marker counts as echoed once sent",
    what: "a settled claim is decided on when its marker is on its way",
    edits: [
      {
        file: "lib/agent/claim/settling.ts",
        find: 'marker.state === "echoed"',
        replace: 'marker.state === "sent"',
      },
    ],
    suite: { by: "verify", topology: "relay", maxSteps: 25 },
    expect: ["one-executor"],
  },
  {
    name: "best claimant does not wait",
    what: "the best of several settled claims is confirmed though its rivals have not yielded",
    edits: settle("if (rivals.length > 0)", "if (rivals.length > 0 && false)"),
    suite: { by: "explore", agents: 2 },
    expect: ["at most one agent is confirmed in an attempt"],
  },
  {
    name: "same attempt after an expiry",
    what: "whoever waited for a rival that was expired goes on in the same attempt",
    edits: settle("isEnded(task) || task.nextAttempt > claim.attempt", "isEnded(task)"),
    suite: { by: "explore", agents: 2, expiries: 1 },
    expect: ["at most one agent is confirmed in an attempt"],
  },
  {
    name: "failed attempt had once more",
    what: "a claim is confirmed in an attempt in which another was confirmed, and failed",
    edits: settle("others.some(({ status }) => HELD_ONCE.has(status))", "false"),
    suite: { by: "explore", agents: 2, closings: 1 },
    expect: ["at most one agent is confirmed in an attempt"],
  },
  {
    name: "attempt counted by hand",
    what: "a claim names one attempt more than the highest that it sees claimed",
    edits: [
      {
        file: "lib/agent/claim/claiming.ts",
        find: "offer === undefined ? task.nextAttempt :",
        replace:
          "offer === undefined ? Math.max(0, ...task.claims.map((one) => one.attempt)) + 1 :",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["progress", "one-winner", "orphan"],
  },
  {
    name: "claim beside a live one",
    what: "an agent claims though it sees the live claim of another",
    edits: [
      {
        file: "lib/core/ready.ts",
        find: "task.claims.some(isLive)",
        replace: "false",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["double-claim"],
  },
  {
    name: "loser not told",
    what: "a claim that another beats does not end for its holder",
    edits: [
      {
        file: "lib/agent/claim/loss.ts",
        find: 'task.winner === mine ? null : "lost"',
        replace: "null",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["one-winner"],
  },
  {
    name: "loss without a signal",
    what: "a lost claim is closed, and its signal stays silent",
    edits: [
      {
        file: "lib/agent/claim/granted.ts",
        find: "this.#controller?.abort(reason);",
        replace: "",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["one-winner"],
  },
  {
    name: "missed loss event",
    what: "a claim looks at its task only when the winner has changed, and so misses that it was expired",
    edits: [
      {
        file: "lib/agent/board-host.ts",
        find: "for (const claim of host.claims.of(id))",
        replace:
          "if (after.winner !== null && after.winner?.agent !== before?.winner?.agent) for (const claim of host.claims.of(id))",
      },
    ],
    suite: { by: "verify", program: "eager", maxSteps: 25 },
    expect: ["finite", "one-winner"],
  },
  {
    name: "verdict that never comes",
    what: "who lost a contest waits until it is decided, also where its task has ended meanwhile",
    edits: [
      {
        file: "lib/agent/claim/claiming.ts",
        find: "if (completion !== null)",
        replace: "if (false)",
      },
      {
        file: "lib/agent/claim/claiming.ts",
        find: "if (isLost(task))",
        replace: "if (false)",
      },
    ],
    suite: { by: "verify", topology: "relay" },
    expect: ["progress"],
  },
];
