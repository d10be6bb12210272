import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { findOverlap } from "../lib/core/resource.ts";
import {
  type AgentId,
  builtInRules,
  type Claim,
  type ClaimOutcome,
  CoordinationError,
  formatRef,
  isEnded,
  isLive,
  listTasks,
  type NewTask,
  type Packet,
  type Rule,
  type Task,
  type TaskId,
} from "../lib/index.ts";
import { createWorld, rawRecords, type Seat, type World } from "./kit/world.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";

/** One step of a schedule; every number stands for something, so that any list of steps is a story. */
interface Step {
  readonly do: (typeof DEEDS)[number];
  readonly who: number;
  readonly what: number;
}

const DEEDS = [
  "add",
  "claim",
  "contest",
  "wait",
  "complete",
  "fail",
  "release",
  "reject",
  "handoff",
  "accept",
  "decline",
  "ask",
  "answer",
  "approve",
  "send back",
  "cancel",
  "reopen",
  "adopt",
  "note",
  "edit",
  "suspend",
  "crash",
  "cut",
  "heal",
  "advance",
] as const;
const NAMES = ["ann", "ben", "cat"];

const steps = fc.array(
  fc.record({
    do: fc.constantFrom<Step["do"]>(
      ...DEEDS,
      ...(["add", "claim", "claim", "contest", "contest", "complete", "complete"] as const),
      ...(["handoff", "accept", "accept", "ask", "answer", "approve", "fail"] as const),
      ...(["advance", "advance", "advance", "advance", "advance", "heal"] as const),
    ),
    who: fc.nat(NAMES.length - 1),
    what: fc.nat(7),
  }),
  { minLength: 20, maxLength: 60, size: "max" },
);

/** A claim in somebody's hand. */
interface Hand {
  readonly claim: Claim;
  readonly seat: Seat;
  isOpen: boolean;
}

/** A result that was handed in. */
interface HandedIn {
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly result: string;
}

/** Three boards, what their agents hold, and what went against the laws so far. */
interface Play {
  readonly world: World;
  readonly topology: "mesh" | "relay";
  readonly rule: Rule;
  readonly seats: Seat[];
  readonly hands: Hand[];
  readonly results: HandedIn[];
  readonly crashed: Set<AgentId>;
  readonly violations: string[];
  underWay: number;
  count: number;
}

const packet: Packet = { summary: "s", decisions: [], questions: [], deadEnds: [], artifacts: [] };

const POLICIES: readonly Partial<NewTask>[] = [
  {},
  { maxAttempts: 2, retry: { delayMs: 200 } },
  { review: { by: { capability: "edit" } } },
  { resources: ["path:src/a.ts"], timeoutMs: 700 },
  { resources: ["path:src/**", "port:1"], priority: 2 },
  { ifNeedFails: "fail", requires: ["edit"] },
  { ifNeedFails: "ignore", retry: { delayMs: 50, factor: 3 } },
  { review: { by: { agent: "ann" } }, maxAttempts: 3 },
];

const isWorking = ({ isOpen, claim }: Hand): boolean => isOpen && !claim.signal.aborted;

async function startPlay(topology: Play["topology"], seed: number): Promise<Play> {
  const world = createWorld({ topology, seed, latencyMs: { min: 1, max: 30 } });
  const play: Play = {
    world,
    topology,
    rule: builtInRules[Math.abs(seed) % builtInRules.length] as Rule,
    seats: [],
    hands: [],
    results: [],
    crashed: new Set(),
    violations: [],
    underWay: 0,
    count: 0,
  };
  for (const who of NAMES.keys()) await takeSeat(play, who);
  for (const [i, { agent }] of [...play.seats, ...play.seats].entries())
    await agent.add({ title: `first ${i}`, ...POLICIES[(Math.abs(seed) + i) % POLICIES.length] });
  await world.clock.advanceAsync(300);
  world.network.setFaults(
    topology === "mesh"
      ? { lossRate: 0.05, duplicateRate: 0.1, reorderRate: 0.2 }
      : { lossRate: 0.01 },
  );
  return play;
}

