/** Who can reach whom in a memory network: cuts between pairs, in one or both directions, and partitions into groups. */

/** Who can reach whom, by the names of transports and, in a relay's network, `relay`. */
export interface Reachability {
  /** Cuts a pair, or only the way from `a` to `b`. */
  cut(a: string, b: string, options?: { readonly oneWay?: boolean }): void;
  /** Cuts between groups, in place of the partition before; names in no group are together in one more. */
  partition(groups: readonly (readonly string[])[]): void;
  /** Takes back every cut and partition; with two names, only the cuts of this pair. */
  heal(a?: string, b?: string): void;
  /** Tells whether a message from `from` may get to `to`. */
  canReach(from: string, to: string): boolean;
}

/** Makes a network without cuts. */
export function createReachability(): Reachability {
  const cuts = new Map<string, Set<string>>();
  let groupByName = new Map<string, number>();

  const cutWay = (from: string, to: string): void => {
    cuts.set(from, (cuts.get(from) ?? new Set()).add(to));
  };

  return {
    cut(a, b, { oneWay = false } = {}) {
      cutWay(a, b);
      if (!oneWay) {
        cutWay(b, a);
      }
    },
    partition(groups) {
      groupByName = new Map(groups.flatMap((names, group) => names.map((name) => [name, group])));
    },
    heal(a, b) {
      if (a === undefined || b === undefined) {
        cuts.clear();
        groupByName.clear();
      } else {
        cuts.get(a)?.delete(b);
        cuts.get(b)?.delete(a);
      }
    },
    canReach: (from, to) =>
      !cuts.get(from)?.has(to) && groupByName.get(from) === groupByName.get(to),
  };
}
