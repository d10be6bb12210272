/** Why a task stands as it does, and why each loser lost: the answer of one replica, in the library's words. */
import type { JSX } from "preact";
import { type Explanation, getTask } from "../../../lib/index.ts";
import type { View } from "../play/view.ts";
import { plainText } from "../play/view.ts";
import type { World } from "../play/world.ts";

interface WhyProps {
  readonly world: World;
  readonly view: View;
  readonly node: number;
  /** The task asked about; null while none is. */
  readonly task: number | null;
  readonly onAsk: (node: number, task: number) => void;
}

/** Draws the answer, or how to ask. */
export function Why({ world, view, node, task, onAsk }: WhyProps): JSX.Element {
  const name = view.agents[node]?.name ?? "";
  const answer = task === null ? null : explain(world, node, task);
  const plain = (text: string): string => plainText(text, world.simulation.tasks);
  return (
    <section class="panel why" aria-labelledby="why" aria-live="polite">
      <h2 id="why">{task === null ? "Why did it lose?" : `Why? t${task} as ${name} sees it`}</h2>
      {task === null ? (
        <>
          <p class="faint">
            Click a task on a card, or press Enter on it, and its replica answers.
          </p>
          <button
            type="button"
            disabled={view.taskCount === 0}
            onClick={() => onAsk(node, view.taskCount - 1)}
          >
            Ask {name} about t{Math.max(view.taskCount - 1, 0)}
          </button>
        </>
      ) : typeof answer === "string" || answer === null ? (
        <p>{answer}</p>
      ) : (
        <>
          <p data-fact="summary">{plain(answer.summary)}</p>
          <ul>
            {answer.losers.slice(0, 12).map(({ agent, attempt, reason }) => (
              <li key={`${agent} ${attempt} ${reason}`}>
                <b>
                  {plain(agent)}, attempt {attempt}:
                </b>{" "}
                {plain(reason)}
              </li>
            ))}
          </ul>
          {answer.losers.length === 0 && <p class="faint">Nobody has lost it.</p>}
        </>
      )}
    </section>
  );
}

function explain(
  { simulation, processes }: World,
  node: number,
  task: number,
): Explanation | string {
  const process = processes[node];
  const id = simulation.tasks[task];
  if (!process?.board) return "It crashed: there is no replica to ask.";
  if (id === undefined || getTask(process.board.snapshot(), id) === undefined)
    return `It has not heard of t${task} yet.`;
  return process.board.explain(id);
}
