/** The wires of a memory network: they delay, lose, repeat and reorder messages by the injected clock and randomness. */
import type { Clock, Random } from "../../../lib/index.ts";
import { type Message, sizeOf } from "./message.ts";
import { drawNumber } from "./seeded-random.ts";

/** How badly the wires treat messages; each rate is a probability from 0 to 1, by default 0. */
export interface MemoryNetworkFaults {
  /** How often a message is lost. In a relay's network, where links are streams, each loss breaks the connection. */
  readonly lossRate?: number;
  /** How often a message comes twice; without effect on streams. */
  readonly duplicateRate?: number;
  /** How often a message is delayed past those sent after it; without effect on streams. */
  readonly reorderRate?: number;
}

/** The least and the most that a message is under way, in milliseconds; drawn evenly for each. */
export interface Latency {
  readonly min: number;
  readonly max: number;
}

/** What has happened to all messages of a network so far. */
export interface MemoryNetworkStats {
  readonly sent: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly bytesSent: number;
}

/** One event in the life of one message. */
export interface MemoryNetworkTraceEntry {
  readonly fate: "sent" | "delivered" | "lost" | "duplicated";
  /** The clock's milliseconds. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly board: string;
  readonly kind: string;
  readonly sizeBytes: number;
}

/** A message under way, for whoever plays fate. On a stream order is kept, so it takes those before it along. */
export interface MessageInFlight {
  readonly from: string;
  readonly to: string;
  readonly board: string;
  readonly kind: string;
  readonly sentAt: number;
  /** When it arrives by itself. */
  readonly dueAt: number;
  readonly isStream: boolean;
  /** Delivers it now. */
  deliver(): void;
  /** Loses it; on a stream the connection breaks. */
  drop(): void;
  /** Delivers it now, and once more when it is due; without effect on streams. */
  duplicate(): void;
}

/** One direction of a link between two nodes, for one board. */
export interface Channel<M extends Message> {
  /** Sends a message and gives its size in bytes. */
  send(message: M): number;
  /** Loses what is under way and all that is sent from now on. */
  close(): void;
}

interface Flight extends MessageInFlight {
  /** Arrives, unless it has arrived, or was dropped. */
  land(): void;
  cancel(): void;
}

/** Where a channel leads. */
export interface ChannelOptions<M extends Message> {
  readonly from: string;
  readonly to: string;
  readonly board: string;
  readonly deliver: (message: M) => void;
  /** Makes the channel a stream: in order, once, and closed by its first loss, which this is told of. */
  readonly onBroken?: () => void;
}

/** What {@link createMedium} needs. */
export interface MediumOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly latencyMs: Latency;
  readonly canReach: (from: string, to: string) => boolean;
  readonly trace: ((entry: MemoryNetworkTraceEntry) => void) | undefined;
}

/** The wires of one network. */
export interface Medium {
  readonly stats: MemoryNetworkStats;
  /** Sets the faults from now on, in place of those before. */
  setFaults(faults: MemoryNetworkFaults): void;
  /** All that is under way, in the order of sending. */
  readonly inFlight: Iterable<MessageInFlight>;
  openChannel<M extends Message>(options: ChannelOptions<M>): Channel<M>;
}

/** Makes wires without faults. */
export function createMedium(options: MediumOptions): Medium {
  const { clock, random, latencyMs, trace } = options;
  const stats = { sent: 0, delivered: 0, lost: 0, duplicated: 0, bytesSent: 0 };
  const inFlight = new Set<Flight>();
  let faults: MemoryNetworkFaults = {};

  const isStruck = (rate = 0): boolean => rate > 0 && drawNumber(random) < rate;
  const drawLatency = (): number =>
    latencyMs.min + (latencyMs.max - latencyMs.min) * drawNumber(random);

  const openChannel = <M extends Message>(channel: ChannelOptions<M>): Channel<M> => {
    const { from, to, board, deliver, onBroken } = channel;
    const isStream = onBroken !== undefined;
    let isOpen = true;
    let lastDueAt = 0;
    // a timer delivers the message whose turn it is: timers may run early, and then past each other
    const inOrder: Flight[] = [];

    const note = (fate: MemoryNetworkTraceEntry["fate"], { kind }: M, sizeBytes: number): void => {
      stats[fate]++;
      trace?.({ fate, at: clock.now(), from, to, board, kind, sizeBytes });
    };
    const arrive = (message: M, sizeBytes: number): void => {
      note(isOpen ? "delivered" : "lost", message, sizeBytes);
      if (isOpen) {
        deliver(message);
      }
    };
    const lose = (message: M, sizeBytes: number): void => {
      note("lost", message, sizeBytes);
      if (onBroken !== undefined && isOpen) {
        isOpen = false;
        clock.schedule(0, onBroken);
      }
    };

    const launch = (message: M, size: number, dueAt: number, mayOvertake: boolean): void => {
      const flight: Flight = {
        from,
        to,
        board,
        kind: message.kind,
        sentAt: clock.now(),
        dueAt,
        isStream,
        land() {
          if (takeOut(flight)) {
            arrive(message, size);
          }
        },
        deliver() {
          const ahead = isStream ? inOrder.slice(0, inOrder.indexOf(flight) + 1) : [flight];
          for (const one of ahead) {
            one.cancel();
            one.land();
          }
        },
        drop() {
          flight.cancel();
          if (takeOut(flight)) {
            lose(message, size);
          }
        },
        duplicate() {
          if (!isStream && inFlight.has(flight)) {
            note("duplicated", message, size);
            arrive(message, size);
          }
        },
        cancel: clock.schedule(dueAt - clock.now(), () =>
          (mayOvertake ? flight : inOrder[0])?.land(),
        ),
      };
      inFlight.add(flight);
      if (!mayOvertake) {
        inOrder.push(flight);
      }
    };
    const takeOut = (flight: Flight): boolean => {
      const place = inOrder.indexOf(flight);
      if (place >= 0) {
        inOrder.splice(place, 1);
      }
      return inFlight.delete(flight);
    };

    return {
      send(message) {
        const size = sizeOf(message);
        stats.bytesSent += size;
        note("sent", message, size);
        if (!isOpen || !options.canReach(from, to) || isStruck(faults.lossRate)) {
          lose(message, size);
          return size;
        }
        const now = clock.now();
        const dueAt = now + drawLatency();
        if (!isStream && isStruck(faults.duplicateRate)) {
          note("duplicated", message, size);
          launch(message, size, dueAt + drawLatency(), true);
        }
        if (!isStream && isStruck(faults.reorderRate)) {
          launch(message, size, dueAt + 2 * drawLatency() + 1, true);
        } else {
          lastDueAt = Math.max(lastDueAt, dueAt);
          launch(message, size, lastDueAt, false);
        }
        return size;
      },
      close() {
        isOpen = false;
      },
    };
  };

  return {
    stats,
    inFlight,
    setFaults(next) {
      faults = next;
    },
    openChannel,
  };
}