async function takeSeat(play: Play, who: number): Promise<void> {
  const name = NAMES[who] as string;
  const board = await play.world.open(name, { rule: play.rule });
  // all but Cat review; so that somebody is not entitled
  const capabilities = who < 2 ? ["edit"] : [];
  const agent = await board.join({ name, leaseMs: 1000, capabilities });
  play.seats[who] = { board, agent };
}

/** Lets a promise run on beside the story; what it is refused by then is checked. */
function start<T>(play: Play, promise: Promise<T>, then: (value: T) => void = () => {}): void {
  play.underWay++;
  promise
    .then(then)
    .catch((error: unknown) => {
      const code = error instanceof CoordinationError ? error.code : "";
      if (!["AGENT_LEFT", "BOARD_CLOSED", "TASK_UNKNOWN"].includes(code))
        play.violations.push(`a call failed: ${error instanceof Error ? error.stack : error}`);
    })
    .finally(() => {
      play.underWay--;
    });
}

async function take(play: Play, { do: deed, who, what }: Step): Promise<void> {
  const { world, seats } = play;
  const seat = seats[who] as Seat;
  const { agent, board } = seat;
  const name = NAMES[who] as string;
  const tasks = listTasks(board.snapshot());
  const task = tasks[what % Math.max(tasks.length, 1)];
  const mine = play.hands.filter((hand) => hand.seat === seat && hand.isOpen);
  const open = play.hands.filter(isWorking);
  const hand = open[(3 * what + who) % Math.max(open.length, 1)];
  const other = NAMES[(who + 1 + (what % 2)) % 3] as string;

  switch (deed) {
    case "add":
      await agent.add({
        title: `${name} ${what}`,
        ...POLICIES[what],
        ...(what === 0 ? { key: "k" } : {}),
        ...(task === undefined || what < 5 ? {} : { needs: [task.id] }),
        ...(task === undefined || what !== 1 ? {} : { parent: task.id }),
      });
      break;
    case "claim":
    case "wait":
      if (task !== undefined) claim(play, seat, task, deed === "wait", what);
      break;
    case "contest":
      for (const one of seats) {
        if (task !== undefined) claim(play, one, task, what > 5, what);
        await world.clock.advanceAsync(what * 2);
      }
      break;
    case "complete":
      if (hand !== undefined) complete(play, hand);
      break;
    case "fail":
    case "release":
    case "reject":
      if (hand === undefined) break;
      hand.isOpen = false;
      if (deed === "release") start(play, hand.claim.release("why", what > 3 ? packet : undefined));
      else if (deed === "reject") start(play, hand.claim.reject("no"));
      else start(play, hand.claim.fail(`failed ${what}`, { retryable: what > 0 }));
      break;
    case "handoff":
      if (hand !== undefined)
        start(
          play,
          hand.claim.handoff(packet, {
            to: what < 4 ? { agent: other } : { capability: "edit" },
            patienceMs: 100 + 200 * what,
          }),
          (outcome) => {
            if (outcome.ok && !hand.claim.signal.aborted)
              play.violations.push("H2: whoever handed over may still go on");
          },
        );
      break;
    case "accept": {
      const offered = tasks.find(({ thread }) =>
        thread.offers.some((one) => one.status === "open"),
      );
      for (const one of what < 4 ? [seat] : seats)
        if (offered !== undefined)
          start(play, one.agent.accept(offered.id), (outcome) => hold(play, one, outcome));
      break;
    }
    case "decline":
      if (task !== undefined) start(play, agent.decline(task.id, "no"));
      break;
    case "ask":
      if (hand !== undefined)
        start(play, hand.claim.ask("?", what < 4 ? {} : { of: { agent: other } }));
      break;
    case "answer": {
      const asked = tasks.find(({ state }) => state === "input-required") ?? task;
      for (const one of what < 4 ? [seat] : seats)
        if (asked !== undefined) start(play, one.agent.answer(asked.id, "!"));
      break;
    }
    case "approve":
    case "send back": {
      const verdict = deed === "approve" ? "approved" : "rejected";
      const reviewed = tasks.find(({ inReview }) => inReview !== null) ?? task;
      for (const one of what < 4 ? [seat] : seats)
        if (reviewed !== undefined)
          start(play, one.agent.review(reviewed.id, { verdict, reason: "so it is" }));
      break;
    }
    case "cancel":
      if (task !== undefined && what > 4) start(play, agent.cancel(task.id));
      break;
    case "reopen":
      if (task !== undefined)
        start(play, what < 4 ? agent.reopen(task.id) : agent.redrive(task.id));
      break;
    case "adopt": {
      const late = tasks.find(({ alternates }) => alternates.length > 0);
      const [alternate] = late?.alternates ?? [];
      if (late !== undefined && alternate !== undefined)
        start(play, agent.adopt(late.id, alternate));
      break;
    }
    case "note":
      if (task !== undefined) start(play, agent.note(task.id, { kind: "finding", text: name }));
      break;
    case "edit":
      if (task !== undefined) start(play, agent.edit(task.id, { body: `${what}`, priority: what }));
      break;
    case "suspend": {
      await agent.suspend();
      await world.clock.advanceAsync(what * 100);
      const again = { board, agent: await board.resume(agent.id) };
      seats[who] = again;
      for (const one of mine) one.isOpen = false;
      for (const held of again.agent.held())
        play.hands.push({ claim: held, seat: again, isOpen: true });
      break;
    }
    case "crash":
      if (what < 4) break;
      world.network.crash(name);
      play.crashed.add(agent.id);
      for (const one of mine) one.isOpen = false;
      void board.close(); // nothing of it reaches anybody; it ends the timers of the dead process
      await takeSeat(play, who);
      break;
    case "cut":
      world.network.cut(name, play.topology === "relay" ? "relay" : other);
      break;
    case "heal":
      world.network.heal();
      break;
    case "advance":
      await world.clock.advanceAsync([1, 5, 20, 40, 100, 300, 900, 1500][what] ?? 0);
  }
}

