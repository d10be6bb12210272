/** Takes the pictures of both pages in both themes for the README and docs: `npm run pictures`, after a build. */
import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { createRelay } from "../adapters/transport/relay.ts";
import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import {
  type Agent,
  type Board,
  type Claim,
  type ClaimOptions,
  type NewTask,
  openBoard,
  type TaskId,
} from "../lib/index.ts";

/** Seen from where the build puts this file. */
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const page = (name: string): string => pathToFileURL(at(`demos/dist/${name}.html`)).href;
const size = { width: 1280, height: 860 };

mkdirSync(at("docs/pictures"), { recursive: true });
const relay = await createRelay({ access: "open", allowedOrigins: ["null"] });
const team = await startTeam(relay.address);
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
for (const theme of ["light", "dark"]) {
  const race = await browser.newPage({ viewport: size });
  await race.goto(`${page("race")}#theme=${theme}&event=30`); // both have claimed, and the link is cut
  await race.getByRole("heading", { level: 1 }).waitFor();
  await race.getByText("200 of 200").waitFor();
  await race.screenshot({ path: at(`docs/pictures/race-${theme}.png`) });
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
  await board.screenshot({ path: at(`docs/pictures/board-${theme}.png`) });
}
await browser.close();
await team.close();
await relay.close();

/** A team at work, and the task of it that two have claimed at once. */
interface Team {
  readonly contested: TaskId;
  close(): Promise<unknown>;
}

/** Five agents in the middle of some work: held, contested, asked, reviewed, blocked. */
async function startTeam(url: string): Promise<Team> {
  const boards: Board[] = [];
  const join = async (name: string): Promise<Agent> => {
    const board = await openBoard({
      board: "harbour",
      transport: createWebsocketTransport({ url }),
    });
    boards.push(board);
    await board.sync();
    return board.join({ name, capabilities: ["work"] });
  };
  const inStep = async (): Promise<void> => {
    for (let round = 0; round < 2; round++) await Promise.all(boards.map((board) => board.sync()));
  };
  const take = async (agent: Agent, id: TaskId, options?: ClaimOptions): Promise<Claim> => {
    const outcome = await agent.claim(id, options);
    if (outcome.ok) return outcome.claim;
    throw new Error(`${agent.name} did not get ${id}: ${outcome.reason}`);
  };
  const [ada, ben, cleo] = [await join("ada"), await join("ben"), await join("cleo")];
  const [dov, eve] = [await join("dov"), await join("eve")];
  const add = (title: string, more: Partial<NewTask> = {}): Promise<TaskId> =>
    ada.add({ title, ...more });

  const survey = await add("survey the hull", { priority: 5 });
  const dock = await add("clear the dry dock", { priority: 4 });
  const hull = await add("weld the crack at frame 12", { priority: 3 });
  const mast = await add("step the mast", { review: { by: { agent: "eve" }, approvals: 1 } });
  const rope = await add("order new rope");
  const paint = await add("choose the paint");
  const crew = await add("hire two welders", { priority: 2 });
  await add("repaint the hull", { needs: [hull, paint] });
  await add("rig the sails", { needs: [mast, rope] });
  await add("launch", { needs: [survey, dock] });
  await add("write to the insurer");
  await add("check the bilge pumps", { priority: 1 });
  await inStep();

  await (await take(ada, survey)).complete("one crack, at frame 12");
  await inStep();
  const rivals = await Promise.all(
    [ben, cleo].map((agent) => take(agent, dock, { guarantee: "optimistic" })),
  );
  await inStep();
  for (const claim of rivals)
    if (!claim.signal.aborted) await claim.note("two lighters are in the way");
  await take(dov, hull);
  await (await take(eve, crew)).complete("two, from Monday");
  await (await take(cleo, mast)).complete("stepped");
  void (await take(ada, paint)).ask("Red lead, or epoxy?");
  await inStep();
  return { contested: dock, close: () => Promise.all(boards.map((board) => board.close())) };
}
