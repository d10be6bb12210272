/** `done`, `fail`, `reject` and `adopt`: how a claim ends with something to show. */
import {
  type ClaimRefusal,
  type CompletionOutcome,
  formatAudience,
  type Task,
} from "../../../lib/index.ts";
import { parseRef } from "../board/reference.ts";
import { refusedFault, usageFault } from "../fault.ts";
import { readSource } from "../list/source-text.ts";
import { printable } from "../output/printable.ts";
import type { ActOptions } from "../session/act.ts";
import type { Deed, Hand, Report } from "../session/hand.ts";
import { lossFault } from "../session/loss.ts";
import { refusalFault } from "./refusal.ts";

/** The result, and what to do when what it is based on has changed. */
export interface DoneOptions extends ActOptions {
  readonly result?: string;
  readonly from?: string;
  readonly asJson: boolean;
  /** `refresh` where what has changed was read since: the result is based on it. */
  readonly ifStale: "mark" | "refuse" | "refresh";
}

/** Hands in a result. */
export async function doneDeed(options: DoneOptions): Promise<Deed> {
  const result = await readResult(options);
  const { ifStale } = options;
  return async (hand) => {
    const claim = hand.claim();
    if (ifStale !== "refresh") return handedIn(hand, await claim.complete(result, { ifStale }));
    claim.refresh();
    return handedIn(hand, await claim.complete(result));
  };
}

/** Reports a failure. */
export function failDeed({ error, final }: ActOptions & { error: string; final: boolean }): Deed {
  return async (hand) => {
    const outcome = await hand.claim().fail(error, { retryable: !final });
    if (!outcome.ok) throw lossFault(hand.task(), hand.agent.id);
    const { state, thread } = hand.task();
    const { delay } = thread;
    if (state === "failed") return { words: "failed for good" };
    return {
      words: delay === null ? "to be tried again" : `to be tried again in ${delay.delayMs} ms`,
    };
  };
}

/** Says that the task is not to be done. */
export function rejectDeed({ reason }: ActOptions & { readonly reason: string }): Deed {
  return async (hand) => {
    const outcome = await hand.claim().reject(reason);
    if (!outcome.ok) throw lossFault(hand.task(), hand.agent.id);
    return { words: "rejected" };
  };
}

/** Makes another result the task's. */
export function adoptDeed({ result }: ActOptions & { readonly result: string }): Deed {
  const ref = parseRef(result);
  return async (hand) => {
    const outcome = await hand.agent.adopt(hand.task().id, ref);
    return handedIn(hand, outcome);
  };
}

async function readResult({ result, from, asJson }: DoneOptions): Promise<unknown> {
  if (result !== undefined && from !== undefined)
    throw usageFault("give the result as an argument or with --from, not both");
  const text = from === undefined ? result : await readSource(from, "result");
  if (text === undefined || !asJson) return text ?? null;
  try {
    return JSON.parse(text);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(`the result is not JSON (${cause}); correct it, or leave out --as-json`);
  }
}

function handedIn(hand: Hand, outcome: CompletionOutcome | ClaimRefusal): Report {
  const task = hand.task();
  if (!outcome.ok) throw refusalFault(task, outcome);
  const { accepted, isInReview, stale } = outcome;
  if (!accepted && !isInReview)
    throw refusedFault(
      "superseded",
      `${task.id}: another result stands; this one is kept as an alternate, see \`stigmergy show\``,
    );
  return {
    words: isInReview ? `awaits review by ${printable(reviewersOf(task))}` : "completed",
    data: { accepted, is_in_review: isInReview, stale },
    ...(stale.length === 0 ? {} : { talk: "it is marked as based on what has changed since" }),
  };
}

function reviewersOf({ policy }: Task): string {
  return policy.review === undefined ? "others" : formatAudience(policy.review.by);
}
