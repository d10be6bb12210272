/** What happened so far, the latest first. */
import type { JSX } from "preact";
import type { World } from "../play/world.ts";

const SHOWN = 60;

/** Draws the log. */
export function EventLog({ world }: { readonly world: World }): JSX.Element {
  const lines = world.log.lines.slice(-SHOWN).reverse();
  return (
    <section class="panel log" aria-labelledby="log">
      <h2 id="log">What happened</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by the keyboard */}
      <ol tabIndex={0} aria-labelledby="log">
        {lines.map(({ number, at, kind, text }) => (
          <li key={number} class={kind}>
            <span class="at">{Math.floor(at)}</span> <span>{text}</span>
          </li>
        ))}
      </ol>
      {lines.length === 0 && <p class="faint">Nothing yet.</p>}
    </section>
  );
}
