// The live board as built, in a real Chromium, beside agents that work on the same board over a real relay.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import axe from "axe-core";
import type { Locator, Page } from "playwright-core";
import { createSecret, createToken, parseKey } from "../../adapters/transport/relay.ts";
import { type Agent, type Claim, getTask, type NewTask, type TaskId } from "../../lib/index.ts";
import { type House, openHouse, openStage, type SeenPage, until } from "./test-stage.ts";

const PATIENCE_MS = 30_000;

let house: House;

beforeAll(async () => {
  house = await openHouse();
}, PATIENCE_MS);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
}, PATIENCE_MS);

const openLive = async (
  address: string,
  more: Readonly<Record<string, string>> = {},
): Promise<SeenPage> => {
  const seen = await house.open({ relay: address, board: "docs", name: "pat", ...more });
  await seen.page.locator(".status.synced").waitFor();
  return seen;
};

const grant = async (agent: Agent, task: TaskId, guarantee?: "optimistic"): Promise<Claim> => {
  const outcome = await agent.claim(task, guarantee === undefined ? {} : { guarantee });
  if (!outcome.ok) throw new Error(`${agent.name} was refused: ${outcome.reason}`);
  return outcome.claim;
};

const textOf = async (one: Locator): Promise<string> => (await one.textContent()) ?? "";

const packet = { summary: "half done", decisions: [], questions: [], deadEnds: [], artifacts: [] };

const row = (page: Page, title: string) => page.locator(".tasks [role=option]", { hasText: title });

/** What the lists show, row by row, without what only this page knows. */
const shown = async (page: Page): Promise<readonly string[]> => {
  await page.locator("main[aria-busy=false]").waitFor();
  const texts: string[] = [];
  for (const name of ["Open", "Ended"]) {
    await page.locator(".lists label", { hasText: name }).click();
    await drawn(page);
    texts.push(name, ...(await page.locator(".tasks [role=option]").allInnerTexts()));
  }
  return texts;
};

/** Resolves once the page has drawn what there was to draw. */
const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );

