/**
 * Where everything is in a model of settled claims: who wrote what, who has read how much of it, and what is under way
 * through one relay that only forwards in order and echoes markers. All of it is text, so that it is cheap to name.
 */

/** One agent. */
export interface Peer {
  /** `waiting` for the protocol's decision, or `lost`: it crashed, and comes back only as another agent. */
  readonly phase: "idle" | "waiting" | "working" | "lost";
  /**
   * Its records in three characters each: `c12` claims attempt 1, third best by the rule; `k1.` was confirmed in attempt
   * 1, `y1.` yielded, `r1.` released, `f1.` failed with a delay, `d1.` is done; `x03` says that agent 0's claim at
   * position 3 is expired; `w2.` waited out the delay before attempt 2.
   */
  readonly log: string;
  /** How many records of each agent's log it has. */
  readonly known: readonly number[];
  /** What has not reached the relay, in order: `r` a record, `m` the marker. */
  readonly outbox: string;
  /** What is on its way from the relay, in order: the number of a record's author, `e` the marker's echo. */
  readonly inbox: string;
  /** Whether the marker of its latest claim has come back. */
  readonly hasEchoed: boolean;
  /** Attempts in which it was confirmed by a record that was lost with it; others never hear of those. */
  readonly forgotten: string;
}

/** How often something may still happen. */
export interface Budget {
  readonly crashes: number;
  readonly expiries: number;
  readonly closings: number;
}

/** All agents, and what may still go wrong. */
export interface SettledState {
  readonly peers: readonly Peer[];
  readonly left: Budget;
}

/** How many characters a record takes. */
export const RECORD = 3;

/** The beginning: everybody knows the task, and nobody has claimed it. */
export function startSettled(agents: number, left: Budget): SettledState {
  const peer: Peer = {
    phase: "idle",
    log: "",
    known: Array.from({ length: agents }, () => 0),
    outbox: "",
    inbox: "",
    hasEchoed: false,
    forgotten: "",
  };
  return { peers: Array.from({ length: agents }, () => peer), left };
}

/** The records of a log, each as its three characters. */
export function recordsOf(log: string): readonly string[] {
  return log.match(/.../g) ?? [];
}

/** The position of an agent's latest claim in its log, 1 for the first record; 0 where it has none. */
export function lastClaim(log: string): number {
  for (let i = log.length - RECORD; i >= 0; i -= RECORD) if (log[i] === "c") return i / RECORD + 1;
  return 0;
}

/** Moves the claims of an attempt from a place on by one place, to make room there or to fill it. */
export function moveClaims(
  peers: readonly Peer[],
  attempt: number,
  from: number,
  by: 1 | -1,
): readonly Peer[] {
  const isMoved = (record: string): boolean =>
    record.startsWith(`c${attempt}`) && Number(record[2]) >= from;
  return peers.map((peer) => {
    const records = recordsOf(peer.log);
    if (!records.some(isMoved)) return peer;
    const moved = records.map((one) => (isMoved(one) ? `c${attempt}${Number(one[2]) + by}` : one));
    return { ...peer, log: moved.join("") };
  });
}
