/** The timeline: one swimlane for each agent over Lamport time, and which part of it is shown. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Task, TaskClaim } from "../../../lib/index.ts";
import { useIndex, usePage } from "../live/page-context.tsx";
import { count } from "../live/texts.ts";
import { endIn, lanesOf } from "./lanes.ts";
import { STATUS_SIGNS, Swimlanes } from "./swimlanes.tsx";

const EVERY_MS = 300;
const SPANS = [50, 200, 1_000, 5_000] as const;

/** Shows the timeline up to now, or up to the moment shown. */
export function TimelinePanel(): JSX.Element {
  const { session, past, view } = usePage();
  const index = useIndex(EVERY_MS);
  const [span, setSpan] = useState<number>(200);
  const { board } = session;
  const to = Math.max(1, past?.time ?? board.time);
  const from = Math.max(0, to - span);
  const endOf = useMemo(() => rememberEnds((task) => board.history(task.id)), [board]);
  const { lanes, hiddenLanes, hiddenBars } = lanesOf(index, { from, to }, endOf);
  return (
    <section class="panel timeline" aria-labelledby="timeline-title">
      <div class="panel-head">
        <h2 id="timeline-title">Timeline</h2>
        <p class="faint small">
          by Lamport time, which orders causes before effects: records carry no time of day
        </p>
        <label class="small">
          Window{" "}
          <select value={span} onChange={(event) => setSpan(Number(event.currentTarget.value))}>
            {SPANS.map((one) => (
              <option key={one} value={one}>
                last {count(one)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {lanes.length === 0 ? (
        <p class="faint">No claim was made in this window.</p>
      ) : (
        <>
          <Swimlanes lanes={lanes} window={{ from, to: to + 1 }} chosen={view.task} />
          <p class="faint small legend">
            {Object.entries(STATUS_SIGNS).map(([status, sign]) => (
              <span key={status} class={`legend-item ${status}`}>
                <i aria-hidden="true">{sign}</i> {status}
              </span>
            ))}
          </p>
        </>
      )}
      {hiddenLanes + hiddenBars > 0 && (
        <p class="faint small">
          Left out: {count(hiddenBars)} earlier claims and {count(hiddenLanes)} agents; choose a
          smaller window.
        </p>
      )}
    </section>
  );
}

/** A task that did not change has the ends that it had. */
function rememberEnds(
  historyOf: (task: Task) => Parameters<typeof endIn>[0],
): (task: Task, claim: TaskClaim) => number {
  const ends = new WeakMap<Task, Map<TaskClaim, number>>();
  return (task, claim) => {
    const known = ends.get(task) ?? new Map<TaskClaim, number>();
    ends.set(task, known);
    const end = known.get(claim) ?? endIn(historyOf(task), claim);
    known.set(claim, end);
    return end;
  };
}
