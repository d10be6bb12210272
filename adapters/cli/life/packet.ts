/** The packet of a handoff, from a file or from options, checked before anything is written. */
import { checkPacket, type Packet } from "../../../lib/index.ts";
import { usageFault } from "../fault.ts";
import { readSource } from "../list/source-text.ts";
import type { PacketFlags } from "./packet-flags.ts";

/**
 * Makes the packet.
 *
 * @throws CliFault `USAGE` when it lacks a part, or is given twice
 */
export async function readPacket(flags: PacketFlags): Promise<Packet> {
  const { packet: file, summary, decision, question, deadEnd, artifact } = flags;
  const parts = [summary, decision, question, deadEnd, artifact];
  if (file !== undefined && parts.some((part) => part !== undefined))
    throw usageFault("the file of --packet says it all; leave out the other parts");
  const packet =
    file === undefined
      ? {
          summary: summary ?? "",
          decisions: decision ?? [],
          questions: question ?? [],
          deadEnds: deadEnd ?? [],
          artifacts: artifact ?? [],
        }
      : parsePacket(await readSource(file, "packet"));
  try {
    checkPacket(packet);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(`${cause}; give --summary, or all of it with --packet FILE`);
  }
  return packet;
}

function parsePacket(text: string): Packet {
  try {
    return JSON.parse(text) as Packet;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(`the packet is not JSON (${cause}); correct it`);
  }
}
