/** What was said about a task beside its claims, as the view shows it. */
import type { Turns } from "./attempts.ts";
import type { Gathered, OfferDraft } from "./contender.ts";
import type { Contest } from "./contest.ts";
import { type Fields, freezeList, NOTHING } from "./fields.ts";
import type { AgentId, LogEntry } from "./record.ts";
import { isEnded, type Offer, type TaskState, type TaskThread } from "./task.ts";

/** One thread for all tasks that have nothing to tell: boards of many tasks hold many of them. */
const NO_THREAD: TaskThread = Object.freeze({
  questions: NOTHING,
  offers: NOTHING,
  packets: NOTHING,
  reasons: NOTHING,
  waiters: NOTHING,
  children: NOTHING,
  text: null,
  delay: null,
  spent: 0,
  failedNeed: null,
  cancelReason: null,
  reopened: null,
  ignored: NOTHING,
});

/** What the other parts of the fold have found out. */
interface Findings {
  readonly gathered: Gathered;
  readonly turns: Turns;
  readonly fields: Fields;
  readonly contest: Contest;
  readonly state: TaskState;
}

/** Puts the thread together. */
export function foldThread(
  entries: readonly LogEntry[],
  { gathered, turns, fields, contest, state }: Findings,
): TaskThread {
  const waiters = waitersOf(entries);
  const { questions, offers, packets, reasons, ignored } = gathered;
  const { children, text } = fields;
  const { spent, reopened } = turns;
  const delay = isEnded({ state }) ? null : turns.delay;
  const cancelReason = state === "canceled" ? turns.cancelReason : null;
  const failedNeed = state === "failed" ? turns.failedNeed : null;
  // H7: an offer stands as long as its claim does
  const isStanding = ({ agent, claim: { n } }: OfferDraft): boolean =>
    !isEnded({ state }) &&
    contest.claims.some((one) => one.n === n && one.agent === agent && one.status === "held");
  const isEmpty =
    (questions ?? offers ?? packets ?? reasons ?? ignored ?? children ?? waiters) === null &&
    (text ?? delay ?? failedNeed ?? cancelReason ?? reopened) === null &&
    spent === 0;
  if (isEmpty) return NO_THREAD;
  return Object.freeze({
    questions: freezeList(
      questions?.map(({ agent, n, claim, question, of, answers }) =>
        Object.freeze({
          agent,
          n,
          claim: claim.n,
          attempt: claim.attempt,
          question,
          of,
          answers: freezeList(answers),
        }),
      ) ?? null,
    ),
    offers: freezeList(offers?.map((offer) => offerOf(offer, isStanding(offer))) ?? null),
    packets: freezeList(packets),
    reasons: freezeList(reasons),
    waiters: freezeList(waiters),
    children: freezeList(children),
    text,
    delay,
    spent,
    failedNeed,
    cancelReason,
    reopened,
    ignored: freezeList(ignored),
  });
}

function offerOf(offer: OfferDraft, isStanding: boolean): Offer {
  const { agent, n, claim, to, isWithdrawn, acceptedBy, declined } = offer;
  const unaccepted = isWithdrawn ? "withdrawn" : isStanding ? "open" : "lapsed";
  return Object.freeze({
    agent,
    n,
    claim: claim.n,
    attempt: claim.attempt,
    to,
    status: acceptedBy === null ? unaccepted : "accepted",
    isWithdrawn,
    acceptedBy,
    declined: freezeList(declined),
  });
}

/** Who waits for the task: whoever queued and has neither claimed it nor given up since. */
function waitersOf(entries: readonly LogEntry[]): TaskThread["waiters"][number][] | null {
  let waiters: Map<AgentId, TaskThread["waiters"][number]> | null = null;
  for (const { agent, record } of entries) {
    if (record.kind === "queued") {
      waiters ??= new Map();
      waiters.set(agent, Object.freeze({ agent, n: record.n, at: record.at }));
    } else if (record.kind === "unqueued" || record.kind === "claimed") waiters?.delete(agent);
  }
  return waiters === null || waiters.size === 0 ? null : [...waiters.values()];
}