test(
  "[UI20] [UI21] the page shows who holds what and each task with the reason for which it is withheld",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann", { leaseMs: 40_000, capabilities: ["docs"] });
    const bob = await stage.join("bob", { leaseMs: 20_000 });
    const gone = await stage.join("gone");
    const tasks: readonly NewTask[] = [
      { title: "free", priority: 3 },
      { title: "held" },
      { title: "asking" },
      { title: "offered" },
      { title: "reviewed", review: { by: { agent: "bob" } } },
      { title: "port one", resources: ["port:1"] },
      { title: "port two", resources: ["port:1"] },
      { title: "flaky", maxAttempts: 1 },
      { title: "later", retry: { delayMs: 600_000 } },
      { title: "finished" },
    ];
    const ids = await ann.agent.add(tasks);
    const id = (title: string): TaskId =>
      ids[tasks.findIndex((one) => one.title === title)] as TaskId;
    await ann.agent.add({ title: "blocked", needs: [id("held")] });
    await stage.settle();
    await grant(ann.agent, id("held"));
    const asking = (await grant(ann.agent, id("asking"))).ask("this or that?");
    await (await grant(ann.agent, id("offered"))).offer(packet, { agent: "bob" });
    await (await grant(ann.agent, id("reviewed"))).complete({ pages: 3 });
    await grant(bob.agent, id("port one"));
    await (await grant(bob.agent, id("flaky"))).fail("503");
    await (await grant(bob.agent, id("later"))).fail("busy");
    await (await grant(bob.agent, id("finished"))).complete();
    await gone.agent.leave();
    await stage.settle();

    const { page, said } = await openLive(stage.address);

    await row(page, "free").waitFor();
    const lines = async (): Promise<readonly string[]> =>
      (await page.locator(".tasks [role=option]").allInnerTexts()).map((text) =>
        text.replaceAll(/\s+/gu, " "),
      );
    const who = (agent: Agent): string => agent.id.replace(/(~.{4}).*/u, "$1");
    const withheld = page.locator(".lists label", { hasText: "Withheld" });
    await withheld.click();
    await row(page, "flaky").waitFor();
    expect(await lines()).toEqual([
      expect.stringContaining(`asking asks ${who(ann.agent)} waits for an answer`),
      expect.stringContaining(`offered offered ${who(ann.agent)} offers it to bob`),
      expect.stringContaining(
        `reviewed in review the result of ${who(ann.agent)} awaits review by bob`,
      ),
      expect.stringContaining(`port two resource waits for port:1, which ${who(bob.agent)} holds`),
      expect.stringContaining("flaky dead letter 1 of 1 attempts are spent"),
      expect.stringContaining("later delayed attempt 2 opens after"),
      expect.stringContaining("blocked blocked waits for held"),
    ]);
    await page.locator(".lists label", { hasText: "Ready" }).click();
    await page
      .locator(".tasks [role=option]", { hasText: "asking" })
      .waitFor({ state: "detached" });
    expect(await lines()).toEqual([
      expect.stringContaining("free priority 3 ready anybody may claim it"),
    ]);

    const agents = (await page.locator(".agents li").allInnerTexts()).map((text) =>
      text.replaceAll(/\s+/gu, " "),
    );
    expect(agents).toEqual([
      expect.stringMatching(
        new RegExp(
          `${who(ann.agent)} · can docs holds held ?\\+2 lease [1-4]?\\d/40 s, held at least \\d`,
          "u",
        ),
      ),
      expect.stringMatching(
        new RegExp(`${who(bob.agent)} holds port one lease [12]?\\d/20 s, held at least \\d`, "u"),
      ),
      expect.stringContaining(`${who(gone.agent)} · left`),
    ]);
    expect(said).toEqual([]);
    await ann.board.close();
    await asking;
  },
  PATIENCE_MS,
);

test(
  "[UI22] [UI23] [UI24] a contested claim tells why its winner won, and lanes, events and numbers follow the board",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    const bob = await stage.join("bob");
    const task = await ann.agent.add({ title: "wanted by two" });
    await stage.settle();
    const { page } = await openLive(stage.address);
    await row(page, "wanted by two").waitFor();

    await Promise.all(
      [ann, bob].map(({ agent }) => agent.claim(task, { guarantee: "optimistic" })),
    );
    await stage.settle();

    const { losers, summary } = ann.board.explain(task);
    const loser = losers[0]?.agent ?? "";
    const short = (text: string): string => text.replaceAll(/(~[a-z0-9]{4})[a-z0-9]*/gu, "$1");
    const contest = page.locator(".contested li");
    await contest.waitFor();
    expect(losers).toHaveLength(1);
    expect(losers[0]?.reason).toMatch(/^It yielded: by earliest@1 the claim of /u);
    expect(await textOf(contest)).toContain(short(summary));
    expect(await textOf(contest)).toContain(`${short(loser)}: ${short(losers[0]?.reason ?? "")}`);
    await page.locator(".swimlanes [role=option][aria-label*=yielded]").waitFor();
    const bars = await page
      .locator(".swimlanes [role=option]")
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
    expect(bars).toHaveLength(2);
    expect(bars).toContainEqual(expect.stringMatching(/wanted by two, held, since \d+$/u));
    expect(bars).toContainEqual(
      expect.stringMatching(
        new RegExp(`^${short(loser)}, wanted by two, yielded, from \\d+ to \\d+$`, "u"),
      ),
    );
    await page.locator(".log li", { hasText: `${short(loser)} yielded “wanted by two”` }).waitFor();
    await page
      .locator(".cost dd")
      .first()
      .filter({ hasText: String(ann.board.recordCount) })
      .waitFor();
    const numbers = Object.fromEntries(
      await page
        .locator(".cost dl > div")
        .evaluateAll((all) =>
          all.map((one) => [...one.children].map((part) => part.textContent ?? "")),
        ),
    );
    expect(numbers).toMatchObject({
      records: String(ann.board.recordCount),
      "records per task": ann.board.recordCount.toFixed(1),
      "contested claims": "1",
      "double starts": "1",
    });

    await page.getByRole("button", { name: "Pause" }).click();
    await ann.agent.note(task, "while nobody looks");
    await page.getByRole("button", { name: "Go on (1 more)" }).click();
    await page
      .locator(".log li")
      .first()
      .filter({ hasText: "left a note on “wanted by two”" })
      .waitFor();
  },
  PATIENCE_MS,
);

