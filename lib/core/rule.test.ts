import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/log-book.ts";
import type { AgentId, TaskId } from "./record.ts";
import {
  type ClaimFacts,
  compareClaims,
  earliest,
  formatRule,
  type Rule,
  rendezvous,
} from "./rule.ts";

const context = { task: "task" as TaskId, attempt: 1 };
const ana = claimOf("ana", 5);
const bob = claimOf("bob", 9);

test("[U1] earliest prefers the lower Lamport time, and says so", () => {
  expect(compareClaims(earliest, ana, bob, context)).toBeLessThan(0);
  expect(earliest.reason(ana, bob, context)).toBe("came first by Lamport time (5 before 9)");
});

test("[U1] at one Lamport time earliest prefers another agent for another task or attempt", () => {
  const rival = claimOf("bob", 5);
  const subjects = [1, 2, 3, 4, 5, 6, 7, 8];
  const winsByTask = subjects.map(
    (i) => compareClaims(earliest, ana, rival, { ...context, task: `t${i}` as TaskId }) < 0,
  );
  const winsByAttempt = subjects.map(
    (attempt) => compareClaims(earliest, ana, rival, { ...context, attempt }) < 0,
  );

  expect(new Set(winsByTask).size).toBe(2);
  expect(new Set(winsByAttempt).size).toBe(2);
  expect(earliest.reason(ana, rival, context)).toBe(
    "has the lower salted hash at the same Lamport time 5",
  );
});

test("[U2] nothing that a claim carries changes its rank by rendezvous", () => {
  const sign = Math.sign(compareClaims(rendezvous, ana, bob, context));
  const others = [claimOf("ana", 1, 0), claimOf("ana", 99, 77)];

  expect(others.map((one) => Math.sign(compareClaims(rendezvous, one, bob, context)))).toEqual([
    sign,
    sign,
  ]);
});

test("[U2] rendezvous says by which weights a claim won", () => {
  const [better, worse] =
    compareClaims(rendezvous, ana, bob, context) < 0 ? [ana, bob] : [bob, ana];
  const [, won, lost] =
    /\((\d+) over (\d+)\)$/.exec(rendezvous.reason(better, worse, context)) ?? [];

  expect(Number(won)).toBeGreaterThan(Number(lost));
  expect(rendezvous.reason(ana, claimOf("ana", 6, 2), context)).toBe(
    "is the earlier claim of the same agent",
  );
});

test("[U3] where a rule answers NaN or 0 the agent decides, then the position", () => {
  for (const answer of [Number.NaN, 0]) {
    const vague: Rule = { ...earliest, compare: () => answer };

    expect(compareClaims(vague, ana, bob, context)).toBeLessThan(0);
    expect(compareClaims(vague, bob, ana, context)).toBeGreaterThan(0);
    expect(compareClaims(vague, claimOf("ana", 1, 2), claimOf("ana", 1, 3), context)).toBeLessThan(
      0,
    );
    expect(compareClaims(vague, ana, ana, context)).toBe(0);
  }
});

test("[U4] a claim that does not win changes nothing between the others", () => {
  const book = openLogBook();
  book.add("ana");
  const best = book.claim("ana", { at: 5 });
  const second = book.claim("bob", { at: 6 });
  const third = book.claim("cyd", { at: 7 });
  const winners = [book.task().winner?.agent];
  book.yield(third);
  winners.push(book.task().winner?.agent);
  book.yield(best);
  winners.push(book.task().winner?.agent);

  expect(winners).toEqual([best.agent, best.agent, second.agent]);
});

test("[U5] a rule is written with its version, so that another version of it is another rule", () => {
  expect(formatRule(earliest)).toBe("earliest@1");
  expect(formatRule({ ...rendezvous, version: 2 })).toBe("rendezvous@2");
});

function claimOf(agent: string, at: number, n = 1): ClaimFacts {
  return { agent: agent as AgentId, at, n };
}
