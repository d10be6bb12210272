/** Contested claims: who wanted the same attempt of a task, who won, and by which reason. */
import type { JSX } from "preact";
import type { AgentId, Task } from "../../../lib/index.ts";
import { useIndex, useNames, usePage } from "../live/page-context.tsx";
import { agentName, clip, count, humanize } from "../live/texts.ts";

/** So many are shown, the latest first. */
const SHOWN = 30;
const SHOWN_LOSERS = 3;
const EVERY_MS = 300;

/** Shows the contested tasks. */
export function ContestedPanel(): JSX.Element {
  const { past } = usePage();
  const index = useIndex(EVERY_MS);
  const { contested, totals } = index;
  return (
    <section class="panel contested" aria-labelledby="contested-title">
      <h2 id="contested-title">
        Contested claims <span class="faint">{count(totals.contested)}</span>
      </h2>
      {contested.length === 0 ? (
        <p class="faint">Nobody has wanted what another wanted at the same time.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who scrolls by keyboard has to get there
        <section class="scroll" tabIndex={0} aria-label="Contested claims, the latest first">
          <ul class="plain">
            {contested.slice(0, SHOWN).map((task) => (
              <Contest key={task.id} task={task} isPast={past !== null} />
            ))}
          </ul>
        </section>
      )}
    </section>
  );
}

function Contest({ task, isPast }: { readonly task: Task; readonly isPast: boolean }): JSX.Element {
  const { session, show } = usePage();
  const names = useNames();
  const { summary, losers } = isPast ? plainly(task) : session.board.explain(task.id);
  const ids = task.claims.map(({ agent }): readonly [string, string] => [
    agent,
    names.agent(agent),
  ]);
  return (
    <li>
      <button type="button" class="link" onClick={() => show({ task: task.id })}>
        {names.task(task.id)}
      </button>
      <p class="small">
        <span aria-hidden="true">★ </span>
        {clip(humanize(summary, ids), 300)}
      </p>
      {losers.slice(-SHOWN_LOSERS).map((loser, i) => (
        <p key={`${loser.agent} ${loser.attempt} ${i}`} class="small faint">
          <b>{agentName(loser.agent)}</b>
          {loser.attempt > 1 ? `, attempt ${loser.attempt}` : ""}:{" "}
          {clip(humanize(loser.reason, ids), 200)}
        </p>
      ))}
    </li>
  );
}

interface Loser {
  readonly agent: AgentId;
  readonly attempt: number;
  readonly reason: string;
}

/** The board explains only what is now; of the past there are the claims and what had become of them. */
function plainly({ winner, completion, claims }: Task): {
  readonly summary: string;
  readonly losers: readonly Loser[];
} {
  const best = completion ?? winner;
  const summary =
    best === null
      ? "Nobody had it then."
      : `${best.agent} ${completion === null ? "led" : "had completed"} attempt ${best.attempt}.`;
  const others = claims.filter(
    ({ agent, attempt }) => agent !== best?.agent || attempt !== best.attempt,
  );
  return {
    summary,
    losers: others.map(({ agent, attempt, status }) => ({ agent, attempt, reason: `${status}.` })),
  };
}
