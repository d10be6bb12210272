/** Situations: what a run of schedules has to have met before its silence means anything. */

/** Something rare that a schedule may lead to. */
export type Situation = (typeof SITUATIONS)[number];

/** Every situation that the simulator counts. */
export const SITUATIONS = [
  /** Nothing was lost, cut, crashed, slowed or forged. */
  "no-fault",
  /** Two live claims of one attempt met on some replica. */
  "contested-claim",
  /** A replica saw the attempt's winner change from one claim to another. */
  "winner-flip",
  /** An agent claimed while it could not reach anybody. */
  "claim-while-cut-off",
  "message-lost",
  "message-repeated",
  /** A message came before one that was sent earlier, or long before its time. */
  "message-overtook",
  "crash",
  /** A crash took what the disk had not flushed. */
  "tail-lost",
  /** A process died when its disk held what nobody else had. */
  "crash-between-store-and-send",
  "restart",
  /** A claim was expired whose holder was dead, or gone. */
  "right-expiry",
  /** A claim was expired whose holder was alive. */
  "wrong-expiry",
  /** A claim was completed and expired. */
  "expiry-races-completion",
  /** The best claimant waited for a rival. */
  "settled-wait",
  "yielded",
  /** A result was handed in that did not become the task's. */
  "alternate",
  /** Two agents worked on one attempt at a time. */
  "overlap",
  "skewed-clock",
  /** A process stood still while it held a claim. */
  "stalled-holder",
  "relay-forgot",
  "hostile-write",
  "late-joiner",
] as const;

/** How often each situation was met. */
export type SituationCounts = Record<Situation, number>;

/** Counts from nothing. */
export function noSituations(): SituationCounts {
  return Object.fromEntries(SITUATIONS.map((one) => [one, 0])) as SituationCounts;
}

/** Adds the counts of one run to those of many: in how many runs each was met. */
export function addSituations(sum: SituationCounts, run: SituationCounts): void {
  for (const one of SITUATIONS) if (run[one] > 0) sum[one]++;
}
