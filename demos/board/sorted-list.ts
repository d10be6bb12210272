/** A list that stays sorted: what is put in or taken out costs a binary search and a move, not a sort. */

/** Items in the order of a comparator that is total: no two different items are equal. */
export interface SortedList<T> {
  /** The items now; the same array all the time, to be read only. */
  readonly items: readonly T[];
  add(item: T): void;
  /** Takes out the item that equals this one; nothing happens where there is none. */
  remove(item: T): void;
  /** Starts over with these items. */
  reset(items: readonly T[]): void;
}

/** Makes an empty list. */
export function createSortedList<T>(compare: (a: T, b: T) => number): SortedList<T> {
  const items: T[] = [];
  const placeOf = (item: T): number => {
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(items[middle] as T, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    items,
    add(item) {
      items.splice(placeOf(item), 0, item);
    },
    remove(item) {
      const place = placeOf(item);
      if (place < items.length && compare(items[place] as T, item) === 0) items.splice(place, 1);
    },
    reset(all) {
      items.length = 0;
      for (const item of all) items.push(item);
      items.sort(compare);
    },
  };
}
