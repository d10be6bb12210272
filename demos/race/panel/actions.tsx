/** What the reader can do: step in as one of the agents, or be its fate. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Step } from "../../../property-tests/kit/index.ts";
import type { View } from "../play/view.ts";
import { claimAs, type Story } from "../story/story.ts";

interface ActionsProps {
  readonly story: Story;
  readonly view: View;
  readonly chosen: number;
  readonly onChoose: (node: number) => void;
  readonly onCut: (node: number, isOff: boolean) => void;
  readonly act: (steps: readonly Step[]) => void;
}

/** The paces that a clock can be set to, in hundredths. */
const PACES = [50, 100, 200];

/** Draws the choice of an agent, and its buttons. */
export function Actions({ story, view, chosen, onChoose, onCut, act }: ActionsProps): JSX.Element {
  const [picked, setPicked] = useState(0);
  const node = chosen;
  const agent = view.agents[node] ?? view.agents[0];
  const task = Math.min(picked, Math.max(view.taskCount - 1, 0));
  const isUp = agent?.state !== "crashed";
  const canAct = isUp && agent?.state !== "stands still";
  const hand = Math.max(agent?.works.indexOf(task) ?? 0, 0);
  const isIdle = agent === undefined || agent.works.length === 0;
  const button = (text: string, isOn: boolean, ...steps: readonly Step[]): JSX.Element => (
    <button type="button" disabled={!isOn} onClick={() => act(steps)}>
      {text}
    </button>
  );
  return (
    <section class="panel actions" aria-labelledby="actions">
      <h2 id="actions">Step in</h2>
      <fieldset class="who">
        <legend class="hidden">Agent</legend>
        {view.agents.map(({ name, node: other }) => (
          <label key={other} class={`agent-${other % 7}`}>
            <input
              type="radio"
              name="agent"
              checked={other === node}
              onChange={() => onChoose(other)}
            />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      <div class="moves">
        {button("Add a task", canAct, { do: "add", node })}
        {button("Claim", canAct && view.taskCount > 0, claimAs({ node, task }, story.guarantee))}
        <label>
          <span class="hidden">Task</span>
          <select
            value={String(task)}
            disabled={view.taskCount === 0}
            onChange={(event) => setPicked(Number(event.currentTarget.value))}
          >
            {Array.from({ length: Math.max(view.taskCount, 1) }, (_, one) => (
              <option key={one} value={String(one)}>
                t{one}
              </option>
            ))}
          </select>
        </label>
        {button("Complete", canAct && !isIdle, { do: "complete", node, hand })}
        {button("Give back", canAct && !isIdle, { do: "release", node, hand })}
      </div>
      <div class="moves fates">
        <button
          type="button"
          onClick={() => onCut(node, agent?.state !== "cut off")}
          disabled={agent?.state === "crashed"}
        >
          {agent?.state === "cut off" ? "Bring back" : "Cut off"}
        </button>
        {isUp
          ? button("Crash", true, { do: "crash", node })
          : button("Restart", true, { do: "restart", node })}
        {agent?.state === "stands still"
          ? button("Wake", true, { do: "wake", node })
          : button("Stall", isUp, { do: "stall", node })}
        <label>
          <span class="faint">Clock</span>{" "}
          <select
            value={String(agent?.pace ?? 100)}
            disabled={!isUp}
            onChange={(event) =>
              act([{ do: "skew", node, percent: Number(event.currentTarget.value) }])
            }
          >
            {[...new Set([...PACES, agent?.pace ?? 100])].map((pace) => (
              <option key={pace} value={String(pace)}>
                {pace} %
              </option>
            ))}
          </select>
        </label>
        {button("Heal all links", true, { do: "heal" })}
      </div>
    </section>
  );
}
