/** The drawing of the timeline, in SVG; each bar says by its shape, its sign and its name what became of the claim. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ClaimStatus, TaskId } from "../../../lib/index.ts";
import { usePage } from "../live/page-context.tsx";
import { agentName, clip } from "../live/texts.ts";
import type { Bar, Lane, TimeWindow } from "./lanes.ts";

/** The sign of each end of a claim. */
export const STATUS_SIGNS: Readonly<Record<ClaimStatus, string>> = {
  pending: "…",
  held: "◐",
  completed: "✓",
  "in-review": "◎",
  yielded: "⤺",
  released: "↩",
  expired: "†",
  "handed-off": "⇄",
  failed: "✕",
  rejected: "⊗",
  "sent-back": "↺",
  superseded: "⇥",
  unable: "⊘",
};

const ROW = 18;
const GAP = 8;
const AXIS = 22;

/** Draws the lanes. */
export function Swimlanes(props: {
  readonly lanes: readonly Lane[];
  readonly window: TimeWindow;
  readonly chosen: TaskId | null;
}): JSX.Element {
  const { lanes, window, chosen } = props;
  const { show } = usePage();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [active, setActive] = useState<string | null>(null);
  const namesWidth = width < 600 ? 84 : 132;
  const room = Math.max(120, width - namesWidth - 14);
  const x = (time: number): number =>
    namesWidth + ((time - window.from) / (window.to - window.from)) * room;
  const tops: number[] = [];
  let height = AXIS;
  for (const lane of lanes) {
    tops.push(height);
    height += lane.rows * ROW + GAP;
  }
  const bars = lanes.flatMap((lane) => lane.bars);
  const current = bars.find(({ key }) => key === active);

  const walk = (event: KeyboardEvent): void => {
    const next = nextBar(event.key, lanes, current ?? null);
    if (event.key === "Enter" || event.key === " ") {
      if (current === undefined) return;
      show({ task: current.task });
    } else if (next === null) return;
    else setActive(next.key);
    event.preventDefault();
  };

  return (
    <div
      ref={box}
      class="swimlanes"
      tabIndex={0}
      role="listbox"
      aria-label="Claims by agent; arrow keys walk, Enter shows the task"
      aria-activedescendant={current === undefined ? undefined : `bar-${current.key}`}
      onKeyDown={walk}
    >
      <svg width={Math.max(width, namesWidth + 134)} height={height} role="presentation">
        <Axis window={window} x={x} height={height} />
        {lanes.map((lane, i) => (
          <g key={lane.agent}>
            <line
              class="lane"
              x1={0}
              x2={namesWidth + room}
              y1={(tops[i] ?? 0) - GAP / 2}
              y2={(tops[i] ?? 0) - GAP / 2}
            />
            <text class="lane-name" x={0} y={(tops[i] ?? 0) + 13}>
              {clip(agentName(lane.agent), namesWidth < 100 ? 12 : 18)}
            </text>
            {lane.bars.map((bar) => (
              <BarShape
                key={bar.key}
                bar={bar}
                x={x(Math.max(bar.from, window.from))}
                width={Math.max(7, x(bar.to) - x(Math.max(bar.from, window.from)) - 1)}
                y={(tops[i] ?? 0) + bar.row * ROW}
                isActive={bar.key === active}
                isChosen={bar.task === chosen}
                choose={() => {
                  setActive(bar.key);
                  show({ task: bar.task });
                }}
              />
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}

function BarShape(props: {
  readonly bar: Bar;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly choose: () => void;
}): JSX.Element {
  const { bar, x, y, width, isActive, isChosen, choose } = props;
  const sign = STATUS_SIGNS[bar.status];
  const room = Math.floor((width - 20) / 7);
  const name = clip(bar.title, 60);
  const span = bar.isLive ? `since ${bar.from}` : `from ${bar.from} to ${bar.to}`;
  return (
    <g
      id={`bar-${bar.key}`}
      role="option"
      aria-selected={isChosen}
      aria-label={`${agentName(bar.agent)}, ${name}, ${bar.status}, ${span}`}
      class={`claim ${bar.status} ${isActive ? "active" : ""} ${isChosen ? "chosen" : ""}`}
      onClick={choose}
    >
      <title>{`${name}: ${bar.status}, attempt ${bar.attempt}, ${span}`}</title>
      <rect x={x} y={y} width={width} height={ROW - 3} rx={3} />
      {width >= 14 && (
        <text x={x + 4} y={y + 11.5}>
          {room >= 3 ? `${sign} ${clip(bar.title, room)}` : sign}
        </text>
      )}
    </g>
  );
}

function Axis(props: {
  readonly window: TimeWindow;
  readonly x: (time: number) => number;
  readonly height: number;
}): JSX.Element {
  const { window, x, height } = props;
  const step = Math.max(1, niceStep((window.to - window.from) / 6));
  const ticks: number[] = [];
  for (let time = Math.ceil(window.from / step) * step; time <= window.to; time += step)
    ticks.push(time);
  return (
    <g class="axis">
      {ticks.map((time) => (
        <g key={time}>
          <line x1={x(time)} x2={x(time)} y1={AXIS - 6} y2={height} />
          <text x={x(time)} y={11} text-anchor={time === window.to ? "end" : "middle"}>
            {time}
          </text>
        </g>
      ))}
    </g>
  );
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? power;
}

function nextBar(key: string, lanes: readonly Lane[], current: Bar | null): Bar | null {
  if (!/^(?:Arrow(?:Left|Right|Up|Down)|Home|End)$/.test(key)) return null;
  const at = lanes.findIndex(({ agent }) => agent === current?.agent);
  const bars = lanes[at]?.bars ?? [];
  if (current === null || at < 0) return lanes[0]?.bars.at(-1) ?? null;
  const place = bars.findIndex((one) => one.key === current.key);
  if (key === "Home") return bars[0] ?? null;
  if (key === "End") return bars.at(-1) ?? null;
  if (key === "ArrowLeft") return bars[place - 1] ?? current;
  if (key === "ArrowRight") return bars[place + 1] ?? current;
  const lane = lanes[at + (key === "ArrowDown" ? 1 : -1)];
  const near = [...(lane?.bars ?? [])].sort(
    (a, b) => Math.abs(a.from - current.from) - Math.abs(b.from - current.from),
  );
  return near[0] ?? current;
}

function useWidth(box: { readonly current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(900);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 900));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);
  return width;
}