test(
  "[UI26] [UI27] by keyboard alone a person adds, claims, completes, hands over, answers and approves, and the others see it",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    const [asks, reviewed] = await ann.agent.add([
      { title: "with a question" },
      { title: "to be approved", review: { by: { agent: "pat" } } },
    ]);
    await stage.settle();
    const asked = (await grant(ann.agent, asks as TaskId)).ask("left or right?");
    await (await grant(ann.agent, reviewed as TaskId)).complete("a fine result");
    await stage.settle();
    const { page } = await openLive(stage.address);
    await row(page, "with a question").waitFor();
    const { keyboard } = page;
    /** Goes on by Tab until something of that name, or of a name that begins so, has the focus. */
    const tabTo = async (name: string, isWhole = true): Promise<void> => {
      const focused = (): Promise<string> =>
        page.evaluate(() => {
          const one = document.activeElement;
          const isField = one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement;
          const label = isField ? one.labels?.[0]?.textContent : one?.getAttribute("aria-label");
          return label ?? one?.textContent ?? "";
        });
      for (let i = 0; i < 80; i++) {
        const found = await focused();
        if (isWhole ? found === name : found.startsWith(name)) return;
        await keyboard.press("Tab");
      }
      throw new Error(`Tab does not lead to ${name}`);
    };
    const type = async (name: string, text: string): Promise<void> => {
      await tabTo(name, false);
      await keyboard.type(text);
    };
    const press = async (name: string): Promise<void> => {
      await tabTo(name);
      await keyboard.press("Enter");
    };
    const choose = async (title: string): Promise<void> => {
      await tabTo("Open tasks");
      await keyboard.press("Home");
      for (let i = 0; i < 9; i++) {
        await drawn(page);
        if ((await textOf(page.locator("#details-title"))) === title) return;
        await keyboard.press("ArrowDown");
      }
      throw new Error(`The arrow keys do not lead to ${title}`);
    };
    const titled = (title: string) =>
      Object.values(ann.board.snapshot().buckets.flat(3)).find((task) => task.title === title);
    expect(Object.values(ann.board.snapshot().agents).map(({ name }) => name)).toEqual(["ann"]);

    // add
    await type("Title", "added by a person");
    await type("What is to be done", "Read it.");
    await press("Add the task");
    await until(ann.board, () => titled("added by a person")?.body === "Read it.");
    // claim and hand over
    await press("Claim");
    await until(ann.board, () => titled("added by a person")?.winner?.status === "held");
    const pat = titled("added by a person")?.winner?.agent ?? "";
    expect(pat).toMatch(/^pat~/u);
    await press("Hand over");
    await type("To", ann.agent.id);
    await type("What they should know", "The first half is done.");
    await press("Hand over");
    const added = titled("added by a person")?.id as TaskId;
    await until(
      ann.board,
      () => getTask(ann.board.snapshot(), added)?.thread.offers[0]?.status === "open",
    );
    const accepted = await ann.agent.accept(added);
    expect(accepted).toMatchObject({
      ok: true,
      claim: { packet: { summary: "The first half is done." } },
    });
    await page.getByText("Handed over.").waitFor();
    // answer
    await choose("with a question");
    await press("Answer");
    await type("Answer to", "left");
    await press("Answer");
    expect(await asked).toMatchObject({ ok: true, answer: "left", by: pat });
    // approve
    await choose("to be approved");
    await press("Approve");
    await until(ann.board, () => titled("to be approved")?.state === "completed");
    // complete
    await press("Close the task");
    await type("Title", "done by a person");
    await press("Add the task");
    await until(ann.board, () => titled("done by a person") !== undefined);
    await press("Claim");
    await until(ann.board, () => titled("done by a person")?.winner?.status === "held");
    await press("Complete");
    await page.getByLabel("Result").waitFor();
    await type("Result", "42");
    await press("Complete");
    await until(ann.board, () => titled("done by a person")?.completion?.result === 42);

    await page.close({ runBeforeUnload: false });
    await until(ann.board, () =>
      Object.values(ann.board.snapshot().agents).some(({ id, hasLeft }) => id === pat && hasLeft),
    );
  },
  PATIENCE_MS,
);