function claim(play: Play, seat: Seat, task: Task, wait: boolean, what: number): void {
  const options = {
    wait,
    priority: what,
    ...(what % 3 === 0 ? { ttlMs: [500, 2000, 5000][what / 3] ?? 500 } : {}),
  };
  start(play, seat.agent.claim(task.id, options), (outcome) => hold(play, seat, outcome));
}

/** Takes a claim in hand, and checks that nobody else works on the attempt, or on what it holds alone (G2, X11). */
function hold(play: Play, seat: Seat, outcome: ClaimOutcome): void {
  if (!outcome.ok) return;
  const granted = { claim: outcome.claim, seat, isOpen: !play.crashed.has(seat.agent.id) };
  if (play.topology === "relay" && isWorking(granted)) {
    const { task, attempt } = granted.claim;
    for (const { claim: other } of play.hands.filter(isWorking)) {
      if (other.task.id === task.id && other.attempt === attempt)
        play.violations.push(`G2: two work on attempt ${attempt} of ${task.id}`);
    }
  }
  play.hands.push(granted);
}

function complete(play: Play, hand: Hand): void {
  hand.isOpen = false;
  const result = `result ${play.count++}`;
  const { task, agent } = hand.claim;
  start(play, hand.claim.complete(result), (outcome) => {
    if (outcome.ok) play.results.push({ task: task.id, agent, result });
  });
}

/** Mends the network and waits until leases, delays and turns have done their work and nothing is new. */
async function endPlay({ world }: Play): Promise<void> {
  world.network.setFaults({});
  world.network.heal();
  await world.clock.advanceAsync(9000);
}

/** What crosses what somebody else wrote at the same time, and is no legal move for that alone. */
const RACES: ReadonlySet<string> = new Set([
  "reopened: not-ended", // somebody else was first to start it over
  "cancelled: already-ended", // it was completed meanwhile
  "reviewed: not-in-review", // the result came too late, as its author was not told in time
]);

