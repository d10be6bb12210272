/** Four teams, each in the situation that its size is about: writing together, bidding, subscribing, and finding somebody. */
import { createWebsocketTransport } from "../adapters/transport/websocket.ts";
import {
  type Agent,
  type Board,
  earliest,
  openBoard,
  priority,
  type Rule,
  type TaskId,
  Y,
} from "../lib/index.ts";
import { type Figure, percentile, timed } from "./measure.ts";
import { startRelay } from "./relay-process.ts";

const SECTIONS = 30;
const BIDS = 50;
const POSTS = 100;
const DIRECTORY = 1000;
const AGENTS_PER_BOARD = 100;

interface Seat {
  readonly board: Board;
  readonly agent: Agent;
}

/** Plays all four over one real relay, one after another. */
export async function benchScenes(): Promise<readonly Figure[]> {
  await using relay = await startRelay(["--text"]);
  const open = (board: string, rule: Rule = earliest): Promise<Board> =>
    openBoard({ board, rule, transport: createWebsocketTransport({ url: relay.address }) });
  return [
    await writeTogether((await seats(3, () => open("page"))) as [Seat, Seat, Seat]),
    await bid(await seats(10, () => open("auction", priority))),
    await subscribe(await seats(100, () => open("feed"))),
    await lookUp(() => open("directory")),
  ];
}

/** Three write one shared text, a section a task: each section once, and the same text for everybody. */
async function writeTogether(team: readonly [Seat, ...Seat[]]): Promise<Figure> {
  const [{ agent, board }] = team;
  await agent.add(Array.from({ length: SECTIONS }, (_, i) => ({ title: `section ${i}` })));
  const stop = new AbortController();
  board.watch(({ snapshot }) => {
    if (snapshot.counts.completed === SECTIONS) stop.abort();
  });
  const tookMs = await timed(() =>
    Promise.all(
      team.map((seat) =>
        seat.agent.work(
          async ({ task }) => {
            const text = seat.board.doc.getText("page");
            text.insert(text.length, `${task.title} by ${seat.agent.name}\n`);
          },
          { signal: stop.signal },
        ),
      ),
    ),
  );
  await inStep(team);
  const texts = new Set(team.map((seat) => seat.board.doc.getText("page").toString()));
  const lines = [...texts].join("").trim().split("\n");
  const twice = lines.length - new Set(lines.map((line) => line.split(" by ")[0])).size;
  await close(team);
  return {
    what: `scene: 3 agents write ${SECTIONS} sections of a shared text through the relay`,
    target: "no section twice, none missing, one text",
    measured: `${twice} twice, ${SECTIONS - (lines.length - twice)} missing, ${texts.size} text; ${tookMs.toFixed(0)} ms, ${board.recordCount} records`,
    isMet: twice === 0 && lines.length === SECTIONS && texts.size === 1,
  };
}

/** Ten bid for one task after another, at once: one gets it, and all know whom. */
async function bid(team: readonly Seat[]): Promise<Figure> {
  const delays: number[] = [];
  let claims = 0;
  let double = 0;
  for (let round = 0; round < BIDS; round++) {
    const id = (await team[0]?.agent.add({ title: `lot ${round}` })) as TaskId;
    await inStep(team);
    const start = performance.now();
    const outcomes = await Promise.all(
      team.map(async ({ agent, board }, i) => {
        const outcome = await agent.claim(id, { priority: (i * 7 + round) % 10 });
        await board.sync();
        delays.push(performance.now() - start);
        return outcome;
      }),
    );
    claims += team[0]?.board.ledger(id).claims ?? 0;
    double += outcomes.filter(({ ok }) => ok).length - 1;
    for (const outcome of outcomes) if (outcome.ok) await outcome.claim.complete("sold");
  }
  await close(team);
  return {
    what: `scene: 10 agents bid at once for each of ${BIDS} tasks (\`priority\`, settled)`,
    target: "one holder each",
    measured: `${double} double starts; bidders knew the outcome after ${percentile(delays, 50).toFixed(1)} ms p50, ${percentile(delays, 99).toFixed(1)} ms p99; ${(claims / BIDS).toFixed(1)} claims a task`,
    isMet: double === 0,
  };
}

/** A hundred subscribe to a feed; the last of them has each post after so long. */
async function subscribe(team: readonly Seat[]): Promise<Figure> {
  const seen = new Map<TaskId, number>();
  const lastAt: number[] = [];
  const postedAt = new Map<TaskId, number>();
  for (const { board } of team)
    board.watch(({ tasks }) => {
      for (const { before, after } of tasks) {
        if (before !== undefined) continue;
        const count = (seen.get(after.id) ?? 0) + 1;
        seen.set(after.id, count);
        const at = postedAt.get(after.id);
        if (count === team.length && at !== undefined) lastAt.push(performance.now() - at);
      }
    });
  for (let i = 0; i < POSTS; i++) {
    const start = performance.now();
    const id = (await team[i % team.length]?.agent.add({ title: `post ${i}` })) as TaskId;
    postedAt.set(id, start);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  await inStep(team);
  await close(team);
  return {
    what: `scene: 100 agents subscribe to a feed, each post by one of them (all in one process)`,
    target: "every post at everybody",
    measured: `${lastAt.length} of ${POSTS} posts at all 100; the last of them has it after ${percentile(lastAt, 50).toFixed(1)} ms p50, ${percentile(lastAt, 99).toFixed(1)} ms p99`,
    isMet: lastAt.length === POSTS,
  };
}

/** A thousand are on one board; a newcomer finds who can do something, and asks for it. */
async function lookUp(open: () => Promise<Board>): Promise<Figure> {
  const boards: Board[] = [];
  for (let i = 0; i < DIRECTORY; i += AGENTS_PER_BOARD) {
    const board = await open();
    boards.push(board);
    for (let k = 0; k < AGENTS_PER_BOARD; k++)
      await board.join({ name: `agent-${i + k}`, capabilities: [`skill-${(i + k) % 100}`] });
    await board.sync();
  }
  let found = 0;
  let bytes = 0;
  const tookMs = await timed(async () => {
    await using newcomer = await open();
    await newcomer.sync();
    const known = Object.values(newcomer.snapshot().agents);
    found = known.filter(({ capabilities }) => capabilities.includes("skill-42")).length;
    bytes = Y.encodeStateAsUpdate(newcomer.doc).length;
  });
  for (const board of boards) await board.close();
  return {
    what: `scene: a newcomer finds the ${DIRECTORY / 100} of ${DIRECTORY} agents that can do one thing`,
    target: "all of them",
    measured: `${found} found, ${tookMs.toFixed(0)} ms from opening the board; ${(bytes / DIRECTORY).toFixed(0)} B an agent`,
    isMet: found === DIRECTORY / 100,
  };
}

async function seats(count: number, open: () => Promise<Board>): Promise<readonly Seat[]> {
  const team: Seat[] = [];
  for (let i = 0; i < count; i++) {
    const board = await open();
    team.push({ board, agent: await board.join({ name: `agent-${i}` }) });
  }
  await inStep(team);
  return team;
}

async function inStep(team: readonly Seat[]): Promise<void> {
  for (let round = 0; round < 2; round++) await Promise.all(team.map(({ board }) => board.sync()));
}

async function close(team: readonly Seat[]): Promise<void> {
  await Promise.all(team.map(({ board }) => board.close()));
}
