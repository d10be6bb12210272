/** Where agents, relay and ring are on a stage of a given width; narrow stages stand upright. */

/** A point in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Everything's place. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly middle: Point;
  /** The radii of the ring: whoever's card has its middle outside is cut off. */
  readonly ring: Point;
  readonly card: { readonly width: number; readonly height: number };
  /** The middle of each agent's card within the ring, and outside of it. */
  readonly inside: readonly Point[];
  readonly outside: readonly Point[];
  /** How many tasks fit on a card. */
  readonly rows: number;
}

/** The height of one task on a card, and of what is above the first. */
export const ROW_PX = 22;
export const HEAD_PX = 44;
/** The relay's half size. */
export const RELAY_PX = 24;

const NARROW_PX = 620;
const MOST_ROWS = 4;
const GAP_PX = 10;

/** Lays a stage out. */
export function layOut(width: number, nodes: number, tasks: number): Layout {
  const isNarrow = width < NARROW_PX;
  const isFlat = nodes === 2 && !isNarrow;
  const rows = Math.min(Math.max(tasks, 1), MOST_ROWS);
  const card = {
    width: isNarrow ? 128 : 148,
    height: HEAD_PX + rows * ROW_PX + (tasks > MOST_ROWS ? 16 : 0) + 4,
  };
  // from the relay to the nearest card; five and more on a narrow stage stand closer side by side
  const gap = isNarrow && nodes > 4 ? 56 + card.height / 2 : nodes === 2 ? 72 : 48;
  const up = isFlat ? 0 : card.height / 2 + RELAY_PX + gap;
  const ring = {
    x: isNarrow ? width / 2 - 3 : width / 2 - card.width - GAP_PX,
    y: isFlat ? card.height + 56 : up + card.height / 2 + GAP_PX,
  };
  const height = 2 * Math.ceil(isNarrow ? ring.y + 0.75 * card.height + 8 : ring.y + 30);
  const middle = { x: width / 2, y: height / 2 };
  const sideways = isNarrow
    ? Math.min(ring.x - card.width / 2 - 6, 110)
    : ring.x - card.width / 2 - 2 * GAP_PX;
  const first = nodes === 2 ? (isNarrow ? 90 : 180) : -90;
  const places = Array.from({ length: nodes }, (_, node) => {
    const angle = ((first + (360 / nodes) * node) * Math.PI) / 180;
    const way = { x: Math.cos(angle), y: Math.sin(angle) };
    const inside = { x: middle.x + way.x * sideways, y: middle.y + way.y * up };
    // narrow stages have room above and below, wide ones at their sides
    const outside = isNarrow
      ? {
          x: middle.x + way.x * (width / 2 - card.width / 2 - 2),
          y: middle.y + (way.y < 0 ? -1 : 1) * (ring.y + card.height / 4 + 4),
        }
      : {
          x: middle.x + (way.x < -0.01 || way.y > 0.99 ? -1 : 1) * (ring.x + card.width / 2 + 5),
          y: middle.y + way.y * (up + 24),
        };
    return { inside, outside };
  });
  return {
    ...{ width, height, middle, ring, card, rows },
    inside: places.map((one) => one.inside),
    outside: places.map((one) => one.outside),
  };
}

/** Whether a point is outside of the ring. */
export function isOutside({ middle, ring }: Layout, { x, y }: Point): boolean {
  return ((x - middle.x) / ring.x) ** 2 + ((y - middle.y) / ring.y) ** 2 > 1;
}

/** The place nearest to a point where a card is wholly on the stage: what is beyond its edge cannot be grabbed. */
export function keepOnStage({ width, height, card }: Layout, { x, y }: Point): Point {
  const [side, top] = [card.width / 2, card.height / 2];
  return {
    x: Math.min(Math.max(x, side), width - side),
    y: Math.min(Math.max(y, top), height - top),
  };
}

/** Where the way from one point to another leaves a box around the first. */
export function edgeOf(from: Point, to: Point, box: { width: number; height: number }): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const part = Math.min(
    box.width / 2 / Math.abs(dx || 1e-9),
    box.height / 2 / Math.abs(dy || 1e-9),
    1,
  );
  return { x: from.x + dx * part, y: from.y + dy * part };
}
