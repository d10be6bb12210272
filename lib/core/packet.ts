/** Packets: what a holder passes on with a task, checked at the call so that no part of it is forgotten. */
import type { Artifact, Packet } from "./record.ts";

const LISTS = ["decisions", "questions", "deadEnds", "artifacts"] as const;

/**
 * Checks that a packet has every part; a list may be empty, but not left out, so that "none" is said and not forgotten.
 *
 * @throws TypeError that names the missing part
 */
export function checkPacket(packet: Packet): void {
  if (typeof packet !== "object" || packet === null) throw missing("packet itself");
  if (typeof packet.summary !== "string" || packet.summary.trim() === "") throw missing("summary");
  for (const name of LISTS) if (!Array.isArray(packet[name])) throw missing(name);
  packet.deadEnds.forEach((end: Partial<Packet["deadEnds"][number]> | null, i) => {
    const { tried, why } = end ?? {};
    if (!tried || !why) throw missing(`deadEnds[${i}].${tried ? "why" : "tried"}`);
  });
  packet.artifacts.forEach((artifact: Partial<Artifact> | null, i) => {
    const { name, mediaType, uri, content } = artifact ?? {};
    if (!name || !mediaType) throw missing(`artifacts[${i}].${name ? "mediaType" : "name"}`);
    if ((uri === undefined) === (content === undefined))
      throw new TypeError(`artifacts[${i}] of the packet needs either uri or content, one of them`);
  });
}

function missing(part: string): TypeError {
  return new TypeError(
    `The packet lacks its ${part}; a packet has summary, decisions, questions, deadEnds and artifacts, lists may be empty`,
  );
}
