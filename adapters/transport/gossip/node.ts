/** Names of nodes: one replica's presence in a mesh, from its connect to its close. */
import type { Random } from "../../../lib/index.ts";

const NODE_BYTES = 16;

/** Draws a name that no other node has. */
export function createNode(random: Random): string {
  return Array.from(random(NODE_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
