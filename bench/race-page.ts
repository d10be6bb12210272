/** How fast does the race play its events, and how soon is there something to see when it is opened from disk? */
import { cpus } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { type Figure, median } from "./measure.ts";

const ROUNDS = 5;
const MEASURED_MS = 3_000;
const MIN_EVENTS_PER_SECOND = 2_000;
const MAX_PAINT_MS = 1_000;

const PAGE = pathToFileURL(fileURLToPath(new URL("../../demos/dist/race.html", import.meta.url)));

/** Opens the page as a file, in a browser that has not seen it before. */
export async function benchRacePage(): Promise<readonly Figure[]> {
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const paints: number[] = [];
  for (let round = 0; round < ROUNDS; round++) paints.push(await paintOf(browser));
  const page = await browser.newPage();
  await page.goto(`${PAGE.href}#event=0`); // it stands still: nothing but the measurement runs
  await page.waitForFunction("window.race !== undefined");
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rates.push(
      await page.evaluate<number>(
        `window.race.measure(${MEASURED_MS / ROUNDS}).then((speed) => speed.eventsPerSecond)`,
      ),
    );
  const machine = `headless Chromium ${browser.version()} on ${cpus().length} cores of ${cpus()[0]?.model ?? "unknown"}`;
  await browser.close();
  return [
    {
      what: `events of the race, a step or a timer that came due each, with five agents and nothing drawn, ${machine}`,
      target: `>= ${MIN_EVENTS_PER_SECOND.toLocaleString("en")}/s`,
      measured: `${median(rates).toFixed(0)}/s, ${Math.min(...rates).toFixed(0)}/s at least in ${ROUNDS} rounds`,
      isMet: median(rates) >= MIN_EVENTS_PER_SECOND,
    },
    {
      what: "first meaningful paint of the race from disk: the agents and what is going on are drawn",
      target: `<= ${MAX_PAINT_MS} ms`,
      measured: `${median(paints).toFixed(0)} ms, ${Math.max(...paints).toFixed(0)} ms at most in ${ROUNDS} rounds`,
      isMet: median(paints) <= MAX_PAINT_MS,
    },
  ];
}

/** From the beginning of the navigation to the first frame that shows an agent. */
async function paintOf(browser: Browser): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(`
    window.painted = new Promise((resolve) => {
      const look = () =>
        document.querySelector("svg")?.textContent?.includes("ann")
          ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
          : requestAnimationFrame(look);
      requestAnimationFrame(look);
    });
  `);
  await page.goto(PAGE.href);
  const painted = await page.evaluate<number>("window.painted");
  await context.close();
  return painted;
}
