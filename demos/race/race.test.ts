// The page of the race as it is built, opened from disk in a real Chromium, and held against the same story played in Node.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import axe from "axe-core";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { builtInRules, formatRule } from "../../lib/index.ts";
import {
  formatSaved,
  readSaved,
  SCHEDULE_FORMAT,
  type Schedule,
  simulate,
  startSimulation,
} from "../../property-tests/kit/index.ts";
import type { RaceDesk } from "./main.tsx";

declare global {
  interface Window {
    /** What the caption has said and nobody has waited for yet. */
    heard?: string[];
  }
}

const TEST_MS = 30_000; // each takes a second or three; the rest is for a busy machine

/** How long one thing in a page may take. */
const WAIT_MS = 10_000;

const FILE = fileURLToPath(new URL("../dist/race.html", import.meta.url));

let browser: Browser;
beforeAll(async () => {
  if (!existsSync(FILE))
    throw new Error("demos/dist/race.html is missing; build it: node demos/build-pages.js");
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
  });
}, TEST_MS);
afterAll(() => browser.close());

/** What no page may do: ask for anything, or say anything on the console. */
const offences: string[] = [];
const contexts: BrowserContext[] = [];
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  expect(offences.splice(0)).toEqual([]);
});

async function openPage(hash = "", options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  contexts.push(context);
  await context.addInitScript(hearCaptions);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const url = `${pathToFileURL(FILE)}${hash}`;
  page.on("request", (one) => {
    if (one.url() !== url.split("#")[0] && one.url() !== url)
      offences.push(one.url().slice(0, 200));
  });
  page.on("console", (message) => offences.push(message.text()));
  page.on("pageerror", (error) => offences.push(String(error)));
  await page.goto(url);
  await page.locator(".card").first().waitFor();
  return page;
}

type Moment = ReturnType<RaceDesk["moment"]>;
const momentOf = (page: Page): Promise<Moment> =>
  page.evaluate(() => window.race?.moment() as Moment);
const fact = async (page: Page, name: string): Promise<number> =>
  Number(await page.locator(`[data-fact="${name}"]`).textContent());
const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).click();
const cardOf = (page: Page, name: string): Locator => page.locator(`[data-agent="${name}"]`);
const isCutOff = async (page: Page, name: string): Promise<boolean> =>
  (await cardOf(page, name).locator("g").first().getAttribute("aria-pressed")) === "true";
const stepsOf = async (page: Page): Promise<readonly string[]> =>
  (await momentOf(page)).story.steps.map((step) => step.do);
/** Waits until the caption has said this, since the last time that something was waited for: it may be gone by now. */
const caption = async (page: Page, text: string): Promise<void> => {
  await page.waitForFunction((part) => {
    const place = window.heard?.findIndex((one) => one.includes(part)) ?? -1;
    window.heard?.splice(0, place + 1);
    return place >= 0;
  }, text);
};

