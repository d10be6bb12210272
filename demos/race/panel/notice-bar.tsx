/** What is to be said about the story as a whole: a fork, a file and what came of it, or why it was not opened. */
import type { JSX } from "preact";
import type { Player } from "../play/player.ts";

/** Something to be told. */
export interface Notice {
  readonly tone: "plain" | "good" | "bad";
  readonly sentences: readonly string[];
}

interface NoticeProps {
  readonly notice: Notice | null;
  readonly player: Player;
  readonly onClose: () => void;
}

/** Draws it, and the place where an invariant broke, once the story is there. */
export function NoticeBar({ notice, player, onClose }: NoticeProps): JSX.Element {
  const { world, time } = player;
  const { saved } = world.story;
  const { violation } = world.simulation;
  const isThere = saved !== null && (time >= saved.violation.atMs || world.isOver);
  return (
    <div role="status">
      {notice !== null && (
        <div class={`notice ${notice.tone}`}>
          <p>{notice.sentences.join(" ")}</p>
          <button type="button" class="quiet" onClick={onClose}>
            Close
          </button>
        </div>
      )}
      {saved !== null && !isThere && (
        <p class="notice plain">
          <button type="button" onClick={() => player.goToTime(saved.violation.atMs)}>
            Go to where it broke
          </button>
        </p>
      )}
      {saved !== null && isThere && violation === null && (
        <p class="notice plain" data-fact="saved-violation">
          By here the saved run had broken {saved.violation.invariant}:{" "}
          {saved.violation.sentence.slice(0, 300)}.
        </p>
      )}
      {violation !== null && (
        <p class="notice bad" data-fact="violation">
          Event {world.brokenAt}: {violation.invariant} is broken.{" "}
          {violation.sentence.slice(0, 300)}.
        </p>
      )}
    </div>
  );
}
