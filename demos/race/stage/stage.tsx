/** The stage: agents around the relay, or linked with each other, and a ring to drag them out of. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { RELAY } from "../play/cuts.ts";
import type { View } from "../play/view.ts";
import type { World } from "../play/world.ts";
import { AgentCard } from "./agent-card.tsx";
import { isOutside, keepOnStage, type Layout, layOut, type Point, RELAY_PX } from "./layout.ts";
import { type Wire, Wires } from "./wires.tsx";

interface StageProps {
  readonly world: World;
  readonly view: View;
  readonly time: number;
  readonly isStill: boolean;
  readonly chosen: number;
  readonly asked: number | null;
  readonly onChoose: (node: number) => void;
  /** Resolves once the cut shows. */
  readonly onCut: (node: number, isOff: boolean) => Promise<void>;
  readonly onAsk: (node: number, task: number) => void;
}

interface Drag {
  readonly node: number;
  readonly by: Point;
}

/** How far a pointer may tremble in a click. */
const TREMOR_PX = 5;

/** Draws it, as wide as there is room. */
export function Stage(props: StageProps): JSX.Element {
  const { world, view, chosen, asked, onChoose, onCut, onAsk } = props;
  const { nodes, topology } = world.story.setup;
  const [frame, width] = useWidth();
  const [drag, setDrag] = useState<Drag | null>(null);
  // as high from the beginning as the story's tasks will make it
  const adds = world.story.steps.filter((step) => step.do === "add").length;
  const layout = layOut(width, nodes, Math.max(view.taskCount, adds));
  const restOf = (node: number): Point =>
    (world.cuts.isOff(node) ? layout.outside : layout.inside)[node] ?? layout.middle;
  const placeAt = (node: number): Point => {
    const { x, y } = restOf(node);
    if (drag?.node !== node) return { x, y };
    return keepOnStage(layout, { x: x + drag.by.x, y: y + drag.by.y });
  };
  const placeOf = (name: string): Point | undefined => {
    if (name === RELAY) return layout.middle;
    const agent = view.agents.find((one) => one.name === name);
    return agent === undefined ? undefined : placeAt(agent.node);
  };

  const grab = (node: number, start: PointerEvent): void => {
    if (start.button !== 0) return;
    onChoose(node);
    const rest = restOf(node);
    const byOf = ({ clientX, clientY }: PointerEvent): Point => ({
      x: clientX - start.clientX,
      y: clientY - start.clientY,
    });
    const move = (event: PointerEvent): void => {
      const by = byOf(event);
      if (Math.hypot(by.x, by.y) > TREMOR_PX) setDrag({ node, by });
    };
    const end = async (event: PointerEvent): Promise<void> => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      const by = event.type === "pointerup" ? byOf(event) : { x: 0, y: 0 };
      const dropped: Drag = { node, by };
      const isOut = isOutside(layout, { x: rest.x + by.x, y: rest.y + by.y });
      setDrag(dropped);
      // the card lies where it was dropped until the cut shows, instead of sliding back first
      if (Math.hypot(by.x, by.y) > TREMOR_PX && isOut !== world.cuts.isOff(node))
        await onCut(node, isOut);
      setDrag((current) => (current === dropped ? null : current));
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  };

  const { middle, ring, height } = layout;
  return (
    <div class="stage" ref={frame}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset holds no drawing */}
      <svg role="group" aria-label="Agents and their links" width={width} height={height}>
        <ellipse class="ring" cx={middle.x} cy={middle.y} rx={ring.x} ry={ring.y} />
        <Wires
          {...props}
          layout={layout}
          placeOf={placeOf}
          wires={wiresOf(world, view)}
          messages={world.simulation.messagesInFlight()}
        />
        {topology === "relay" && <Relay layout={layout} />}
        {view.agents.map((agent) => (
          <AgentCard
            key={agent.node}
            agent={agent}
            layout={layout}
            place={placeAt(agent.node)}
            isChosen={chosen === agent.node}
            isDragged={drag?.node === agent.node}
            asked={chosen === agent.node ? asked : null}
            onGrab={(event) => grab(agent.node, event)}
            onToggle={() => onCut(agent.node, !world.cuts.isOff(agent.node))}
            onAsk={(task) => onAsk(agent.node, task)}
          />
        ))}
      </svg>
    </div>
  );
}

function Relay({ layout }: { readonly layout: Layout }): JSX.Element {
  const { x, y } = layout.middle;
  return (
    <g class="relay">
      <rect x={x - RELAY_PX} y={y - RELAY_PX} width={2 * RELAY_PX} height={2 * RELAY_PX} rx="12" />
      <text x={x} y={y + 4}>
        relay
      </text>
    </g>
  );
}

function wiresOf({ story, cuts }: World, { agents }: View): readonly Wire[] {
  const pairs = agents.flatMap(({ name, state }, i) =>
    story.setup.topology === "relay"
      ? [{ a: name, b: RELAY, isDead: state === "crashed" }]
      : agents.slice(i + 1).map((other) => ({
          ...{ a: name, b: other.name },
          isDead: state === "crashed" || other.state === "crashed",
        })),
  );
  return pairs.map((pair) => {
    const ways = [cuts.isCut(pair.a, pair.b), cuts.isCut(pair.b, pair.a)].filter(Boolean).length;
    return { ...pair, cut: ways === 0 ? "no" : ways === 1 ? "one way" : "both ways" };
  });
}

/** The width of an element, kept up with. */
function useWidth(): readonly [(element: HTMLDivElement | null) => void, number] {
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const [width, setWidth] = useState(() => Math.min(innerWidth - 40, 820));
  useEffect(() => {
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      const next = Math.floor(element.clientWidth);
      if (next > 0) setWidth(next);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}
