/** Links, whole or cut, and what is under way on them. */
import type { JSX } from "preact";
import type { MessageInFlight } from "../../../adapters/transport/memory.ts";
import { edgeOf, type Layout, type Point, RELAY_PX } from "./layout.ts";

/** A link between two names. */
export interface Wire {
  readonly a: string;
  readonly b: string;
  /** Which way nothing gets through. */
  readonly cut: "no" | "one way" | "both ways";
  /** Whether one end is no more. */
  readonly isDead: boolean;
}

interface WiresProps {
  readonly layout: Layout;
  readonly wires: readonly Wire[];
  readonly placeOf: (name: string) => Point | undefined;
  readonly messages: readonly MessageInFlight[];
  readonly time: number;
  readonly isStill: boolean;
}

/** Draws them, under the cards. */
export function Wires(props: WiresProps): JSX.Element {
  const { wires, messages, isStill } = props;
  return (
    <g>
      {wires.map((wire) => (
        <Link key={`${wire.a} ${wire.b}`} wire={wire} {...props} />
      ))}
      {!isStill &&
        messages.map((one, i) => (
          <Dot key={`${one.from} ${one.to} ${one.sentAt} ${i}`} message={one} {...props} />
        ))}
    </g>
  );
}

function Link({
  wire,
  isStill,
  messages,
  ...props
}: WiresProps & { readonly wire: Wire }): JSX.Element | null {
  const ends = endsOf(wire.a, wire.b, props);
  if (ends === null) return null;
  const [a, b] = ends;
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const isCut = wire.cut !== "no";
  const count = messages.filter(
    ({ from, to, kind }) =>
      kind !== "presence" &&
      ((from === wire.a && to === wire.b) || (from === wire.b && to === wire.a)),
  ).length;
  const name = isCut ? "wire cut" : wire.isDead ? "wire dead" : "wire";
  return (
    <g>
      <line class={name} x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
      {isCut && (
        <g class="scissors" transform={`translate(${middle.x} ${middle.y})`}>
          <circle r="11" />
          <path d="M-5 -5 L5 5 M5 -5 L-5 5" />
          <text y="25">{wire.cut === "one way" ? "cut one way" : "cut"}</text>
        </g>
      )}
      {isStill && !isCut && count > 0 && (
        <text class="count" x={middle.x} y={middle.y - 7}>
          {count} under way
        </text>
      )}
    </g>
  );
}

function Dot({
  message,
  time,
  ...props
}: WiresProps & { readonly message: MessageInFlight }): JSX.Element | null {
  const { from, to, kind, sentAt, dueAt } = message;
  const ends = endsOf(from, to, props);
  if (ends === null) return null;
  const [a, b] = ends;
  const part = Math.min(Math.max((time - sentAt) / Math.max(dueAt - sentAt, 1e-9), 0), 1);
  const x = a.x + (b.x - a.x) * part;
  const y = a.y + (b.y - a.y) * part;
  if (kind === "presence") return <circle class="dot quiet" r="2.5" cx={x} cy={y} />;
  if (kind === "marker")
    return <rect class="dot marker" width="9" height="9" x={x - 4.5} y={y - 4.5} />;
  return <circle class="dot" r="5.5" cx={x} cy={y} />;
}

/** The two ends of a link, at the edges of what it joins. */
function endsOf(
  from: string,
  to: string,
  { layout, placeOf }: Pick<WiresProps, "layout" | "placeOf">,
): readonly [Point, Point] | null {
  const [a, b] = [placeOf(from), placeOf(to)];
  if (a === undefined || b === undefined) return null;
  const boxOf = (name: string) =>
    name === "relay" ? { width: 2 * RELAY_PX, height: 2 * RELAY_PX } : layout.card;
  return [edgeOf(a, b, boxOf(from)), edgeOf(b, a, boxOf(to))];
}
