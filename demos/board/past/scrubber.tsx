/** A slider over the board's history: it shows the board as of an earlier Lamport time. */
import type { JSX } from "preact";
import { useBoard } from "../../../adapters/ui/react.ts";
import { usePage } from "../live/page-context.tsx";
import { count } from "../live/texts.ts";

/** Shows the slider, and while the past is shown, the way back. */
export function Scrubber(): JSX.Element {
  const { session, view, show } = usePage();
  useBoard((state) => state.snapshot); // the time goes on with it
  const { time } = session.board;
  const { at } = view;
  const most = Math.max(time, at ?? 0, 1);
  const move = (to: number): void => {
    show({ at: to >= most ? null : to });
  };
  return (
    <section class={at === null ? "scrubber" : "scrubber is-past"} aria-label="History">
      <label for="scrub">History</label>
      <input
        id="scrub"
        type="range"
        min={0}
        max={most}
        step={1}
        value={at ?? most}
        aria-valuetext={at === null ? `now, Lamport time ${time}` : `Lamport time ${at} of ${most}`}
        onInput={(event) => move(Number(event.currentTarget.value))}
      />
      {at === null ? (
        <span
          class="faint small moment"
          title="Records carry no time of day, only Lamport time: what was written after another was seen comes after it"
        >
          now · Lamport time {count(time)}
        </span>
      ) : (
        <span class="moment" role="status">
          <strong>As of {count(at)}</strong> of {count(most)}: reading only
          <button type="button" class="main" onClick={() => show({ at: null })}>
            Live again
          </button>
        </span>
      )}
    </section>
  );
}