/** Keeps all that the caption says; runs in the page. */
function hearCaptions(): void {
  const heard: string[] = [];
  window.heard = heard;
  let last = "";
  new MutationObserver(() => {
    const text = document.querySelector(".caption")?.textContent ?? "";
    if (text !== last) heard.push(text);
    last = text;
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

/** The trace of a story after so many events, played by the library in Node without any pause. */
async function hashInNode(
  { setup, steps }: Schedule,
  ruleName: string,
  events: number,
): Promise<number> {
  const rule = builtInRules.find((one) => formatRule(one) === ruleName);
  let count = 0;
  let isOpen = false;
  return new Promise((resolve, reject) => {
    const play = async (): Promise<void> => {
      const simulation = await startSimulation(setup, {
        ...(rule === undefined ? {} : { rule }),
        pause() {
          if (!isOpen || count++ < events) return;
          resolve(simulation.hash());
          return new Promise(() => {});
        },
      });
      isOpen = true;
      for (const step of steps) {
        if (step.do !== "tick" && count++ >= events) break;
        await simulation.play(step);
      }
      resolve(simulation.hash());
    };
    play().catch(reject);
  });
}

/** Presses the button of the mouse on an agent's card, and says where. */
const grab = async (page: Page, name: string): Promise<{ x: number; y: number }> => {
  const card = cardOf(page, name);
  await card.hover({ position: { x: 74, y: 10 } }); // waits until it no longer slides
  const box = await card.boundingBox();
  if (box === null) throw new Error(`${name} has no card`);
  const place = { x: box.x + 74, y: box.y + 10 };
  await page.mouse.move(place.x, place.y);
  await page.mouse.down();
  return place;
};

const dragBy = async (page: Page, name: string, x: number): Promise<void> => {
  const from = await grab(page, name);
  await page.mouse.move(from.x + x / 2, from.y, { steps: 3 });
  await page.mouse.move(from.x + x, from.y, { steps: 3 });
  await page.mouse.up();
};

test(
  "[UI10] it opens on two agents, one task and a cut link; both claim, the link heals, and one gives way",
  async () => {
    const page = await openPage("#speed=1");

    await caption(page, "ben cannot reach anybody: no news gets in or out.");
    await caption(page, "ann works on task t0. ben claimed it too");
    await caption(page, "ann works on task t0; ben heard of the better claim and gave way.");
    await caption(page, "All replicas agree on task t0: ann did it.");

    expect(await fact(page, "naive")).toBe(1);
    expect(await fact(page, "ours")).toBe(0);
    expect(await stepsOf(page)).toEqual(expect.arrayContaining(["add", "cut", "claim", "heal"]));
  },
  TEST_MS,
);

test(
  "[UI11] [UI17] it pauses, goes one event forth or back, and rewinds; each event has the trace that it has in Node",
  async () => {
    const page = await openPage("#speed=1");
    await caption(page, "ben claimed it too");
    await press(page, "Pause");
    const paused = await momentOf(page);

    await press(page, "Step");
    const next = await momentOf(page);
    await press(page, "Back");
    const back = await momentOf(page);
    await press(page, "Rewind");
    const first = await momentOf(page);

    expect([next.event, back.event, first.event]).toEqual([paused.event + 1, paused.event, 0]);
    expect(back.hash).toBe(paused.hash);
    for (const { story, event, hash } of [paused, next, back, first])
      expect(await hashInNode(story, "earliest@1", event)).toBe(hash);
    expect(new Set([paused.hash, next.hash, first.hash]).size).toBe(3);
    expect(await fact(page, "hash")).toBe(first.hash);
  },
  TEST_MS,
);

test(
  "[UI12] [UI17] dragging an agent out of the ring cuts it off, and back heals; keys and buttons do the same, and the story forks",
  async () => {
    const page = await openPage("#event=12");
    const before = await stepsOf(page);

    await dragBy(page, "ben", 260);
    await page.locator(".scissors").waitFor();
    const dragged = await momentOf(page);
    await dragBy(page, "ben", -260);
    await page.locator(".scissors").waitFor({ state: "detached" });
    const healed = await stepsOf(page);
    await cardOf(page, "ann").locator("g").first().press("Enter");
    await page.locator(".scissors").waitFor();
    const byKey = await isCutOff(page, "ann");
    await page.getByRole("radio", { name: "ann" }).check();
    await press(page, "Bring back");
    await page.locator(".scissors").waitFor({ state: "detached" });

    expect(before).not.toContain("cut");
    expect(dragged.story.steps.at(-2)).toEqual({ do: "cut", node: 1, from: 0 });
    expect(dragged.story.steps.at(-1)).toEqual({ do: "tick", ms: 2 });
    expect(dragged.story.steps.filter((step) => step.do === "claim")).toEqual([]);
    expect(healed.filter((name) => name !== "tick")).toEqual(["add", "cut", "heal"]);
    expect(byKey).toBe(true);
    expect(await isCutOff(page, "ann")).toBe(false);
    const { story, event, hash } = await momentOf(page);
    expect(await hashInNode(story, "earliest@1", event)).toBe(hash);
    await page.getByRole("status").getByText("You stepped in").waitFor();
  },
  TEST_MS,
);

test(
  "[UI12] a card that is dragged beyond the stage stops at its edge, and is brought back from where it was dropped",
  async () => {
    const page = await openPage("#event=12");
    const stage = await page.locator(".stage svg").boundingBox();

    await grab(page, "ben");
    await page.mouse.move(1270, 450, { steps: 3 });
    const held = await cardOf(page, "ben").boundingBox();
    await page.mouse.up();
    await page.locator(".scissors").waitFor();
    await dragBy(page, "ben", -260);

    await page.locator(".scissors").waitFor({ state: "detached" });
    const edges = [held, stage].map((box) => Math.round((box?.x ?? 0) + (box?.width ?? 0)));
    expect(edges[0]).toBeLessThanOrEqual((edges[1] ?? 0) + 1); // the outline is drawn over the edge
  },
  TEST_MS,
);

test(
  "[UI12] the reader adds, claims, completes, crashes and stalls as an agent",
  async () => {
    const page = await openPage("#event=0&speed=5");
    await page.getByRole("radio", { name: "ann" }).check();

    await press(page, "Add a task");
    await press(page, "Play");
    await caption(page, "Task t0 is free");
    await press(page, "Claim");
    await caption(page, "ann works on task t0.");
    await press(page, "Complete");
    await caption(page, "All replicas agree on task t0: ann did it.");
    await press(page, "Stall");
    await caption(page, "ann stood still");
    await press(page, "Wake");
    await press(page, "Crash");
    await caption(page, "ann crashed");
    await press(page, "Restart");
    await caption(page, "All replicas agree on task t0");
    await press(page, "Pause");

    const { story, event, hash } = await momentOf(page);
    expect(story.steps.map((step) => step.do).filter((name) => name !== "tick")).toEqual([
      "add",
      "claim",
      "complete",
      "stall",
      "wake",
      "crash",
      "restart",
    ]);
    expect(await hashInNode(story, "earliest@1", event)).toBe(hash);
  },
  TEST_MS,
);

test(
  "[UI13] a click or Enter on a task answers why each loser lost, by the replica of that card",
  async () => {
    const page = await openPage("#event=58");
    const row = cardOf(page, "ben").locator(".row");

    await row.click();
    const clicked = await page.locator(".why").textContent();
    await cardOf(page, "ann").locator(".row").press("Enter");
    const pressed = await page.locator(".why").textContent();

    expect(clicked).toContain("Why? t0 as ben sees it");
    expect(clicked).toMatch(/ben, attempt 1: It yielded: by earliest@1 the claim of ann/u);
    expect(pressed).toContain("Why? t0 as ann sees it");
    expect(pressed).toContain("by earliest@1");
  },
  TEST_MS,
);

test(
  "[UI14] both sides of 200 random races are counted: settled claims have no double start, the naive lock has",
  async () => {
    const page = await openPage("#event=30");
    expect([await fact(page, "ours"), await fact(page, "naive")]).toEqual([0, 1]);

    await page.locator("[data-fact='races']", { hasText: "200 of 200" }).waitFor();
    const settled = [await fact(page, "our-races"), await fact(page, "naive-races")];
    await page.getByRole("combobox", { name: "Claims" }).selectOption("optimistic");
    await page.locator("[data-fact='races']", { hasText: /^(?!200)\d+ of 200/u }).waitFor();
    await page.locator("[data-fact='races']", { hasText: "200 of 200" }).waitFor();
    const optimistic = [await fact(page, "our-races"), await fact(page, "naive-races")];

    expect(settled[0]).toBe(0);
    expect(settled[1]).toBeGreaterThan(0);
    expect(optimistic[0]).toBeGreaterThan(0);
    expect(optimistic[1]).toBe(settled[1]);
  },
  TEST_MS,
);

const example = new URL(
  "../../property-tests/schedules/completed-again-in-one-change.stigmergy.json",
  import.meta.url,
);

test(
  "[UI15] [UI17] a file of a saved failure opens and plays to the trace that it has in Node, with what it broke",
  async () => {
    const saved = readSaved(readFileSync(example, "utf8"));
    if (!("steps" in saved)) throw new TypeError("the example holds no story");
    const { hash } = await simulate(saved);
    const page = await openPage("#event=0");

    const buffer = Buffer.from(formatSaved({ ...saved, hash }));
    await page
      .getByLabel("Open a saved story")
      .setInputFiles({ name: "one.stigmergy.json", mimeType: "application/json", buffer });
    const status = page.getByRole("status");
    await status.getByText(`The trace is the same as where it was saved: ${hash}.`).waitFor();
    await press(page, "Go to where it broke");
    await page
      .locator("[data-fact='saved-violation']", { hasText: saved.violation.invariant })
      .waitFor();
    await page.getByRole("combobox", { name: "Speed" }).selectOption("5");
    await press(page, "Rewind");
    await press(page, "Play");
    await page.getByRole("button", { name: "Play", exact: true, disabled: true }).waitFor();

    expect(await fact(page, "hash")).toBe(hash);
  },
  TEST_MS,
);

test(
  "[UI15] a file that is broken, holds no story, or needs a module of the user is refused with the reason, dropped or chosen",
  async () => {
    const page = await openPage("#event=5");
    const before = await momentOf(page);
    const saved = JSON.parse(readFileSync(example, "utf8"));
    const drop = (text: string): Promise<void> =>
      page.evaluate((content) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([content], "dropped.json"));
        window.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
      }, text);

    const refused = async (content: object | string, reason: string): Promise<void> => {
      await drop(typeof content === "string" ? content : JSON.stringify(content));
      await page.getByRole("status").getByText(reason).waitFor();
    };
    await refused("{", "is no JSON");
    await refused({ ...saved, steps: [{ do: "fly" }] }, "steps[0].do");
    await refused(
      { ...saved, module: "./m.js", rule: "mine@1" },
      "the rule mine@1 of a module of yours",
    );
    await refused({ ...saved, module: "./m.js", agent: "worker" }, "the agent worker of a module");

    expect(await momentOf(page)).toEqual(before);
    await drop(
      JSON.stringify({ ...saved, module: "./m.js", rule: "earliest@1", format: SCHEDULE_FORMAT }),
    );
    await page
      .getByRole("status")
      .getByText("A page cannot load ./m.js; the library's own")
      .waitFor();
  },
  TEST_MS,
);

test(
  "[UI16] a reload comes back to the same story, event, rule, guarantee, speed and theme",
  async () => {
    const page = await openPage("#scene=crowd&event=40&speed=0.5");
    await page.getByRole("combobox", { name: "Rule" }).selectOption("priority@1");
    await page.getByRole("combobox", { name: "Claims" }).selectOption("optimistic");
    await caption(page, "heard of the better claim and gave way.");
    await press(page, "Pause");
    await page.getByRole("radio", { name: "cat" }).check();
    await press(page, "Add a task");
    await page.locator(".row", { hasText: "t3" }).first().waitFor();
    await press(page, "Dark");
    const before = await momentOf(page);

    await page.reload();
    await page.locator(".card").first().waitFor();
    const after = await momentOf(page);

    expect(after.hash).toBe(before.hash);
    expect(after.event).toBe(before.event);
    expect(await page.getByRole("combobox", { name: "Rule" }).inputValue()).toBe("priority@1");
    expect(await page.getByRole("combobox", { name: "Claims" }).inputValue()).toBe("optimistic");
    expect(await page.getByRole("combobox", { name: "Speed" }).inputValue()).toBe("0.5");
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    expect(new URL(page.url()).hash).not.toContain("%");
    expect(await hashInNode(after.story, "priority@1", after.event)).toBe(after.hash);
  },
  TEST_MS,
);

for (const colorScheme of ["light", "dark"] as const)
  test(
    `[UI18] axe finds no serious or critical violation in ${colorScheme}`,
    async () => {
      const page = await openPage("#event=58", { colorScheme });
      await cardOf(page, "ben").locator(".row").click();

      await page.evaluate(axe.source);
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
        const result = await axe.run();
        return result.violations.map(({ id, impact, nodes }) => ({
          id,
          impact,
          at: nodes.map((one) => one.html),
        }));
      });

      expect(
        violations.filter(({ impact }) => impact === "serious" || impact === "critical"),
      ).toEqual([]);
    },
    TEST_MS,
  );

test(
  "[UI19] where less motion is wished for, no dot travels and nothing is animated, and the story goes on",
  async () => {
    const page = await openPage("#speed=1", { reducedMotion: "reduce" });
    const seen = page.evaluate(async () => {
      let [dots, animations] = [0, 0];
      for (let frame = 0; frame < 60; frame++) {
        await new Promise(requestAnimationFrame);
        dots += document.querySelectorAll(".dot").length;
        animations += document.getAnimations().length;
      }
      return { dots, animations };
    });
    await caption(page, "ben heard of the better claim and gave way.");

    expect(await seen).toEqual({ dots: 0, animations: 0 });
    const moving = await openPage("#event=21");
    expect(await moving.locator(".dot").count()).toBeGreaterThan(0);
  },
  TEST_MS,
);
