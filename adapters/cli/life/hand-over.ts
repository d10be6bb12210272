/** `release` and `handoff`: how a claim goes to somebody else, with what was learned. */
import { formatAudience, formatRef, type HandoffOutcome } from "../../../lib/index.ts";
import { type CliFault, usageFault } from "../fault.ts";
import { audienceOf } from "../flags.ts";
import { printable } from "../output/printable.ts";
import type { ActOptions } from "../session/act.ts";
import type { Deed, Hand } from "../session/hand.ts";
import { lossFault } from "../session/loss.ts";
import { readPacket } from "./packet.ts";
import type { PacketFlags } from "./packet-flags.ts";

import { refusalFault } from "./refusal.ts";

/** To whom, with what, and whether to stay until somebody has accepted. */
export interface HandoffFlags extends ActOptions, PacketFlags {
  readonly to?: string;
  readonly capability?: string;
  readonly wait: boolean;
  readonly timeoutMs?: number;
}

/** Gives the task back. */
export function releaseDeed({ reason }: ActOptions & { readonly reason?: string }): Deed {
  return async (hand) => {
    const outcome = await hand.claim().release(reason);
    if (!outcome.ok) throw lossFault(hand.task(), hand.agent.id);
    return { words: "given back" };
  };
}

/** Offers the task to somebody, or gives it back with its packet. */
export async function handoffDeed(options: HandoffFlags): Promise<Deed> {
  const to = audienceOf(options.to, options.capability);
  if (to === undefined && options.wait)
    throw usageFault("--wait waits for whom --to or --capability names; name somebody");
  const packet = await readPacket(options);
  return async (hand) => {
    const claim = hand.claim();
    if (to === undefined) {
      const outcome = await claim.release(undefined, packet);
      if (!outcome.ok) throw lossFault(hand.task(), hand.agent.id);
      return { words: "given back with its packet" };
    }
    const whom = printable(formatAudience(to));
    if (!options.wait) {
      const outcome = await claim.offer(packet, to);
      if (!outcome.ok) throw lossFault(hand.task(), hand.agent.id);
      return {
        words: `offered to ${whom}`,
        data: { offer: formatRef(outcome.offer) },
        talk: `rest until \`stigmergy accept ${printable(options.id)}\` takes it over; \`stigmergy show\` tells`,
      };
    }
    const { timeoutMs: patienceMs } = options;
    const patience = patienceMs === undefined ? {} : { patienceMs };
    const offering = claim.handoff(packet, { to, signal: hand.signal, ...patience });
    const said = hand.sayWhenSafe(`offered to ${whom}; waiting until it is accepted`);
    const [outcome] = await Promise.all([offering, said]);
    if (!outcome.ok) throw takenBack(hand, outcome);
    return { words: `accepted by ${printable(outcome.to)}`, data: { accepted_by: outcome.to } };
  };
}

function takenBack(hand: Hand, outcome: Extract<HandoffOutcome, { readonly ok: false }>): CliFault {
  const { reason, declined } = outcome;
  switch (reason) {
    case "declined":
      return refusalFault(hand.task(), { ok: false, reason, declined });
    case "silence":
    case "aborted":
      return refusalFault(hand.task(), { ok: false, reason });
    default:
      return lossFault(hand.task(), hand.agent.id);
  }
}
