/** Takes the pictures of both pages in both themes for the README and docs: `npm run pictures`, after a build. */
import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { createRelay } from "../dist/adapters/transport/relay.js";
import { createWebsocketTransport } from "../dist/adapters/transport/websocket.js";
import { openBoard } from "../dist/lib/index.js";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const page = (name) => pathToFileURL(at(`dist/${name}.html`)).href;
const size = { width: 1280, height: 860 };

mkdirSync(at("../docs/pictures"), { recursive: true });
const relay = await createRelay({ access: "open", allowedOrigins: ["null"] });
const team = await startTeam(relay.address);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
for (const theme of ["light", "dark"]) {
  const race = await browser.newPage({ viewport: size });
  await race.goto(`${page("race")}#theme=${theme}&event=30`); // both have claimed, and the link is cut
  await race.getByRole("heading", { level: 1 }).waitFor();
  await race.getByText("200 of 200").waitFor();
  await race.screenshot({ path: at(`../docs/pictures/race-${theme}.png`) });
  const board = await browser.newPage({ viewport: size });
  const hash = new URLSearchParams({
    relay: relay.address,
    board: "harbour",
    task: team.contested,
    theme,
  });
  await board.goto(`${page("board")}#${hash}`);
  await board.getByText("repaint the hull").first().waitFor();
  await board.waitForTimeout(3000); // some of the numbers are those of seconds
  await board.screenshot({ path: at(`../docs/pictures/board-${theme}.png`) });
}
await browser.close();
await team.close();
await relay.close();

/** Five agents in the middle of some work: held, contested, asked, reviewed, blocked. */
async function startTeam(url) {
  const open = () => openBoard({ board: "harbour", transport: createWebsocketTransport({ url }) });
  const seats = await Promise.all(
    ["ada", "ben", "cleo", "dov", "eve"].map(async (name) => {
      const board = await open();
      await board.sync();
      return { board, agent: await board.join({ name, capabilities: ["work"] }) };
    }),
  );
  const inStep = async () => {
    for (let round = 0; round < 2; round++)
      await Promise.all(seats.map(({ board }) => board.sync()));
  };
  const [ada, ben, cleo, dov, eve] = seats.map(({ agent }) => agent);
  const [survey, dock, hull, mast, rope, paint, crew] = await ada.add([
    { title: "survey the hull", priority: 5 },
    { title: "clear the dry dock", priority: 4 },
    { title: "weld the crack at frame 12", priority: 3 },
    { title: "step the mast", review: { by: { agent: "eve" }, approvals: 1 } },
    { title: "order new rope" },
    { title: "choose the paint" },
    { title: "hire two welders", priority: 2 },
  ]);
  await ada.add([
    { title: "repaint the hull", needs: [hull, paint] },
    { title: "rig the sails", needs: [mast, rope] },
    { title: "launch", needs: [survey, dock] },
    { title: "write to the insurer" },
    { title: "check the bilge pumps", priority: 1 },
  ]);
  await inStep();
  const take = async (agent, id, options) => {
    const outcome = await agent.claim(id, options);
    return outcome.ok ? outcome.claim : null;
  };
  await (await take(ada, survey)).complete("one crack, at frame 12");
  await inStep();
  const [first, second] = await Promise.all([
    take(ben, dock, { guarantee: "optimistic" }),
    take(cleo, dock, { guarantee: "optimistic" }),
  ]);
  await inStep();
  for (const claim of [first, second])
    if (claim !== null && !claim.signal.aborted) await claim.note("two lighters are in the way");
  await take(dov, hull);
  await (await take(eve, crew)).complete("two, from Monday");
  await (await take(cleo, mast)).complete("stepped");
  (await take(ada, paint)).ask("Red lead, or epoxy?").catch(() => {});
  await inStep();
  return {
    contested: dock,
    close: () => Promise.all(seats.map(({ board }) => board.close())),
  };
}
