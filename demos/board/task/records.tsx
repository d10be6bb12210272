/** A task's ledger, and every record about it. */
import type { JSX } from "preact";
import type { Board, HistoryEntry, Ledger, Task } from "../../../lib/index.ts";
import { agentName, counted } from "../live/texts.ts";

/** So many records are shown, the latest. */
const SHOWN = 60;

/** Shows the numbers, and the records once they are asked for. */
export function Records(props: {
  readonly task: Task;
  readonly board: Board;
  /** Only records up to this Lamport time; null for all. */
  readonly upTo: number | null;
}): JSX.Element {
  const { task, board, upTo } = props;
  const all = board.history(task.id);
  const entries = upTo === null ? all : all.filter(({ record }) => record.at <= upTo);
  return (
    <details class="records">
      <summary>
        {upTo === null ? (
          <Costs ledger={board.ledger(task.id)} />
        ) : (
          `${counted(entries.length, "record")} by then`
        )}
      </summary>
      <History entries={entries} />
      <p class="faint small">
        Task <code>{task.id}</code>
      </p>
    </details>
  );
}

function Costs({ ledger }: { readonly ledger: Ledger }): JSX.Element {
  const { records, agents, claims, attempts, messages } = ledger;
  return (
    <>
      {counted(records, "record")} by {counted(agents, "agent")}, {counted(claims, "claim")} in{" "}
      {counted(attempts, "attempt")}, {counted(messages, "message")}
    </>
  );
}

function History({ entries }: { readonly entries: readonly HistoryEntry[] }): JSX.Element {
  const shown = entries.slice(-SHOWN);
  return (
    <>
      {entries.length > shown.length && (
        <p class="faint small">
          The latest {SHOWN} of {entries.length}:
        </p>
      )}
      <ol class="plain small history" start={entries.length - shown.length + 1}>
        {shown.map(({ agent, record, ignored }) => (
          <li key={`${agent} ${record.n}`}>
            <span class="faint stamp">{record.at}</span> {agentName(agent)} <b>{record.kind}</b>
            {ignored !== null && <span class="faint"> · no legal move: {ignored}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}
