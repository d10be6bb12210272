import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { openBrowser, type TestBrowser } from "../../workbench/browser.ts";

const ENTRY = join(import.meta.dirname, "tab.ts");
const PATIENCE = { timeout: 30_000, polling: 20 };

let browser: TestBrowser;

beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);

afterAll(() => browser.close());

test("[T45] tabs see each other's tasks, one that is reloaded catches up, and three that race agree", async () => {
  const [first, second] = [await openTab(), await openTab()];
  await first.evaluate(() => tab.add("shared"));
  await untilTabs([second], "tab.tasks().length === 1");
  const isHeld = await second.evaluate(() => tab.claim("shared"));
  await untilTabs([first], "tab.tasks()[0].winner !== null");
  const before = await tasksOf(first);

  await second.reload();
  await untilTabs([second], "globalThis.tab?.tasks().length === 1");
  expect(isHeld).toBe(true);
  expect(before[0]?.winner).toMatch(/^tab~/);
  expect(await tasksOf(second)).toEqual(before);

  const racers = [first, second, await openTab()];
  await first.evaluate(() => tab.add("prize"));
  await untilTabs(racers, "tab.tasks().length === 2");
  await Promise.all(racers.map((page) => page.evaluate(() => tab.claim("prize"))));
  const claims = Math.max(...(await Promise.all(racers.map(claimsOf))));
  await untilTabs(racers, `tab.tasks()[1].claims >= ${claims}`);

  const winners = await Promise.all(racers.map(async (page) => (await tasksOf(page))[1]?.winner));
  expect(new Set(winners).size).toBe(1);
  expect(winners[0]).toMatch(/^tab~/);
}, 120_000);

async function openTab(): Promise<Page> {
  const page = await browser.newPage(ENTRY);
  await untilTabs([page], 'tab.status() === "synced"');
  return page;
}

async function untilTabs(pages: readonly Page[], condition: string): Promise<void> {
  await Promise.all(pages.map((page) => page.waitForFunction(condition, undefined, PATIENCE)));
}

function tasksOf(page: Page): Promise<ReturnType<typeof tab.tasks>> {
  return page.evaluate(() => tab.tasks());
}

async function claimsOf(page: Page): Promise<number> {
  return (await tasksOf(page))[1]?.claims ?? 0;
}
