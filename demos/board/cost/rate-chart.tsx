/** Records, and changes a second, over the last minutes as two lines. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { CostSamples } from "./cost-samples.ts";

const HEIGHT = 120;
/** What is shown of the past, in seconds. */
const SHOWN_S = 300;
const EVERY_MS = 1_000;

/** Draws the lines; a table would say no more than the numbers above, so for readers without sight there is one sentence. */
export function RateChart({ samples }: { readonly samples: CostSamples }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    const plot = new uPlot(optionsFor(target.clientWidth), dataOf(samples), target);
    const timer = setInterval(() => plot.setData(dataOf(samples)), EVERY_MS);
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: target.clientWidth, height: HEIGHT }),
    );
    observer.observe(target);
    // the colors are read when something is drawn, so another theme needs a redraw
    const themes = new MutationObserver(() => plot.redraw(false));
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      clearInterval(timer);
      observer.disconnect();
      themes.disconnect();
      plot.destroy();
    };
  }, [samples]);
  return (
    <figure>
      <figcaption class="small faint">
        <span class="key records">records</span> and{" "}
        <span class="key changes">changes per second</span> over the last five minutes
      </figcaption>
      <div
        ref={box}
        class="chart"
        role="img"
        aria-label="Lines of records and of changes per second; the numbers above say how it stands"
      />
    </figure>
  );
}

function dataOf({ times, records, changes }: CostSamples): uPlot.AlignedData {
  return [[...times], [...records], [...changes]];
}

function colorOf(name: string): () => string {
  return () => getComputedStyle(document.documentElement).getPropertyValue(name);
}

function optionsFor(width: number): uPlot.Options {
  const axis = {
    stroke: colorOf("--faint"),
    grid: { stroke: colorOf("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: () => [Date.now() / 1_000 - SHOWN_S, Date.now() / 1_000] },
      records: { range: (_, least, most) => [Math.floor(least), Math.max(least + 1, most)] },
      changes: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
    },
    axes: [
      { ...axis, size: 24, space: 80, values: (_, times) => times.map(clockOf) },
      { ...axis, scale: "records", size: 52, space: 30 },
      { ...axis, scale: "changes", side: 1, size: 40, space: 30, grid: { show: false } },
    ],
    series: [
      {},
      { scale: "records", stroke: colorOf("--accent"), width: 2, points: { show: false } },
      {
        scale: "changes",
        stroke: colorOf("--warn"),
        width: 1.5,
        dash: [4, 3],
        points: { show: false },
      },
    ],
  };
}

function clockOf(time: number): string {
  return new Date(time * 1_000).toTimeString().slice(0, 5);
}
