/** Bugs in what records mean: attempts, winners, results. */
import type { Bug } from "../bug.ts";

/** In the fold of `lib/core`. */
export const foldBugs: readonly Bug[] = [
  {
    name: "release beaten by a concurrent claim",
    what: "a release opens nothing where another has claimed the attempt meanwhile",
    edits: [
      {
        file: "lib/core/attempts.ts",
        find: 'closing === "released")',
        replace:
          'closing === "released" && !gathered.contenders.some((other) => other !== one && other.attempt === attempt))',
      },
    ],
    suite: { by: "verify", topology: "mesh", maxSteps: 25 },
    expect: ["monotone", "reference"],
  },
  {
    name: "renewal changes the winner",
    what: "a note of the claimant renews its claim, which counts from then on only",
    edits: [
      {
        file: "lib/core/contender.ts",
        find: 'case "declined":',
        replace: `case "noted":
            for (const one of gathered.contenders) if (one.agent === agent) one.at = record.at;
            return null;
        case "declined":`,
      },
    ],
    suite: { by: "verify", program: "eager", nodes: 2, maxSteps: 30 },
    expect: ["reference", "one-winner", "progress", "monotone"],
  },
  {
    name: "completed task stolen by a late claim",
    what: "a completed task that somebody claims late is worked on again",
    edits: [
      {
        file: "lib/core/fold.ts",
        find: "if (contest.completion !== null)",
        replace: "if (contest.completion !== null && winner === null)",
      },
    ],
    suite: { by: "verify", program: "eager", maxSteps: 25 },
    expect: ["one-result", "reference", "finite"],
  },
  {
    name: "completion after expiry dropped",
    what: "a result does not count when its claim was expired by somebody else, right or wrong",
    edits: [
      {
        file: "lib/core/contender.ts",
        find: "claim.isConfirmed && !claim.isAdopting",
        replace: "claim.isConfirmed && !claim.isAdopting && claim.expiredAt === null",
      },
    ],
    suite: { by: "verify", program: "eager", nodes: 2, maxSteps: 30 },
    expect: ["one-result", "reference"],
  },
  {
    name: "lower attempt takes the result",
    what: "of two results the one of the lower attempt is accepted: no fencing",
    edits: [
      {
        file: "lib/core/contest.ts",
        find: "one.attempt > accepted.attempt",
        replace: "one.attempt < accepted.attempt",
      },
    ],
    suite: { by: "verify", program: "eager", nodes: 2, maxSteps: 30 },
    expect: ["one-result", "reference"],
  },
  {
    name: "canceled beats completed",
    what: "a task that is called off while it is being completed loses its result",
    edits: [
      {
        file: "lib/core/fold.ts",
        find: "if (contest.completion !== null)",
        replace: "if (contest.completion !== null && !turns.isCancelled)",
      },
    ],
    suite: { by: "verify" },
    expect: ["one-result", "reference"],
  },
  {
    name: "unconfirmed release opens the next attempt",
    what: "a claim that was given back before its confirmation opens the next attempt",
    edits: [
      {
        file: "lib/core/attempts.ts",
        find: '(one.isConfirmed && closing === "released")',
        replace: '(closing === "released" || closing === "yielded")',
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["reference"],
  },
  {
    name: "events against the wrong snapshot",
    what: "events tell the difference to the first view of a task, not to the last that was told",
    edits: [
      {
        file: "lib/replica/replica.ts",
        find: "slot.told = after;",
        replace: "slot.told ??= after;",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["events"],
  },
  {
    name: "second change missed",
    what: "a task that changes again between a snapshot and its event stays as the snapshot has it",
    edits: [
      {
        file: "lib/replica/replica.ts",
        find: "if (!slot.isDirty)",
        replace: "if (!slot.isDirty && !slot.isUnseen)",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["progress", "events", "convergence", "reference"],
  },
];
