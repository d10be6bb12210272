// The hooks in a real browser, once with React and once with Preact: what renders anew, and what does not.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { openBrowser, type TestBrowser } from "../workbench/browser.ts";

const PREACT = { react: "preact/compat", "react-dom/client": "preact/compat/client" };

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser.close(), 60_000);

describe.each([
  ["React", {}],
  ["Preact", PREACT],
] as const)("%s", (_, alias) => {
  let tab: Page;
  beforeAll(async () => {
    tab = await browser.newPage(join(import.meta.dirname, "test-page.ts"), alias);
    await tab.getByText("task 99").waitFor();
    await tab.evaluate(() => page.renders());
  }, 60_000);

  const shown = (selector: string): Promise<string> =>
    tab.evaluate((asked) => page.text(asked), selector);
  const renders = (): Promise<Record<string, number>> => tab.evaluate(() => page.renders());

  test("[UI4] of a hundred components only the one renders whose task became another", async () => {
    await tab.evaluate(() => page.edit(42, "the answer"));
    await tab.getByText("the answer").waitFor();

    expect(await renders()).toEqual({ "task 42": 1 });
  });

  test("[UI4] a change that nobody selected renders nothing", async () => {
    await tab.evaluate(() => page.note(7));
    await tab.evaluate(() => page.edit(8, "after the note"));
    await tab.getByText("after the note").waitFor();

    expect(await renders()).toEqual({ "task 8": 1 });
  });

  test("[UI4] a list that is made anew each time renders when what is in it changes", async () => {
    await tab.evaluate(() => page.join("ben"));
    await tab.getByText("ann,ben").waitFor();

    expect(await renders()).toEqual({ names: 1 });
  });

  test("[UI4] the connection's status reaches those who selected it", async () => {
    await tab.evaluate(() => page.cut());
    await tab.getByText("offline").waitFor();
    const cut = await renders();
    await tab.evaluate(() => page.heal());
    await tab.getByText("synced").waitFor();

    expect(cut).toEqual({ status: 1 });
    expect(Object.keys(await renders())).toEqual(["status"]);
  });

  test("[UI5] outside a provider the error says what to do", async () => {
    await tab.evaluate(() => page.renderOutside());

    await tab.getByText("There is no board here").waitFor();
    expect(await shown("strong")).toContain("put the component below a <BoardProvider");
  });

  test("[UI4] a component that is gone selects nothing any more", async () => {
    const ofAll = await tab.evaluate(() => page.looksAtChange());
    await tab.evaluate(() => page.keep(10));
    await tab.getByText("task 99").waitFor({ state: "detached" });

    // not at once: Preact ends subscriptions after it has painted
    let ofTen = ofAll;
    for (let tries = 0; tries < 100 && ofTen !== 10; tries++)
      ofTen = await tab.evaluate(() => page.looksAtChange());

    expect([ofAll, ofTen]).toEqual([100, 10]);
  });

  test("[UI5] another board is shown and followed instead, and may be closed under its components", async () => {
    const errors: string[] = [];
    tab.on("pageerror", ({ message }) => errors.push(message));

    await tab.evaluate(() => page.showAnother());
    await tab.getByText("other").waitFor();
    const names = await shown("p");
    await tab.evaluate(() => page.join("cleo"));
    await tab.getByText("cleo").waitFor();
    await renders();
    await tab.evaluate(() => page.edit(1, "nobody looks there now"));
    await tab.evaluate(() => page.join("dan"));
    await tab.getByText("cleo,dan").waitFor();
    const followed = await renders();
    await tab.evaluate(() => page.close());
    await tab.getByText("closed").waitFor();
    const closed = await shown("p");
    await tab.evaluate(() => page.unmount());
    const after = await shown("main");

    expect(names).toBe("");
    expect(followed).toEqual({ names: 1 });
    expect([closed, after, errors]).toEqual(["cleo,dan", "", []]);
  });
});
