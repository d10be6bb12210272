/** Checks that nothing which must be unique was ever used twice, by whatever run of whatever process. */
import type { TaskRecord } from "../../../lib/index.ts";
import { groupBy, type Line, linesOf, type SeenRecord } from "../history.ts";

/**
 * Says what was used twice: agent ids, Yjs clients, references of records; and which attempts fell. A run that was killed
 * before it had written down its ids wrote nothing under them either, so nothing is unknown here.
 */
export function findReusedIds(history: readonly Line[]): readonly string[] {
  return [
    ...findReused("agent id", linesOf(history, "joined"), ({ agent }) => agent),
    ...findReused("Yjs client", linesOf(history, "opened"), ({ clientId }) => String(clientId)),
    ...findStrangers(history),
    ...findReusedRefs(history),
    ...findFallingAttempts(history),
  ];
}

function findReused<L extends Line>(
  what: string,
  lines: readonly L[],
  idOf: (line: L) => string,
): readonly string[] {
  return [...groupBy(lines, idOf)].flatMap(([id, uses]) =>
    uses.length === 1
      ? []
      : [`the ${what} ${id} was used by ${uses.map(({ run }) => run).join(" and ")}`],
  );
}

/** Whatever is in a document was written by a run that said so. */
function findStrangers(history: readonly Line[]): readonly string[] {
  const clients = new Set(linesOf(history, "opened").map(({ clientId }) => clientId));
  const agents = new Set(linesOf(history, "joined").map(({ agent }) => agent));
  return linesOf(history, "finished").flatMap(({ run, clientIds, records }) => [
    ...clientIds
      .filter((id) => !clients.has(id))
      .map((id) => `${run} holds what Yjs client ${id} wrote, which no run had`),
    ...[...new Set(records.map(({ agent }) => agent))]
      .filter((agent) => !agents.has(agent))
      .map((agent) => `${run} holds records of agent ${agent}, which no run was`),
  ]);
}

/** Whatever a replica ever showed under a reference is what all others show under it. */
function findReusedRefs(history: readonly Line[]): readonly string[] {
  const runByText = new Map<string, Map<string, string>>();
  for (const line of history) {
    if (line.kind !== "opened" && line.kind !== "finished") continue;
    for (const seen of line.records) {
      const texts = runByText.get(refOf(seen)) ?? new Map<string, string>();
      const text = JSON.stringify(seen.record);
      if (!texts.has(text)) texts.set(text, line.run);
      runByText.set(refOf(seen), texts);
    }
  }
  return [...runByText].flatMap(([ref, texts]) =>
    texts.size === 1
      ? []
      : [`record ${ref} is ${[...texts].map(([text, run]) => `${text} in ${run}`).join(" and ")}`],
  );
}

function findFallingAttempts(history: readonly Line[]): readonly string[] {
  const shown = [...groupBy(linesOf(history, "attempt"), ({ run, task }) => `${run} of ${task}`)];
  const claimed = linesOf(history, "finished").flatMap(({ run, records }) => [
    ...groupBy(
      records.filter(({ record }) => record.kind === "claimed").sort(byPosition),
      ({ agent, record }) => `${agent} of ${record.task}, as ${run} holds it,`,
    ),
  ]);
  return [
    ...shown
      .filter(([, lines]) => doFall(lines.map(({ attempt }) => attempt)))
      .map(([whose]) => `the attempts that ${whose} saw fall`),
    ...claimed
      .filter(([, records]) => doFall(records.map(({ record }) => attemptOf(record))))
      .map(([whose]) => `the attempts claimed by ${whose} fall`),
  ];
}

function doFall(attempts: readonly number[]): boolean {
  return attempts.some((attempt, i) => attempt < (attempts[i - 1] ?? 0));
}

function attemptOf(record: TaskRecord): number {
  return record.kind === "claimed" ? (record.attempt ?? 1) : 0;
}

function byPosition(a: SeenRecord, b: SeenRecord): number {
  return a.record.n - b.record.n;
}

function refOf({ agent, record }: SeenRecord): string {
  return `${agent}:${record.n}`;
}
