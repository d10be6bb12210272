/** An agent with its replica: what it does, and each task as it has heard of it. */
import type { JSX } from "preact";
import type { AgentSeen, TaskSeen } from "../play/view.ts";
import { HEAD_PX, type Layout, type Point, ROW_PX } from "./layout.ts";

interface CardProps {
  readonly agent: AgentSeen;
  readonly layout: Layout;
  readonly place: Point;
  readonly isChosen: boolean;
  readonly isDragged: boolean;
  /** The task whose answer is open, if it is this replica that answers. */
  readonly asked: number | null;
  readonly onGrab: (event: PointerEvent) => void;
  /** Cuts it off, or brings it back. */
  readonly onToggle: () => void;
  readonly onAsk: (task: number) => void;
}

const SIGNS: Readonly<Record<AgentSeen["state"], string>> = {
  connected: "",
  "cut off": "cut off",
  "stands still": "‖ stands still",
  crashed: "✕ crashed",
};

/** Calls back on Enter and Space, as a button does. */
const onPress =
  (act: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  };

/** Draws one. */
export function AgentCard(props: CardProps): JSX.Element {
  const { agent, layout, place, isChosen, isDragged, onGrab, onToggle } = props;
  const { width, height } = layout.card;
  const names = ["card", `agent-${agent.node % 7}`, agent.state.replace(" ", "-")];
  if (isChosen) names.push("chosen");
  if (isDragged) names.push("dragged");
  if (agent.works.length > 0) names.push("working");
  const isOff = agent.state === "cut off";
  const sign = SIGNS[agent.state] || (agent.pace === 100 ? "" : `clock ${agent.pace} %`);
  const doing = agent.state === "crashed" ? "its disk is kept" : agent.doing;
  // what is heard begins with what is seen
  const label = `${[agent.name, sign, doing].filter(Boolean).join(" ")}. ${isOff ? "Bring back" : "Cut off"}`;
  const left = -width / 2;
  const top = -height / 2;
  const shown = agent.tasks.slice(0, layout.rows);
  return (
    <g
      class={names.join(" ")}
      data-agent={agent.name}
      style={{ transform: `translate(${place.x}px, ${place.y}px)` }}
      onPointerDown={onGrab}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: there are no buttons in SVG */}
      <g
        role="button"
        tabindex={0}
        aria-label={label}
        aria-pressed={isOff}
        onKeyDown={onPress(onToggle)}
      >
        <rect class="sheet" x={left} y={top} width={width} height={height} rx="9" />
        <circle class="sign" cx={left + 16} cy={top + 16} r="6.5" />
        <text class="name" x={left + 29} y={top + 21}>
          {agent.name}
        </text>{" "}
        <text class="state" x={-left - 10} y={top + 20}>
          {sign}
        </text>{" "}
        <text class="doing" x={left + 11} y={top + 38}>
          {doing}
        </text>
      </g>
      {shown.map((one, row) => (
        <TaskRow key={one.task} {...props} seen={one} y={top + HEAD_PX + row * ROW_PX} />
      ))}
      {agent.tasks.length > shown.length && (
        <text class="doing" x={left + 11} y={-top - 7}>
          and {agent.tasks.length - shown.length} more
        </text>
      )}
    </g>
  );
}

interface RowProps extends CardProps {
  readonly seen: TaskSeen;
  readonly y: number;
}

function TaskRow({ agent, layout, asked, onAsk, seen, y }: RowProps): JSX.Element {
  const { task, text, kind, by, rivals, isDisputed } = seen;
  const { width } = layout.card;
  const left = -width / 2 + 5;
  const others = rivals > 0 ? `, ${rivals} other ${rivals === 1 ? "claim" : "claims"}` : "";
  const differs = isDisputed ? " ≠ replicas differ" : "";
  const label = `t${task} ${text}${differs}, as ${agent.name} sees it${others}. Why?`;
  const ask = (): void => onAsk(task);
  const names = ["row", kind];
  if (by !== null) names.push(`agent-${by % 7}`);
  if (isDisputed) names.push("disputed");
  if (asked === task) names.push("asked");
  return (
    // biome-ignore lint/a11y/useSemanticElements: there are no buttons in SVG
    <g
      class={names.join(" ")}
      role="button"
      tabindex={0}
      aria-label={label}
      onClick={ask}
      onKeyDown={onPress(ask)}
    >
      <rect class="back" x={left} y={y} width={width - 10} height={ROW_PX - 2} rx="5" />
      <Mark kind={kind} x={left + 9} y={y + ROW_PX / 2 - 1} />
      <text x={left + 17} y={y + 14.5}>
        t{task}
      </text>{" "}
      <text class="what" x={left + 34} y={y + 14.5}>
        {text}
      </text>{" "}
      {isDisputed && (
        <text class="differs" x={left + width - 14} y={y + 15}>
          ≠
        </text>
      )}
    </g>
  );
}

/** Full for who holds it, a ring for who claims it, a tick for what is done. */
function Mark({ kind, x, y }: { readonly kind: TaskSeen["kind"] } & Point): JSX.Element | null {
  if (kind === "held") return <circle class="mark full" cx={x} cy={y} r="4.5" />;
  if (kind === "pending") return <circle class="mark" cx={x} cy={y} r="4" />;
  if (kind === "done") return <path class="mark" d={`M${x - 4} ${y} l3 3.5 l5 -7`} />;
  return null;
}
