/** What the coordination costs, in numbers that are all computed from this board and this page's own clock. */
import type { JSX } from "preact";
import { usePage, useTick } from "../live/page-context.tsx";
import { count, duration } from "../live/texts.ts";
import { RateChart } from "./rate-chart.tsx";

const EVERY_MS = 1_000;

/** Shows the numbers and their course. */
export function CostPanel(): JSX.Element {
  const { session, past } = usePage();
  useTick(EVERY_MS);
  const { totals } = session.live.index; // of now, also while the past is looked at
  const { board, sightings, person } = session;
  const perTask = totals.tasks === 0 ? 0 : board.recordCount / totals.tasks;
  const figures: readonly (readonly [what: string, figure: string, note?: string])[] = [
    ["records", count(board.recordCount)],
    ["records per task", totals.tasks === 0 ? "–" : perTask.toFixed(1)],
    ["sent by this page", bytes(board.bytesSent)],
    ["contested claims", count(totals.contested), "claims beyond the first of each attempt"],
    [
      "double starts",
      count(totals.doubleStarts),
      "optimistic claims that had to yield, and results that were not accepted",
    ],
    [
      "confirmed after",
      middle(sightings.confirmMs),
      "half of those seen by this page took no longer",
    ],
    ["your claims", middle(person.claimMs), "from asking to holding, half took no longer"],
    [
      "claimed after",
      middle(sightings.waitMs),
      "half of the waits seen by this page were no longer",
    ],
  ];
  return (
    <section class="panel cost" aria-labelledby="cost-title">
      <h2 id="cost-title">Cost of coordination{past === null ? "" : ", now"}</h2>
      <dl>
        {figures.map(([what, figure, note]) => (
          <div key={what} title={note}>
            <dt class="faint small">{what}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      <RateChart samples={session.cost} />
    </section>
  );
}

function middle(durations: readonly number[]): string {
  if (durations.length === 0) return "–";
  const sorted = [...durations].sort((a, b) => a - b);
  return duration(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

function bytes(size: number): string {
  if (size < 1_000) return `${size} B`;
  return size < 1_000_000
    ? `${(size / 1_000).toFixed(1)} kB`
    : `${(size / 1_000_000).toFixed(1)} MB`;
}
