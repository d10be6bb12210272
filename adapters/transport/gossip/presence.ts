/** Signs of life in a mesh: each is taken in once and passed on once, whatever ways it comes. */
import type { Presence } from "../../../lib/index.ts";
import type { NodePresence } from "./message.ts";

/** Of how many nodes the latest count is remembered. */
const MAX_NODES = 10_000;

/** One node's memory of which signs of life it has seen. */
export class PresenceMemory {
  readonly #node: string;
  readonly #countByNode = new Map<string, number>();
  #count = 0;

  constructor(node: string) {
    this.#node = node;
  }

  /** Numbers this node's own signs of life. */
  announce(presences: readonly Presence[]): NodePresence {
    return { kind: "presence", node: this.#node, count: ++this.#count, presences };
  }

  /** Tells whether these are new here; they are not from then on. */
  isNew({ node, count }: NodePresence): boolean {
    if (node === this.#node || count <= (this.#countByNode.get(node) ?? -1)) {
      return false;
    }
    this.#countByNode.delete(node); // the latest heard of stand last
    this.#countByNode.set(node, count);
    const [oldest] = this.#countByNode.keys();
    if (this.#countByNode.size > MAX_NODES && oldest !== undefined) {
      this.#countByNode.delete(oldest);
    }
    return true;
  }
}