function checkTask(play: Play, task: Task): void {
  const { id, winner, thread } = task;
  for (const { kind, reason } of thread.ignored)
    if (!RACES.has(`${kind}: ${reason}`)) play.violations.push(`M2: ${kind} ignored as ${reason}`);
  const held = play.seats.flatMap(({ agent }) => agent.held());
  const isHeldBy = (agent: AgentId) =>
    held.some((one) => one.agent === agent && one.task.id === id);
  const isHere = (agent: AgentId) => play.seats.some((one) => one.agent.id === agent);
  if (winner !== null && !isEnded(task) && !isHeldBy(winner.agent))
    play.violations.push(`L2: ${winner.agent} does not hold ${id} any more, ${winner.status}`);
  for (const { agent } of thread.waiters)
    if (!isHere(agent) && !play.crashed.has(agent))
      play.violations.push(`X12: ${agent} is shown to wait and is gone`);
}

/** G2: of the settled claims of an attempt at most one was ever confirmed. */
function checkConfirmed(play: Play, records: ReturnType<typeof rawRecords>): void {
  const claims = new Map<string, string>();
  const confirmed = new Map<string, string>();
  for (const record of records as readonly (Record<string, unknown> & { agent: AgentId })[])
    if (record["kind"] === "claimed" && record["guarantee"] === "settled")
      claims.set(
        formatRef({ agent: record.agent, n: Number(record["n"]) }),
        `${record["task"]} ${record["attempt"] ?? 1}`,
      );
  for (const record of records as readonly (Record<string, unknown> & { agent: AgentId })[]) {
    if (record["kind"] !== "confirmed") continue;
    const ref = formatRef({ agent: record.agent, n: Number(record["claim"]) });
    const attempt = claims.get(ref) ?? "";
    if (confirmed.has(attempt)) play.violations.push(`G2: two were confirmed in ${attempt}`);
    confirmed.set(attempt, ref);
  }
}

/** X10, X11: of claims that overlap one stands, of agents that are here. */
function checkResources(play: Play, tasks: readonly Task[]): void {
  const held = tasks.flatMap((task) => (task.claims.some(isLive) ? [task] : []));
  for (const [i, one] of held.entries())
    for (const two of held.slice(i + 1)) {
      const [a = [], b = []] = [one.policy.resources, two.policy.resources];
      if (findOverlap(a, b) !== null) play.violations.push(`X9: ${one.id} and ${two.id} overlap`);
    }
}

function checkResults(play: Play, tasks: readonly Task[]): void {
  for (const { task: id, agent, result } of play.results) {
    if (play.crashed.has(agent)) continue;
    const task = tasks.find((one) => one.id === id);
    const all = [task?.completion, task?.inReview, ...(task?.alternates ?? [])];
    if (!all.some((one) => one?.result === result && one.agent === agent))
      play.violations.push(`W5: ${result} of ${agent} is lost`);
  }
}

async function checkEnd(play: Play): Promise<void> {
  const { world, seats } = play;
  const [first, ...others] = seats.map(({ board }) => board.snapshot());
  for (const other of others) expect(isDeepStrictEqual(other, first)).toBe(true);
  const [{ board }] = seats as [Seat];
  const tasks = listTasks(board.snapshot());
  for (const task of tasks) checkTask(play, task);
  checkConfirmed(play, rawRecords(board.doc));
  checkResources(play, tasks);
  checkResults(play, tasks);
  const late = await world.open("late", { rule: play.rule });
  await world.until(late.sync());
  await world.clock.advanceAsync(500);
  expect(isDeepStrictEqual(late.snapshot(), first)).toBe(true);
  await world.until(
    Promise.all([late, ...seats.map((one) => one.board)].map((one) => one.close())),
  );
  await world.clock.advanceAsync(1000);
  expect(play.violations).toEqual([]);
  expect(world.faults).toEqual([]);
  expect([play.underWay, world.clock.pendingCount]).toEqual([0, 0]);
}

test.each(["relay", "mesh"] as const)(
  "[M2][G2][L2][W5][X9][P5] whatever agents do and live through on a %s, once healed all agree, nothing is lost, and no move was illegal but by a race",
  async (topology) => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer(), async (schedule, seed) => {
        const play = await startPlay(topology, seed);
        for (const step of schedule) await take(play, step);
        await endPlay(play);
        await checkEnd(play);
      }),
      runs(40),
    );
  },
  LAW_TIMEOUT_MS,
);
