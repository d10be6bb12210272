/** Who is on the board, what each holds, for how long, and how much of the lease is left. */
import type { JSX } from "preact";
import type { AgentView, Snapshot } from "../../../lib/index.ts";
import type { BoardIndex, PlacedClaim } from "../board-index.ts";
import { useIndex, useMoment, usePage, useTick } from "../live/page-context.tsx";
import { agentName, count, duration, taskTitle } from "../live/texts.ts";
import { VirtualList } from "../tasks/virtual-list.tsx";

/** So many of those who left are shown. */
const SHOWN_LEFT = 20;
const EVERY_MS = 250;
const ROW_HEIGHT = 74;

interface AgentRow {
  readonly agent: AgentView;
  readonly held: readonly PlacedClaim[];
  /** Milliseconds without a sign of life; null where that is not known, as in the past. */
  readonly silentMs: number | null;
}

/** Shows the agents: those who hold something first, then by name; the silent and those who left last. */
export function AgentsPanel(): JSX.Element {
  const { session, past } = usePage();
  const index = useIndex(EVERY_MS);
  const agents = useMoment((snapshot) => snapshot.agents);
  useTick(1_000);
  const silence = (agent: AgentView): number | null =>
    past !== null || agent.hasLeft ? null : session.board.silenceMs(agent.id);
  const { rows, here, gone } = rowsOf(agents, index, silence);
  const more = gone - Math.min(gone, SHOWN_LEFT);
  return (
    <section class="panel agents" aria-labelledby="agents-title">
      <h2 id="agents-title">
        Agents <span class="faint">{count(here)}</span>
      </h2>
      {rows.length === 0 ? (
        <p class="faint">Nobody has joined yet.</p>
      ) : (
        <VirtualList
          label="Agents"
          count={rows.length}
          rowHeight={ROW_HEIGHT}
          row={(place) => {
            const one = rows[place] as AgentRow;
            return { key: one.agent.id, content: <Row row={one} /> };
          }}
        />
      )}
      {more > 0 && <p class="faint small">and {count(more)} more who left</p>}
    </section>
  );
}

function rowsOf(
  agents: Snapshot["agents"],
  index: BoardIndex,
  silence: (agent: AgentView) => number | null,
): { readonly rows: readonly AgentRow[]; readonly here: number; readonly gone: number } {
  const all = Object.values(agents);
  const left = all.filter(({ hasLeft }) => hasLeft);
  const rows = all
    .filter(({ hasLeft }) => !hasLeft)
    .concat(left.slice(-SHOWN_LEFT))
    .map((agent) => ({ agent, held: index.heldBy(agent.id), silentMs: silence(agent) }));
  const rank = (row: AgentRow): number =>
    row.agent.hasLeft ? 3 : isSilent(row) ? 2 : row.held.length > 0 ? 0 : 1;
  rows.sort((a, b) => rank(a) - rank(b) || (a.agent.id < b.agent.id ? -1 : 1));
  return { rows, here: all.length - left.length, gone: left.length };
}

function isSilent({ agent, silentMs }: AgentRow): boolean {
  return silentMs !== null && silentMs >= agent.leaseMs;
}

function Row({ row }: { readonly row: AgentRow }): JSX.Element {
  const { session, show } = usePage();
  const { agent, held } = row;
  const [first] = held;
  const isYou = session.person.agent?.id === agent.id;
  return (
    <div class={`agent ${agent.hasLeft ? "gone" : ""}`}>
      <p>
        <strong>{agentName(agent.id)}</strong>
        {isYou && <span class="tag"> you</span>}
        <span class="small faint"> {stateOf(row)}</span>
      </p>
      {first === undefined ? (
        <p class="small faint">{agent.hasLeft ? "" : "holds nothing"}</p>
      ) : (
        <p class="small held">
          <button type="button" class="link" onClick={() => show({ task: first.task.id })}>
            {first.claim.status === "pending" ? "claims " : "holds "}
            {taskTitle(first.task, first.task.id)}
          </button>
          {held.length > 1 && (
            <button
              type="button"
              class="link more"
              aria-label={`${held.length - 1} more of ${agentName(agent.id)}`}
              onClick={() => show({ filter: agentName(agent.id), list: "open" })}
            >
              +{held.length - 1}
            </button>
          )}
        </p>
      )}
      {first !== undefined && <Lease row={row} placed={first} />}
    </div>
  );
}

function stateOf(row: AgentRow): string {
  if (row.agent.hasLeft) return "· left";
  if (isSilent(row)) return `· silent for ${duration(row.silentMs ?? 0)}`;
  return row.agent.capabilities.length === 0
    ? ""
    : `· can ${row.agent.capabilities.slice(0, 3).join(", ")}`;
}

function Lease({
  row,
  placed,
}: {
  readonly row: AgentRow;
  readonly placed: PlacedClaim;
}): JSX.Element {
  const { session } = usePage();
  const { claim } = placed;
  if (row.silentMs === null) return <p class="small faint">attempt {claim.attempt}</p>;
  const leaseMs = claim.ttlMs ?? row.agent.leaseMs;
  const leftMs = Math.max(0, leaseMs - row.silentMs);
  const seen = session.sightings.claim(claim);
  const since =
    seen === undefined
      ? ""
      : `, held ${seen.isAtLeast ? "at least " : ""}${duration(performance.now() - seen.since)}`;
  const share = Math.round((100 * leftMs) / leaseMs);
  return (
    <p class="small lease">
      <span class={share < 34 ? "bar low" : "bar"} aria-hidden="true">
        <span style={{ transform: `scaleX(${share / 100})` }} />
      </span>
      <span class="faint">
        {leftMs === 0
          ? "lease over"
          : `lease ${Math.ceil(leftMs / 1_000)}/${Math.round(leaseMs / 1_000)} s`}
        {since}
      </span>
    </p>
  );
}