test(
  "[UI28] what is refused says why and what to do",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    const task = await ann.agent.add({ title: "for writers", requires: ["writing"] });
    await stage.settle();
    const { page } = await openLive(stage.address);

    await row(page, "for writers").click();
    await page.getByRole("button", { name: "Claim", exact: true }).click();

    await page.getByText("It is for agents who can writing. Leave it to one of them.").waitFor();
    expect(getTask(ann.board.snapshot(), task)?.claims).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  "[UI29] a lost connection is shown, work goes on offline, and is merged when the relay is back",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    const task = await ann.agent.add({ title: "worked on offline" });
    await stage.settle();
    const { page } = await openLive(stage.address);
    await row(page, "worked on offline").click();

    await stage.stop();
    await page.locator(".status.offline").waitFor();
    await page.getByText("The connection is lost; the page goes on trying.").waitFor();
    await page.getByRole("button", { name: "Claim", exact: true }).click();
    await page.getByText("Your claim waits for the relay").waitFor();
    await page.getByRole("button", { name: "Give it up" }).click();
    await page.getByRole("button", { name: "Claim optimistically now" }).click();
    await page.getByText("You hold the task by an optimistic claim").waitFor();
    await ann.agent.note(task, "written on the other side");
    const apart = getTask(ann.board.snapshot(), task);
    await stage.start();

    await page.locator(".status.synced").waitFor();
    await until(
      ann.board,
      () => getTask(ann.board.snapshot(), task)?.winner?.agent.startsWith("pat~") === true,
    );
    await page.locator(".thread", { hasText: "written on the other side" }).waitFor();
    expect(apart?.winner).toBeNull();
  },
  PATIENCE_MS,
);

