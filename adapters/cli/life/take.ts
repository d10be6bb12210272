/** `claim`, `accept` and `decline`: how an agent comes by a task. */
import type { Claim, ClaimOptions, Guarantee } from "../../../lib/index.ts";
import { printable, printableLines } from "../output/printable.ts";
import { patienceSignal } from "../patience.ts";
import type { ActOptions } from "../session/act.ts";
import type { Deed, Hand, Report } from "../session/hand.ts";
import { refusalFault } from "./refusal.ts";

/** How a task is to be taken. */
export interface TakeOptions extends ActOptions {
  readonly ttlMs: number;
  readonly guarantee?: Guarantee;
  readonly priority?: number;
  readonly wait?: boolean;
  readonly timeoutMs?: number;
}

/** The shortest lease of the library. */
const MIN_TTL_MS = 500;

/** Claims the task; a claim that the agent holds already is given again. */
export function claimDeed(options: TakeOptions): Deed {
  const { wait = false, timeoutMs } = options;
  return async (hand) => {
    const held = hand.agent.held().find(({ task }) => task.id === options.id);
    if (held !== undefined) return taken(held);
    const signal = patienceSignal(hand.signal, timeoutMs);
    const claimed = { ...claimOptions(hand, options), wait, signal };
    const outcome = await hand.agent.claim(hand.task().id, claimed);
    if (!outcome.ok) throw refusalFault(hand.task(), outcome);
    return taken(outcome.claim);
  };
}

/** Accepts an offer of the task. */
export function acceptDeed(options: TakeOptions): Deed {
  return async (hand) => {
    const outcome = await hand.agent.accept(hand.task().id, claimOptions(hand, options));
    if (!outcome.ok) throw refusalFault(hand.task(), outcome);
    return taken(outcome.claim);
  };
}

/** Declines an offer of the task. */
export function declineDeed({ reason }: ActOptions & { readonly reason?: string }): Deed {
  return async (hand) => {
    const outcome = await hand.agent.decline(hand.task().id, reason);
    if (!outcome.ok) throw refusalFault(hand.task(), outcome);
    return { words: "the offer was declined" };
  };
}

/** Nobody gives signs of life between two commands, so an attempt's time is the longest silence too. */
function claimOptions(hand: Hand, { ttlMs, guarantee, priority }: TakeOptions): ClaimOptions {
  const { timeoutMs = ttlMs } = hand.task().policy;
  return {
    ttlMs: Math.max(MIN_TTL_MS, Math.min(ttlMs, timeoutMs)),
    signal: hand.signal,
    ...(guarantee === undefined ? {} : { guarantee }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function taken({ task, attempt, guarantee, packet, inputs }: Claim): Report {
  const passed = packet === null ? "" : `\n${printableLines(packet.summary)}`;
  return {
    words: `attempt ${attempt}, ${guarantee}: ${printable(task.title)}${passed}`,
    data: { guarantee, packet, inputs },
    talk: `\`stigmergy brief ${printable(task.id)}\` tells what is known; done, fail, release or handoff ends the claim`,
  };
}
