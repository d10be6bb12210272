/** A disk that outlives its process: what was flushed survives every crash, what was only written may be lost. */
import { mergeByReplay } from "../../../adapters/storage/replay.ts";
import type { BoardStore, Clock, Storage } from "../../../lib/index.ts";

/** A disk; opened anew after each crash. */
export interface SimulatedDisk {
  /** The storage of a process that runs by this clock. */
  mount(clock: Clock): Storage;
  /** The process is gone; with `losesTail` what was not flushed is gone too. Gives how many updates that were. */
  crash(losesTail: boolean): number;
}

/** Makes an empty disk, which takes so long for a flush. */
export function createSimulatedDisk(flushMs: number): SimulatedDisk {
  let updates: Uint8Array[] = [];
  let flushedCount = 0;

  const open = (clock: Clock): BoardStore => {
    let flush: Promise<void> | null = null;
    const startFlush = (): Promise<void> =>
      new Promise((resolve) => {
        clock.schedule(flushMs, () => {
          flush = null;
          flushedCount = updates.length;
          resolve();
        });
      });
    return {
      id: "disk",
      load: async () => updates.map((update) => update.slice()),
      append(update) {
        updates.push(update.slice());
        if (flushMs > 0) {
          flush ??= startFlush();
          return flush;
        }
        flushedCount = updates.length;
        return DONE;
      },
      async compact() {
        updates = mergeByReplay(updates);
        flushedCount = updates.length;
      },
      close: () => DONE,
    };
  };

  return {
    mount: (clock) => ({ open: async () => open(clock) }),
    crash(losesTail) {
      const lost = updates.length - flushedCount;
      if (losesTail) updates.length = flushedCount;
      else flushedCount = updates.length;
      return lost;
    },
  };
}

const DONE: Promise<void> = Promise.resolve();