test(
  "[UI25] the slider shows the board as it was, and nobody acts in the past",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    const [first, second] = await ann.agent.add([{ title: "first" }, { title: "second" }]);
    await stage.settle();
    const { page } = await openLive(stage.address);
    await row(page, "second").waitFor();
    const then = await shown(page);
    const time = ann.board.time;
    await (await grant(ann.agent, first as TaskId)).complete();
    await ann.agent.cancel(second as TaskId);
    await ann.agent.add({ title: "third" });
    await stage.settle();
    await page.locator(".lists label", { hasText: "Open" }).click();
    await row(page, "third").waitFor();
    const now = await shown(page);

    await page.locator("#scrub").fill(String(time));
    await page.getByText(`As of ${time}`).waitFor();
    const past = await shown(page);

    expect(past).toEqual(then);
    expect(now).not.toEqual(then);
    expect(await page.getByRole("button", { name: "Add the task" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Live again" }).click();
    expect(await shown(page)).toEqual(now);
  },
  PATIENCE_MS,
);

test(
  "[UI30] [UI31] a refused token and a relay that is not there are told with a remedy, and the token is told nobody",
  async () => {
    const secret = createSecret();
    await using stage = await openStage({ access: { secret } });
    const key = parseKey(createSecret());
    const token = await createToken(key, {
      subject: "pat",
      board: "docs",
      role: "write",
      expiresAt: Date.now() + 60_000,
    });

    const refused = await house.open({ relay: stage.address, board: "docs", token });
    const alert = refused.page.getByRole("alert");
    await alert.waitFor();

    expect(await textOf(alert)).toMatch(
      /does not let this page in[\s\S]*no key of this relay signed the token[\s\S]*another token/u,
    );
    expect(await refused.page.locator(".tasks").count()).toBe(0);
    const signature = token.split(".")[2] ?? "none";
    expect(await refused.page.content()).not.toContain(signature);
    expect(refused.said.join()).not.toContain(signature);
    expect(refused.requested.map((url) => url.split("#")[0]).join()).not.toContain(signature);
    expect(refused.requested.some((url) => url.startsWith("ws://"))).toBe(true);

    await stage.stop();
    const alone = await house.open({ relay: stage.address, board: "docs" });
    await alone.page.getByRole("alert").waitFor();
    expect(await textOf(alone.page.getByRole("alert"))).toMatch(
      /No relay answers at ws:\S+\.[\s\S]*stigmergy relay[\s\S]*--allow-origin http:/u,
    );
    expect(await alone.page.locator(".tasks").count()).toBe(0);
    await alone.page.getByRole("button", { name: "Change the connection" }).click();
    await alone.page.locator("#connect-relay").waitFor();
    expect(await alone.page.locator("#connect-relay").inputValue()).toBe(stage.address);
  },
  PATIENCE_MS,
);

test(
  "[UI30] a board of another rule is told, and a token that fits lets the person act under its name",
  async () => {
    const secret = createSecret();
    await using stage = await openStage();
    const ann = await stage.join("ann");
    await ann.agent.add({ title: "by earliest" });
    await stage.settle();
    const other = await house.open({ relay: stage.address, board: "docs", rule: "rendezvous@1" });
    await other.page.getByRole("alert").waitFor();
    expect(await textOf(other.page.getByRole("alert"))).toMatch(/another rule[\s\S]*earliest@1/u);
    expect(await other.page.locator("#connect-rule").inputValue()).toBe("earliest@1");

    await using closed = await openStage({ access: { secret } });
    const token = await createToken(parseKey(secret), {
      subject: "eve",
      board: "docs",
      role: "write",
      expiresAt: Date.now() + 60_000,
    });
    const { page } = await house.open({ relay: closed.address, board: "docs", token });
    await page.locator("#add-name").fill("written with a token");
    await page.getByRole("button", { name: "Add the task" }).click();
    await page.locator(".you", { hasText: "You are eve~" }).waitFor();
    await row(page, "written with a token").waitFor();

    const reading = await createToken(parseKey(secret), {
      subject: "ron",
      board: "docs",
      role: "read",
      expiresAt: Date.now() + 60_000,
    });
    const reader = await house.open({ relay: closed.address, board: "docs", token: reading });
    await reader.page.getByText("Your token lets you read only.").waitFor();
    await row(reader.page, "written with a token").waitFor();
    expect(await reader.page.getByRole("button", { name: "Add the task" }).isDisabled()).toBe(true);
  },
  PATIENCE_MS,
);

test(
  "[UI32] hostile texts are texts, cut to what fits",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    const html = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const id = await ann.agent.add({
      title: `${html} ${"long ".repeat(500)}`,
      body: `${html}\n${"wide".repeat(3_000)}`,
    });
    await ann.agent.note(id, html);
    await stage.settle();

    const { page, said, requested } = await openLive(stage.address, { task: id });
    await page.locator(".thread").waitFor();

    expect(await page.title()).toBe("stigmergy: The live board");
    expect(await page.locator(".tasks img, .tasks script, .side img, .side script").count()).toBe(
      0,
    );
    expect(await textOf(page.locator(".thread .words"))).toBe(html);
    expect((await textOf(page.locator(".tasks [role=option] .title"))).length).toBeLessThanOrEqual(
      120,
    );
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    expect(said).toEqual([]);
    expect(requested.filter((url) => !/^(?:http:\/\/127|ws:\/\/127|data:)/u.test(url))).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  "[UI33] the address brings back the task, the list, the filter, the moment and the theme, from disk too",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    const ids = await ann.agent.add([
      { title: "alpha one" },
      { title: "alpha two" },
      { title: "beta" },
    ]);
    const time = ann.board.time;
    await ann.agent.cancel(ids[0] as TaskId);
    await stage.settle();
    const { page } = await openLive(stage.address);
    await row(page, "alpha two").waitFor();
    await page.locator("#scrub").fill(String(time));
    await page.locator(".lists label", { hasText: "Ready" }).click();
    await page.getByPlaceholder("Filter").fill("alpha");
    await row(page, "alpha one").click();
    await page.getByRole("button", { name: "Dark" }).click();
    await page.waitForURL((url) => url.hash.includes(`task=${ids[0]}`));
    const address = new URL(page.url());

    const again = await house.open(
      Object.fromEntries(new URLSearchParams(address.hash.slice(1))),
      "disk",
    );
    await row(again.page, "alpha one").waitFor();

    expect(await again.page.locator(".tasks [role=option]").count()).toBe(2);
    expect(await textOf(again.page.locator("#details-title"))).toBe("alpha one");
    expect(await textOf(again.page.locator(".moment"))).toContain(`As of ${time}`);
    expect(await again.page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
    expect(again.said).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  "[UI27] axe-core finds no serious violation in light and dark, and the form asks for what is missing",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    const bob = await stage.join("bob");
    const task = await ann.agent.add({
      title: "looked at",
      body: "A text.",
      review: { by: { agent: "pat" } },
    });
    await ann.agent.add({ title: "waits", needs: [task] });
    await stage.settle();
    const claims = await Promise.all(
      [ann, bob].map(({ agent }) => agent.claim(task, { guarantee: "optimistic" })),
    );
    for (const one of claims) if (one.ok) await one.claim.complete({ ok: true });
    await stage.settle();
    const violations = async (page: Page): Promise<readonly string[]> => {
      // not by a script element, which the page's policy for scripts might refuse
      await page.evaluate(axe.source);
      const { violations: found } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(),
      );
      return found
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
        );
    };

    for (const theme of ["light", "dark"]) {
      const { page } = await openLive(stage.address, { theme, task });
      await page.getByRole("button", { name: "Send back" }).click();
      await page.locator(".swimlanes [role=option]").first().waitFor();
      expect(await violations(page)).toEqual([]);
      const form = await house.open({ theme });
      await form.page.getByRole("button", { name: "Open the board" }).click();
      await form.page.getByText("Give the relay's address").waitFor();
      expect(await violations(form.page)).toEqual([]);
    }
  },
  PATIENCE_MS,
);

test(
  "[UI34] of 10,000 tasks only those in sight are in the document, and each is reached by keyboard",
  async () => {
    await using stage = await openStage();
    const ann = await stage.join("ann");
    await ann.agent.add(Array.from({ length: 10_000 }, (_, i) => ({ title: `number ${i}` })));
    await stage.settle();
    const { page } = await openLive(stage.address);
    const options = page.locator(".tasks [role=option]");
    await options.first().waitFor();

    expect(await options.count()).toBeLessThan(30);
    expect(await options.first().getAttribute("aria-setsize")).toBe("10000");
    await page.locator(".tasks [role=listbox]").focus();
    await page.keyboard.press("End");

    await page.locator("#details-title", { hasText: "number 9999" }).waitFor();
    await page.locator(".tasks [aria-selected=true]", { hasText: "number 9999" }).waitFor();
    expect(await page.locator(".tasks [aria-selected=true]").getAttribute("aria-posinset")).toBe(
      "10000",
    );
  },
  PATIENCE_MS,
);
