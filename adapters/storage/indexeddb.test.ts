import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import * as Y from "yjs";
import { contentOf, writeUpdates } from "../contract/storage/content.ts";
import { describeStorageContract } from "../contract/storage.ts";
import { openBrowser, type TestBrowser } from "../workbench/browser.ts";
import type { StoragePage } from "./indexeddb/test-page.ts";

const ENTRY = join(import.meta.dirname, "indexeddb/test-page.ts");
const TIMEOUT_MS = 60_000;

let browser: TestBrowser;
let pages: Page[] = [];
let contractPage: Page;

beforeAll(async () => {
  browser = await openBrowser();
  contractPage = await browser.newPage(ENTRY);
}, TIMEOUT_MS);

afterEach(async () => {
  for (const page of pages) await page.close();
  pages = [];
  await call(contractPage, "remove"); // a page that is gone holds nothing, so this waits for none
});

afterAll(() => browser.close());

describeStorageContract({
  test: (name) => test(name, () => call(contractPage, "runContract", name), TIMEOUT_MS),
  createHarness() {
    throw new Error("the contract runs in the page");
  },
});

test("[S24] what one turn appends is one strict commit, and is there after a reload and in another page", async () => {
  const page = await newPage();
  const id = await call(page, "open");
  const updates = writeUpdates(9);

  expect(await call(page, "append", toArrays(updates))).toBe("1 commits");
  await page.reload({ waitUntil: "load" });
  const reopened = await call(page, "open");

  expect(reopened).toBe(id);
  expect(await call(page, "content")).toBe(contentOf(updates));
  await page.close();
  const other = await newPage();
  expect(await call(other, "open")).toBe(id);
  expect(await call(other, "content")).toBe(contentOf(updates));
});

test("[S25] y-indexeddb reads the same document from the same database, compacted or not, and its writes are read", async () => {
  const page = await newPage();
  const id = await call(page, "open");
  const updates = writeUpdates(7);
  await call(page, "append", toArrays(updates));
  const expected = contentOf(updates);

  expect(await call(page, "usePersistence", "")).toBe(expected);
  await call(page, "compact");
  expect(await call(page, "usePersistence", "hello")).toBe(expected);

  expect(await call(page, "theirs")).toEqual(["hello"]);
  await call(page, "close");
  expect(await call(page, "open")).toBe(id);
  expect(await call(page, "theirs")).toEqual(["hello"]);
});

test("[S25] a database that y-indexeddb made becomes a board's, with all that is in it", async () => {
  const page = await newPage();
  await call(page, "usePersistence", "first");

  const id = await call(page, "open");

  expect(await call(page, "theirs")).toEqual(["first"]);
  await call(page, "close");
  expect(await call(page, "open")).toBe(id);
});

test("[S26] a board that is open in a page is refused to another, until that page is gone", async () => {
  const [page, other] = [await newPage(), await newPage()];
  const id = await call(page, "open");

  const refusal = await call(other, "open");

  expect(refusal).toMatch(/^STORAGE_FAILED The database stigmergy\/docs#1 is held by another page/);
  expect(refusal).toContain('{"database":"stigmergy/docs#1"}');
  await page.close();
  expect(await call(other, "open")).toBe(id);
});

test("[S27] a database that is deleted under an open board refuses every append, and comes back under another id", async () => {
  const [page, other] = [await newPage(), await newPage()];
  const id = await call(page, "open");
  const updates = toArrays(writeUpdates(1));
  await call(page, "append", updates);

  await call(other, "remove");

  for (const _ of ["first", "second"]) {
    const refusal = await call(page, "append", updates);
    expect(refusal).toMatch(/^STORAGE_FAILED The database stigmergy\/docs#1 /);
  }
  expect(await call(page, "compact")).toMatch(/^STORAGE_FAILED/);
  await call(page, "close");
  const anew = await call(page, "open");
  expect(anew).toMatch(/^[0-9a-f-]{36}$/);
  expect(anew).not.toBe(id);
});

test(
  "[S27] over the quota every append is refused, all that was acknowledged is read, and with room it goes on",
  async () => {
    const own = await openBrowser(); // the browser remembers for a while how much room an origin had
    try {
      const page = await own.newPage(ENTRY);
      const session = await page.context().newCDPSession(page);
      const { origin } = own;
      const first = writeUpdates(2);
      const second = [writeText("long ".repeat(400_000))];
      await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
      await call(page, "open");
      await call(page, "append", toArrays(first));

      for (const _ of ["first", "second"]) {
        const refusal = await call(page, "append", toArrays(second));
        expect(refusal).toMatch(/^STORAGE_FAILED The database stigmergy\/docs#1 .*QuotaExceeded/);
      }
      expect(await call(page, "content")).toBe(contentOf(first));
      await session.send("Storage.overrideQuotaForOrigin", { origin });
      await call(page, "close");
      await call(page, "open");

      expect(await call(page, "append", toArrays(second))).toBe("1 commits");
      expect(await call(page, "content")).toBe(contentOf([...first, ...second]));
    } finally {
      await own.close();
    }
  },
  TIMEOUT_MS,
);

test("[S27] a database of something else, or with something else in it, is refused as corrupt", async () => {
  const page = await newPage();
  await call(page, "makeForeign");

  const foreign = await call(page, "open");
  await call(page, "remove");
  await call(page, "open");
  await call(page, "putForeign");
  const mixed = await call(page, "compact");

  expect(foreign).toMatch(/^STORAGE_CORRUPT The database stigmergy\/docs#1 .*songs/);
  expect(mixed).toMatch(/^STORAGE_CORRUPT The database stigmergy\/docs#1 .*entry 0/);
});

async function newPage(): Promise<Page> {
  const page = await browser.newPage(ENTRY);
  pages.push(page);
  return page;
}

function writeText(text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText("text").insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

function toArrays(updates: readonly Uint8Array[]): number[][] {
  return updates.map((update) => [...update]);
}

/** Takes a step in a page. */
function call<K extends keyof StoragePage>(
  page: Page,
  step: K,
  ...given: Parameters<StoragePage[K]>
): Promise<Awaited<ReturnType<StoragePage[K]>>> {
  // as text: the test runner may rewrite a function that is to run elsewhere
  const values = given.map((value) => JSON.stringify(value)).join();
  return page.evaluate(`globalThis.storagePage[${JSON.stringify(step)}](${values})`);
}
