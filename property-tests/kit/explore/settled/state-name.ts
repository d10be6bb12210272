/** The name of a state of the model, which it shares with all states that differ from it only in who is who. */
import { type Peer, RECORD, type SettledState } from "./state.ts";

/**
 * Names a state, and all states that differ from it only in who is who by one name: agents are numbered by the place of
 * their first claim in the order of claims, which is different for each; of those without a claim each numbering is tried.
 * `known` is left out: it follows from what was sent and what is still under way.
 */
export function nameSettled({ peers, left }: SettledState): string {
  const marks = peers.map(markOf);
  const all = peers.map((_, i) => i);
  let name: string | null = null;
  for (const order of ordersOf(all, marks)) {
    const one = writePeers(peers, order);
    if (name === null || one < name) name = one;
  }
  return `${name}${left.crashes}${left.expiries}${left.closings}`;
}

/** What an agent is sorted by; the same under every numbering. */
function markOf({ log, phase, outbox, inbox }: Peer): string {
  const i = log.indexOf("c");
  return i < 0 ? `z${phase}${log.length},${outbox},${inbox.length}` : log.slice(i, i + RECORD);
}

/** Every order of the agents in which no mark comes after a higher one. */
function ordersOf(
  agents: readonly number[],
  marks: readonly string[],
): readonly (readonly number[])[] {
  if (agents.length < 2) return [agents];
  const [lowest] = agents.map((i) => marks[i]).sort();
  return agents
    .filter((i) => marks[i] === lowest)
    .flatMap((first) =>
      ordersOf(
        agents.filter((i) => i !== first),
        marks,
      ).map((rest) => [first, ...rest]),
    );
}

function writePeers(peers: readonly Peer[], order: readonly number[]): string {
  const named: Record<string, string> = { e: "e" };
  for (const [number, i] of order.entries()) named[i] = `${number}`;
  let text = "";
  for (const i of order) {
    const peer = peers[i];
    if (peer === undefined) continue;
    const { inbox, outbox, phase, hasEchoed, forgotten, log } = peer;
    for (const one of inbox) text += named[one];
    text += `,${outbox},${phase.slice(0, 2)}${hasEchoed ? 1 : 0}${forgotten},`;
    for (let at = 0; at < log.length; at += RECORD) {
      const [kind = "", first = ""] = [log[at], log[at + 1]];
      text += kind + (kind === "x" ? named[first] : first) + log[at + 2];
    }
    text += ";";
  }
  return text;
}
