/** Bugs in the order of records and claims: what makes the same records mean the same everywhere. */
import type { Bug } from "../bug.ts";

/** In `lib/core/rule.ts`, and where records are sorted. */
export const orderBugs: readonly Bug[] = [
  {
    name: "no tie-break between records",
    what: "records of one Lamport time have no order: whichever arrived first goes first",
    edits: [
      {
        file: "lib/core/record.ts",
        find: "a.record.at - b.record.at || compareText(a.agent, b.agent) || a.record.n - b.record.n",
        replace: "a.record.at - b.record.at",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["convergence"],
  },
  {
    name: "no tie-break in the rule",
    what: "`earliest` answers -1 for equals, so the claim that was handed in first wins",
    edits: [
      {
        file: "lib/core/rule.ts",
        find: "a.at - b.at || score(a, context) - score(b, context)",
        replace: "(a.at <= b.at ? -1 : 1)",
      },
    ],
    suite: { by: "checkRule", rule: "earliest" },
    expect: ["permutation", "total-order"],
  },
  {
    name: "clock in the rule",
    what: "at equal Lamport times `earliest` asks what day it is",
    edits: [
      {
        file: "lib/core/rule.ts",
        find: "a.at - b.at || score(a, context) - score(b, context)",
        replace:
          "a.at - b.at || (score(a, context) - score(b, context)) * (new Date().getDate() % 2 || -1)",
      },
    ],
    suite: { by: "checkRule", rule: "earliest" },
    expect: ["purity"],
  },
  {
    name: "weight that the claimant can grind",
    what: "`rendezvous` salts its hash with the claim's position, which a claimant moves by writing first",
    edits: [
      {
        file: "lib/core/rule.ts",
        find: "`${context.task} ${context.attempt} ${claim.agent}`",
        replace: "`${context.task} ${context.attempt} ${claim.agent} ${claim.n}`",
      },
    ],
    suite: { by: "checkRule", rule: "rendezvous" },
    expect: ["no-grinding", "no-late-preemption"],
  },
  {
    name: "merge that is not associative",
    what: "loads that differ by 1 count as equal, so who wins depends on how claims are grouped",
    edits: [
      {
        file: "lib/core/rule.ts",
        find: "sign * (weightOf(a) - weightOf(b)) ||",
        replace: "sign * Math.trunc((weightOf(a) - weightOf(b)) / 2) ||",
      },
    ],
    suite: { by: "checkRule", rule: "least-loaded" },
    expect: ["total-order", "associativity"],
  },
  {
    name: "later claim goes first",
    what: "`earliest` prefers the higher Lamport time, so whoever comes late displaces the holder",
    edits: [
      {
        file: "lib/core/rule.ts",
        find: "a.at - b.at || score(a, context)",
        replace: "b.at - a.at || score(a, context)",
      },
    ],
    suite: { by: "checkRule", rule: "earliest" },
    expect: ["no-late-preemption"],
  },
  {
    name: "iteration order",
    what: "a task's records are folded in the order in which they arrived",
    edits: [
      {
        file: "lib/replica/task-index.ts",
        find: "slot.entries = slot.entries.toSorted(compareEntries);",
        replace: "",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["convergence", "reference"],
  },
  {
    name: "Lamport clock stands still",
    what: "a replica does not move its Lamport clock on by what it receives",
    edits: [
      {
        file: "lib/replica/replica.ts",
        find: "if (record.at > lamport)",
        replace: "if (signers.has(agent) && record.at > lamport)",
      },
    ],
    suite: { by: "verify", program: "editor", maxSteps: 25 },
    expect: ["fault"],
  },
  {
    name: "fold kept too long",
    what: "a record that arrives out of order leaves the task as it was folded before",
    edits: [
      {
        file: "lib/replica/task-index.ts",
        find: "slot.view = undefined;",
        replace: "if (slot.isSorted) slot.view = undefined;",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["convergence", "reference"],
  },
];
