/** Play, pause, steps forth and back, speed; and where we are. */
import type { JSX } from "preact";
import type { Player } from "../play/player.ts";

/** The paces to choose from: milliseconds of the story per millisecond. */
const SPEEDS: readonly number[] = [0.05, 0.1, 0.2, 0.5, 1, 5];

interface TransportProps {
  readonly player: Player;
  readonly time: number;
}

/** Draws the row. */
export function Transport({ player, time }: TransportProps): JSX.Element {
  const { world, isPlaying, speed, reached } = player;
  const { events, hash } = world;
  const most = Math.max(reached, events);
  return (
    <section class="transport" aria-label="Playing">
      <div class="keys">
        <button type="button" onClick={() => player.goTo(0)} disabled={events === 0}>
          Rewind
        </button>
        <button type="button" onClick={() => player.goTo(events - 1)} disabled={events === 0}>
          Back
        </button>
        <button
          type="button"
          class="main"
          onClick={() => (isPlaying ? player.pause() : player.play())}
          disabled={world.isOver}
        >
          {isPlaying ? "Pause" : "Play"}
        </button>
        <button type="button" onClick={() => player.step()} disabled={world.isOver}>
          Step
        </button>
      </div>
      <input
        type="range"
        aria-label="Event"
        min="0"
        max={most}
        value={events}
        onInput={(event) => player.goTo(Number(event.currentTarget.value))}
      />
      <label>
        <span class="faint">Speed</span>{" "}
        <select
          value={String(speed)}
          onChange={(event) => player.setSpeed(Number(event.currentTarget.value))}
        >
          {[...new Set([...SPEEDS, speed])].map((one) => (
            <option key={one} value={String(one)}>
              {one}×
            </option>
          ))}
        </select>
      </label>
      <p class="facts faint">
        event <b data-fact="event">{events}</b> · time <b data-fact="time">{Math.floor(time)}</b> ms
        · trace{" "}
        <b data-fact="hash" title="Everything that happened so far, as one number">
          {hash}
        </b>
        {world.isOver && " · the story is over"}
      </p>
    </section>
  );
}
