/** Which links are cut, followed from the steps: the simulated network itself does not tell. */
import { NODE_NAMES, type Setup, type Step } from "../../../property-tests/kit/index.ts";

/** What the relay is called in the network. */
export const RELAY = "relay";

/** The links that are cut now. */
export interface Cuts {
  take(step: Step): void;
  /** Whether what `from` sends does not get to `to`. */
  isCut(from: string, to: string): boolean;
  /** Whether nothing gets from an agent to anybody, or nothing to it. */
  isOff(node: number): boolean;
}

/** Makes a network without cuts. */
export function createCuts({ nodes, topology }: Setup): Cuts {
  const ways = new Set<string>();
  const nameOf = (node: number): string => NODE_NAMES[node % nodes] ?? "";
  const isCut = (from: string, to: string): boolean => ways.has(`${from}>${to}`);
  return {
    isCut,
    take(step) {
      if (step.do === "heal") ways.clear();
      if (step.do !== "cut") return;
      const node = step.node % nodes;
      const other = node + 1 + (step.from % Math.max(nodes - 1, 1));
      const [a, b] = [nameOf(node), topology === "relay" ? RELAY : nameOf(other)];
      ways.add(`${a}>${b}`);
      if (step.isOneWay !== true) ways.add(`${b}>${a}`);
    },
    isOff(node) {
      const name = nameOf(node);
      const others = Array.from({ length: nodes }, (_, one) => nameOf(one)).filter(
        (one) => one !== name,
      );
      const peers = topology === "relay" ? [RELAY] : others;
      return peers.length > 0 && peers.every((one) => isCut(name, one) || isCut(one, name));
    },
  };
}
