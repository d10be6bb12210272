/** The top of the page: which board, how it is connected, who the reader is. */
import type { JSX } from "preact";
import { useBoard } from "../../adapters/ui/react.ts";
import type { ConnectionStatus } from "../../lib/index.ts";
import { ThemeSwitch } from "../page/theme.tsx";
import { usePage, usePerson } from "./live/page-context.tsx";
import { agentName, clip } from "./live/texts.ts";

/** Shows the top of the page. */
export function Header(): JSX.Element {
  const { session } = usePage();
  const person = usePerson();
  const status = useBoard((state) => state.status);
  const { parameters, board } = session;
  const [mark, word] = STATUS[status];
  return (
    <header class="top">
      <h1>
        <span class="faint">board</span> {clip(parameters.board, 48)}
      </h1>
      <p class={`status ${status}`} role="status">
        <span aria-hidden="true">{mark}</span> {word}
      </p>
      <p class="faint small where">
        {clip(parameters.relay, 60)} · {board.rule}
      </p>
      <p class="small you">
        {person.agent === null ? (
          <>
            You read as <strong>{clip(person.name, 32)}</strong>
          </>
        ) : (
          <>
            You are <strong>{agentName(person.agent.id)}</strong>
          </>
        )}
      </p>
      <ThemeSwitch />
    </header>
  );
}

const STATUS: Readonly<Record<ConnectionStatus, readonly [mark: string, word: string]>> = {
  synced: ["●", "live"],
  syncing: ["◐", "syncing"],
  offline: ["○", "offline"],
  closed: ["✕", "closed"],
};
