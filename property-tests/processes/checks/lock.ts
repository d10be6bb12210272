/** Checks that settled claims are a lock: one holder per attempt, and another attempt beside it only after an expiry. */
import type { Claimed, Confirmed, Expired, RecordRef } from "../../../lib/index.ts";
import { groupBy, type Line, linesOf, type SeenRecord } from "../history.ts";
import { type CertainHold, holdsOf } from "./holds.ts";

/** Why a settled grant may be lost; it is never lost to a rival of its own attempt. */
const REASONS: ReadonlySet<string> = new Set([
  "released",
  "none",
  "expired",
  "superseded",
  "cut-off",
]);

/**
 * Says which attempt had two holders, which holds overlapped without a wrong suspicion in the records, and which holder was
 * not told, or went on. A grant whose line was never written may have happened: its `confirmed` record tells.
 */
export function findLockBreaks(history: readonly Line[]): readonly string[] {
  const holds = holdsOf(history);
  return [
    ...findSharedAttempts(holds),
    ...findSharedConfirmations(history),
    ...findOverlaps(holds, expiredClaims(history)),
    ...findUntold(history, holds),
  ];
}

function findSharedAttempts(holds: readonly CertainHold[]): readonly string[] {
  return [...groupBy(holds, ({ task, attempt }) => `attempt ${attempt} of ${task}`)]
    .filter(([, group]) => group.length > 1)
    .map(([attempt, group]) => `${attempt} was granted to ${group.map(nameHolder).join(" and ")}`);
}

/** Also where nobody lived to write down the grant. */
function findSharedConfirmations(history: readonly Line[]): readonly string[] {
  const holders = new Map<string, Set<string>>();
  for (const { claim, attempt } of claimsUnder(history, "confirmed")) {
    const key = `attempt ${attempt} of ${claim.record.task}`;
    holders.set(key, (holders.get(key) ?? new Set()).add(`${claim.agent}:${claim.record.n}`));
  }
  return [...holders]
    .filter(([, claims]) => claims.size > 1)
    .map(([attempt, claims]) => `${attempt} was confirmed for ${[...claims].join(" and ")}`);
}

/** Of each hold that nobody expired: whether a later attempt was in somebody's hand before it ended. */
function findOverlaps(
  holds: readonly CertainHold[],
  expired: ReadonlySet<string>,
): readonly string[] {
  return [...groupBy(holds, ({ task }) => task).values()].flatMap((group) => {
    const breaks: string[] = [];
    let first: CertainHold | null = null; // of the later attempts, the one that began before all others
    for (const hold of [...group].sort((a, b) => b.attempt - a.attempt)) {
      const isLater = first !== null && first.attempt > hold.attempt;
      if (first !== null && isLater && first.from < hold.until && !expired.has(keyOf(hold)))
        breaks.push(
          `${nameHolder(first)} got attempt ${first.attempt} of ${hold.task} while ${nameHolder(hold)} held ${hold.attempt}, which nobody had expired`,
        );
      if (first === null || hold.from < first.from) first = hold;
    }
    return breaks;
  });
}

function findUntold(history: readonly Line[], holds: readonly CertainHold[]): readonly string[] {
  const stopped = new Set(linesOf(history, "stopped").map(({ run }) => run));
  const workedAt = new Map(linesOf(history, "worked").map((line) => [keyOf(line), line.at]));
  return [
    ...linesOf(history, "heard")
      .filter(({ isAborted }) => !isAborted)
      .map((line) => `${nameHolder(line)} saw its claim ${line.status} and was not told to stop`),
    ...holds
      .filter(({ end }) => !REASONS.has(end))
      .map((hold) => `${nameHolder(hold)} lost attempt ${hold.attempt} as ${hold.end}`),
    ...holds
      .filter(({ end, run }) => end === "none" && stopped.has(run))
      .map((hold) => `${nameHolder(hold)} stopped, and attempt ${hold.attempt} never ended`),
    ...holds
      .filter((hold) => hold.end !== "none" && (workedAt.get(keyOf(hold)) ?? 0) > hold.until)
      .map((hold) => `${nameHolder(hold)} worked on after attempt ${hold.attempt} had ended`),
  ];
}

/** The claims that somebody expired, as any replica held them in the end. */
function expiredClaims(history: readonly Line[]): ReadonlySet<string> {
  return new Set(
    claimsUnder(history, "expired").map(({ claim, attempt }) =>
      keyOf({ task: claim.record.task, attempt, agent: claim.agent }),
    ),
  );
}

interface ClaimUnder {
  readonly claim: SeenRecord;
  readonly attempt: number;
}

/** The claims about which there is a record of this kind. */
function claimsUnder(
  history: readonly Line[],
  kind: "confirmed" | "expired",
): readonly ClaimUnder[] {
  return linesOf(history, "finished").flatMap(({ records }) => {
    const claims = new Map<string, ClaimUnder>();
    for (const claim of records)
      if (claim.record.kind === "claimed")
        claims.set(keyOfRef({ agent: claim.agent, n: claim.record.n }), {
          claim,
          attempt: (claim.record satisfies Claimed).attempt ?? 1,
        });
    return records.flatMap(({ agent, record }) => {
      if (record.kind !== kind) return [];
      const found = claims.get(keyOfRef(claimOf(agent, record)));
      return found === undefined ? [] : [found];
    });
  });
}

function claimOf(agent: RecordRef["agent"], record: Confirmed | Expired): RecordRef {
  return { agent: record.kind === "expired" ? record.holder : agent, n: record.claim };
}

function keyOfRef({ agent, n }: RecordRef): string {
  return `${agent}:${n}`;
}

function keyOf(hold: Pick<CertainHold, "task" | "attempt" | "agent">): string {
  return `${hold.task} ${hold.attempt} ${hold.agent}`;
}

function nameHolder({ agent, run }: { readonly agent: string; readonly run: string }): string {
  return `${agent} (${run})`;
}
