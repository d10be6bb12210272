/** What the reader has to know now: faults, a lost connection, a moment that is past, and what became of an action. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useBoard } from "../../adapters/ui/react.ts";
import { writeHash } from "../page/hash.ts";
import { type FaultWords, unreachableWords } from "./connect/fault-words.ts";
import { type Message, usePage } from "./live/page-context.tsx";

/** A relay that is there answers within so long. */
const PATIENCE_MS = 2_500;

/** Shows the notices. */
export function Notices(props: {
  readonly fault: FaultWords | null;
  readonly messages: readonly Message[];
  readonly onDismiss: (message: Message) => void;
  readonly wasReached: boolean;
}): JSX.Element {
  const { fault, messages, onDismiss, wasReached } = props;
  const { session } = usePage();
  const status = useBoard((state) => state.status);
  const otherRule = useBoard(
    ({ snapshot }) =>
      Object.values(snapshot.agents).find(({ rule }) => rule !== session.board.rule)?.rule ?? null,
  );
  const isFinal = fault !== null && status === "closed";
  return (
    <div class="notices">
      {fault !== null && (
        <div class="notice bad" role="alert">
          <strong>{fault.title}</strong> <span>{fault.remedy}</span> {isFinal && <Reconnect />}
        </div>
      )}
      {otherRule !== null && (
        <div class="notice bad" role="alert">
          <strong>
            This board is played by {otherRule}, and this page was opened with {session.board.rule}.
          </strong>{" "}
          <span>
            Winners may be shown wrong, and nobody can act: put rule={otherRule} into the page's
            address.
          </span>
        </div>
      )}
      {!isFinal &&
        status !== "synced" &&
        (wasReached ? <Offline /> : <Connecting relay={session.parameters.relay} />)}
      <div aria-live="polite" class="messages">
        {messages.map((message) => (
          <div key={message} class={`notice ${MESSAGE_CLASS[message.kind]}`}>
            <span>{message.text}</span>
            <button
              type="button"
              class="quiet"
              aria-label="Dismiss"
              onClick={() => onDismiss(message)}
            >
              ×
            </button>
          </div>
        ))}
      </div>
    </div>
  );
}

const MESSAGE_CLASS: Readonly<Record<Message["kind"], string>> = {
  done: "good",
  refused: "warn",
  fault: "bad",
};

function Offline(): JSX.Element {
  return (
    <div class="notice warn" role="alert">
      <strong>○ Offline.</strong>{" "}
      <span>
        The connection is lost; the page goes on trying. You see the board as it was, and can work
        on: what you write is merged after the reconnect. Settled claims wait for the relay; an
        optimistic claim is yours at once, and may turn out to have a rival.
      </span>
    </div>
  );
}

function Connecting({ relay }: { readonly relay: string }): JSX.Element {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return <div class="notice">Connecting to {relay} …</div>;
  const { title, remedy } = unreachableWords(relay);
  return (
    <div class="notice bad" role="alert">
      <strong>{title}</strong> <span>{remedy}</span> <Reconnect />
    </div>
  );
}

/** Back to the form, with all that it knows. */
function Reconnect(): JSX.Element {
  const change = (): void => {
    writeHash({ form: "open" });
    location.reload();
  };
  return (
    <button type="button" onClick={change}>
      Change the connection
    </button>
  );
}
