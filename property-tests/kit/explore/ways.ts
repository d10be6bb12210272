/** Where each state of a search was reached from, in six bytes a state, so that a trace can be told without keeping states. */

/** How many steps a state may have. */
export const MAX_STEPS = 65_536;

/** Where an initial state was reached from. */
export const NOWHERE = 0xffffffff;

/** The tree of first ways to states, which are numbered from 0 on. */
export interface Ways {
  /** Notes the way to a new state: by which step from which one, or which initial state; gives the new state's number. */
  add(from: number, ordinal: number): number;
  /** The number of the initial state, then of each step on the way to a state. */
  to(id: number): readonly number[];
}

/** Makes an empty tree. */
export function createWays(): Ways {
  let froms = new Uint32Array(1024);
  let ordinals = new Uint16Array(1024);
  let size = 0;
  return {
    add(from, ordinal) {
      if (size === froms.length) {
        froms = enlarged(froms, new Uint32Array(size * 2));
        ordinals = enlarged(ordinals, new Uint16Array(size * 2));
      }
      froms[size] = from;
      ordinals[size] = ordinal;
      return size++;
    },
    to(id) {
      const way: number[] = [];
      for (let at = id; at !== NOWHERE; at = froms[at] ?? NOWHERE) way.push(ordinals[at] ?? 0);
      return way.reverse();
    },
  };
}

function enlarged<A extends Uint16Array | Uint32Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
