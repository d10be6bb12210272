/** The laws of time: only who came before whom may matter, and to come later never helps. */

import type { ClaimFacts } from "../../../lib/core/rule.ts";
import { decideSettled } from "../../../lib/core/settle.ts";
import type { Task } from "../../../lib/core/task.ts";
import { type LogBook, openLogBook } from "../log-book.ts";
import { anyCase, anyDelay } from "./arbitrary-case.ts";
import type { Judge } from "./judge.ts";
import type { Law, RuleCase } from "./law.ts";
import { pairsOf } from "./order-law.ts";
import { nameClaim, refOf, sayOrder } from "./wording.ts";

/** Adding the same to every Lamport time changes no order. */
export const clockShift: Law = {
  name: "clock-shift",
  cases: () => anyCase([2, 3], { delay: anyDelay }),
  breach(judge, { claims, context, delay = 1 }) {
    for (const [a, b] of pairsOf(claims)) {
      const [before, after] = [
        judge.order(a, b, context),
        judge.order(postpone(a, delay), postpone(b, delay), context),
      ];
      if (before !== after)
        return `of ${nameClaim(a)} and ${nameClaim(b)}, ${sayOrder(a, b, before)}; with both Lamport times ${delay} higher that should not change, but then ${sayOrder(a, b, after)}`;
    }
    return null;
  },
};

/**
 * To come later never helps. A claim goes before the same claim made later, and what goes before a claim goes before that
 * claim made later, in the fold too; and whatever comes after a confirmed claim, and after its completion, changes
 * neither. (That a *better* claim displaces an optimistic one that was not confirmed is what `optimistic` means.)
 */
export const noLatePreemption: Law = {
  name: "no-late-preemption",
  cases: () => anyCase([2, 4], { delay: anyDelay }),
  breach: (judge, one) =>
    findGainByDelay(judge, one) ?? findDisplaced(judge, one) ?? findStolen(judge, one),
};

function findGainByDelay(judge: Judge, { claims, context, delay = 1 }: RuleCase): string | null {
  for (const claim of claims) {
    const late = { ...postpone(claim, delay), n: claim.n + 1 };
    if (judge.order(claim, late, context) >= 0)
      return `${nameClaim(claim)} should go before the same claim made later, ${nameClaim(late)}, but does not`;
    for (const rival of claims) {
      if (rival.agent === claim.agent || judge.order(rival, claim, context) >= 0) continue;
      if (judge.order(rival, late, context) >= 0)
        return `${nameClaim(rival)} goes before ${nameClaim(claim)}; it should go before the same claim made later too, but ${sayOrder(rival, late, 1)} when that comes at ${late.at}`;
    }
  }
  return null;
}

/** The same through the fold, with claims that hold at once: whom a newcomer does not displace, it never will. */
function findDisplaced({ rule }: Judge, { claims, delay = 1 }: RuleCase): string | null {
  const [holder, newcomer] = claims;
  if (holder === undefined || newcomer === undefined || holder.agent === newcomer.agent)
    return null;
  const winnerWith = (rival: ClaimFacts): Task["winner"] => {
    const book = openLogBook({ rule });
    book.add("author");
    book.claim(holder.agent, weigh(holder, holder.at));
    book.claim(rival.agent, weigh(rival, rival.at));
    return book.task().winner;
  };
  if (winnerWith(newcomer)?.agent !== holder.agent) return null;
  const late = postpone(newcomer, delay);
  return winnerWith(late)?.agent === holder.agent
    ? null
    : `${nameClaim(holder)} holds the task against ${nameClaim(newcomer)}; it should hold it against the same claim made later, but loses it when that comes at ${late.at}`;
}

/** Settled: who is confirmed stays so, and what it completed stays, whatever all others claim afterwards. */
function findStolen({ rule }: Judge, { claims }: RuleCase): string | null {
  const [holder, ...others] = claims;
  if (holder === undefined) return null;
  const book = openLogBook({ rule });
  book.add("author", { guarantee: "settled" });
  const held = book.hold(holder.agent, weigh(holder));
  const rivals = claimAll(book, others);
  if (book.task().winner?.agent !== held.agent || book.task().winner?.n !== held.n)
    return `${nameClaim(holder)} was confirmed and should hold the task whatever is claimed later, but ${others.map(nameClaim).join(", ")} displaced it`;
  const next = rivals.map((rival) => decideSettled(book.task(), rival, true));
  if (next.some((decision) => decision !== "yield"))
    return `${nameClaim(holder)} was confirmed, so each later rival should yield, but they ${next.join(", ")}`;
  book.complete(held, "done");
  for (const rival of [...rivals, ...claimAll(book, others)]) book.complete(rival, "stolen");
  return book.task().completion?.result === "done"
    ? null
    : `${refOf(holder)} completed the task as the confirmed holder, but a later claim's result replaced its own`;
}

function claimAll(book: LogBook, claims: readonly ClaimFacts[]): ReturnType<LogBook["claim"]>[] {
  return claims.map((one) => book.claim(one.agent, { guarantee: "settled", ...weigh(one) }));
}

function weigh({ agent: _agent, n: _n, at: _at, ...weights }: ClaimFacts, at?: number): object {
  return at === undefined ? weights : { ...weights, at };
}

function postpone(claim: ClaimFacts, delay: number): ClaimFacts {
  return Object.freeze({ ...claim, at: claim.at + delay });
}
