/** Long lists of which only the rows in sight are in the document; the rows of a list have one height. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** What a list shows. */
export interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  readonly rowHeight: number;
  /** The key and the content of the row at a place. */
  readonly row: (place: number) => { readonly key: string; readonly content: ComponentChildren };
}

/** A list of which one row is chosen. */
export interface ChoiceListProps extends VirtualListProps {
  /** The place of the chosen row; -1 for none. */
  readonly chosen: number;
  readonly choose: (place: number) => void;
}

/** Rows beyond the edges, so that a short scroll shows no gap. */
const MARGIN = 3;

let lists = 0;

/** Shows a list to be read. */
export function VirtualList({ label, count, rowHeight, row }: VirtualListProps): JSX.Element {
  const box = useRef<HTMLElement>(null);
  const { places, follow } = useSight(box, count, rowHeight);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who scrolls by keyboard has to get there
    <section ref={box} class="virtual" tabIndex={0} aria-label={label} onScroll={follow}>
      <ul class="virtual-rows" style={{ height: `${count * rowHeight}px` }}>
        {places.map((place) => {
          const { key, content } = row(place);
          return (
            <li
              key={key}
              class="virtual-row"
              style={placeStyle(place, rowHeight)}
              aria-setsize={count}
              aria-posinset={place + 1}
            >
              {content}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Shows a list to choose from, by pointer or by the arrow keys. */
export function ChoiceList(props: ChoiceListProps): JSX.Element {
  const { label, count, rowHeight, row, chosen, choose } = props;
  const box = useRef<HTMLDivElement>(null);
  const [id] = useState(() => `list-${lists++}`);
  const { places, follow, reveal, perPage } = useSight(box, count, rowHeight);
  const walk = (event: KeyboardEvent): void => {
    const target = targetOf(event.key, chosen, count, perPage);
    if (target === null || count === 0) return;
    event.preventDefault();
    choose(target);
    reveal(target);
  };
  const pick = (event: MouseEvent): void => {
    const place = (event.target as Element).closest<HTMLElement>("[role=option]")?.dataset["place"];
    if (place !== undefined) choose(Number(place));
  };
  return (
    <div
      ref={box}
      class="virtual"
      tabIndex={0}
      aria-label={label}
      role="listbox"
      aria-activedescendant={places.includes(chosen) ? `${id}-${chosen}` : undefined}
      onScroll={follow}
      onKeyDown={walk}
      onClick={pick}
    >
      <div class="virtual-rows" role="presentation" style={{ height: `${count * rowHeight}px` }}>
        {places.map((place) => {
          const { key, content } = row(place);
          return (
            <div
              key={key}
              id={`${id}-${place}`}
              class="virtual-row"
              style={placeStyle(place, rowHeight)}
              role="option"
              tabIndex={-1}
              data-place={place}
              aria-selected={place === chosen}
              aria-setsize={count}
              aria-posinset={place + 1}
            >
              {content}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface Sight {
  /** The places of the rows to be rendered. */
  readonly places: readonly number[];
  readonly perPage: number;
  readonly follow: () => void;
  /** Scrolls as far as it takes to show a row. */
  readonly reveal: (place: number) => void;
}

/** Follows which rows are in sight. */
function useSight(
  box: { readonly current: HTMLElement | null },
  count: number,
  rowHeight: number,
): Sight {
  const [top, setTop] = useState(0);
  const height = useHeight(box);
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight), count - 1) - MARGIN);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + MARGIN);
  const follow = (): void => setTop(box.current?.scrollTop ?? 0);
  return {
    places: Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i),
    perPage: Math.max(1, Math.floor(height / rowHeight) - 1),
    follow,
    reveal(place) {
      const shown = box.current;
      if (shown === null) return;
      const over = (place + 1) * rowHeight - shown.clientHeight;
      shown.scrollTop = Math.max(over, Math.min(shown.scrollTop, place * rowHeight));
      follow();
    },
  };
}

function placeStyle(place: number, rowHeight: number): { transform: string; height: string } {
  return { transform: `translateY(${place * rowHeight}px)`, height: `${rowHeight}px` };
}

function targetOf(key: string, chosen: number, count: number, page: number): number | null {
  const within = (place: number): number => Math.max(0, Math.min(count - 1, place));
  switch (key) {
    case "ArrowDown":
      return within(chosen + 1);
    case "ArrowUp":
      return within(chosen - 1);
    case "PageDown":
      return within(chosen + page);
    case "PageUp":
      return within(chosen - page);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

/** The height of the box, which the layout of the page decides. */
function useHeight(box: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(400);
  useLayoutEffect(() => setHeight(box.current?.clientHeight ?? 400), [box]);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 400));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);
  return height;
}
