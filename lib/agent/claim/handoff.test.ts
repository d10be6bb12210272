import { expect, test } from "@jest/globals";
import {
  countRecords,
  createWorld,
  type Seat,
  type World,
} from "../../../property-tests/kit/world.ts";
import type { Packet, TaskId } from "../../core/record.ts";
import type { Task } from "../../core/task.ts";
import { getTask } from "../../replica/snapshot.ts";
import type { JoinOptions } from "../board.ts";
import type { Claim } from "./claim.ts";

const packet: Packet = {
  summary: "half done",
  decisions: ["b-tree, since ranges are asked for"],
  questions: ["who owns the index?"],
  deadEnds: [{ tried: "a hash index", why: "it knows no ranges" }],
  artifacts: [{ name: "plan", mediaType: "text/plain", content: "1. …" }],
};

interface Scene {
  readonly world: World;
  readonly seats: readonly Seat[];
  readonly task: TaskId;
  /** Ann's, the first agent's. */
  readonly claim: Claim;
}

/** Agents on replicas of their own, and a task that the first of them holds. */
async function openScene(
  joins: readonly Partial<JoinOptions>[],
  options: Parameters<typeof createWorld>[0] = {},
): Promise<Scene> {
  const world = createWorld(options);
  const seats: Seat[] = [];
  for (const [i, join] of joins.entries()) seats.push(await world.join(`seat-${i}`, join));
  const [{ agent }] = seats as [Seat];
  const task = await agent.add({ title: "held" });
  const claim = await world.claim(agent, task);
  await world.clock.advanceAsync(300);
  return { world, seats, task, claim };
}

const two = [{ name: "ann" }, { name: "ben" }];
const three = [...two, { name: "cat" }];
const view = ({ board }: Seat, task: TaskId): Task => getTask(board.snapshot(), task) as Task;

test.each(["relay", "mesh"] as const)(
  "[H1][H2][H5] on a %s the named agent accepts: the holder stops, and the packet is in the next one's hand",
  async (topology) => {
    const { world, seats, task, claim } = await openScene(two, { topology });
    const [ann, ben] = seats as [Seat, Seat];
    const handoff = claim.handoff(packet, { to: { agent: ben.agent.id } });
    await world.clock.advanceAsync(300);
    expect(view(ben, task)).toMatchObject({
      state: "working",
      winner: { agent: ann.agent.id },
      thread: { offers: [{ status: "open", acceptedBy: null }] },
    });
    expect(claim.packet).toBeNull();

    const accepted = await world.until(ben.agent.accept(task));
    const outcome = await world.until(handoff);
    await world.clock.advanceAsync(300);

    expect(outcome).toEqual({ ok: true, to: ben.agent.id });
    expect(claim.signal.reason).toBe("handed-off");
    if (!accepted.ok) throw new Error(accepted.reason);
    expect(accepted.claim).toMatchObject({ attempt: 2, packet });
    expect(await accepted.claim.complete("whole")).toMatchObject({ accepted: true });
    await world.clock.advanceAsync(300);
    expect(view(ann, task)).toMatchObject({
      state: "completed",
      claims: [{ status: "handed-off" }, { status: "completed" }],
      thread: { ignored: [], spent: 0, offers: [{ status: "accepted" }] },
    });
    expect(view(ann, task)).toEqual(view(ben, task));
  },
);

test("[H2] an offer to a name is for every run of that name", async () => {
  const { world, seats, task, claim } = await openScene(three);
  const [, , cat] = seats as [Seat, Seat, Seat];
  const handoff = claim.handoff(packet, { to: { agent: "cat" } });
  await world.clock.advanceAsync(10);

  expect(await world.until(cat.agent.accept(task))).toMatchObject({ ok: true });

  expect(await world.until(handoff)).toEqual({ ok: true, to: cat.agent.id });
});

test.each(["relay", "mesh"] as const)(
  "[H2] on a %s, of several with the capability who accept at once one comes to hold the task, and the holder is told which",
  async (topology) => {
    const able = (name: string) => ({ name, capabilities: ["sql"] });
    const { world, seats, task, claim } = await openScene(
      [{ name: "ann" }, able("ben"), able("cat"), able("dan")],
      { topology, latencyMs: { min: 5, max: 20 } },
    );
    const others = seats.slice(1);
    const handoff = claim.handoff(packet, { to: { capability: "sql" } });
    await world.clock.advanceAsync(500);

    const outcomes = await world.until(Promise.all(others.map(({ agent }) => agent.accept(task))));
    const outcome = await world.until(handoff);
    await world.clock.advanceAsync(500);

    const held = outcomes.flatMap((one) =>
      one.ok && !one.claim.signal.aborted ? [one.claim] : [],
    );
    expect(held).toHaveLength(1);
    expect(held[0]).toMatchObject({ attempt: 2, packet });
    if (topology === "relay") expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    if (topology === "relay") expect(outcome).toEqual({ ok: true, to: held[0]?.agent });
    expect(claim.signal.reason).toBe("handed-off");
    for (const seat of seats) {
      expect(view(seat, task).winner?.agent).toBe(held[0]?.agent);
      expect(view(seat, task).thread.ignored).toEqual([]);
    }
  },
);

test("[H3] nobody else can accept or decline, nor the holder itself", async () => {
  const { world, seats, task, claim } = await openScene(three);
  const [ann, ben, cat] = seats as [Seat, Seat, Seat];
  expect(await ben.agent.accept(task)).toEqual({ ok: false, reason: "not-offered" });
  const handoff = claim.handoff(packet, { to: { agent: "ben" } });
  await world.clock.advanceAsync(10);

  for (const { agent } of [ann, cat]) {
    expect(await agent.accept(task)).toEqual({ ok: false, reason: "not-offered" });
    expect(await agent.decline(task)).toEqual({ ok: false, reason: "not-offered" });
    expect(await agent.claim(task)).toMatchObject({ ok: false, reason: "held" });
  }

  expect(view(cat, task).thread).toMatchObject({ offers: [{ status: "open", declined: [] }] });
  await world.until(ben.agent.accept(task));
  expect(await world.until(handoff)).toMatchObject({ ok: true });
});

test("[H4] an offer that the named agent declines is taken back at once, with the reason", async () => {
  const { world, seats, task, claim } = await openScene(two);
  const [ann, ben] = seats as [Seat, Seat];
  const handoff = claim.handoff(packet, { to: { agent: "ben" } });
  await world.clock.advanceAsync(10);

  expect(await ben.agent.decline(task, "no time")).toEqual({ ok: true });
  const outcome = await world.until(handoff);
  await world.clock.advanceAsync(10);

  expect(outcome).toMatchObject({
    ok: false,
    reason: "declined",
    declined: [{ agent: ben.agent.id, reason: "no time" }],
  });
  expect(claim.signal.aborted).toBe(false);
  expect(view(ben, task).thread.offers).toMatchObject([{ status: "withdrawn" }]);
  expect(await ben.agent.accept(task)).toEqual({ ok: false, reason: "not-offered" });
  expect(await claim.complete("alone")).toMatchObject({ accepted: true });
  expect(view(ann, task).thread.ignored).toEqual([]);
});

test("[H4] of many with a capability one may decline and another accept, but not who has declined", async () => {
  const able = (name: string) => ({ name, capabilities: ["sql"] });
  const { world, seats, task, claim } = await openScene([
    { name: "ann" },
    able("ben"),
    able("cat"),
  ]);
  const [, ben, cat] = seats as [Seat, Seat, Seat];
  const handoff = claim.handoff(packet, { to: { capability: "sql" } });
  await world.clock.advanceAsync(10);
  await ben.agent.decline(task);
  await world.clock.advanceAsync(10);

  expect(await ben.agent.accept(task)).toEqual({ ok: false, reason: "not-offered" });
  expect(await ben.agent.decline(task)).toEqual({ ok: false, reason: "not-offered" });
  expect(await world.until(cat.agent.accept(task))).toMatchObject({ ok: true });

  expect(await world.until(handoff)).toEqual({ ok: true, to: cat.agent.id });
});

test("[H4] an offer that nobody accepts in time is taken back, and the holder goes on", async () => {
  const { world, seats, task, claim } = await openScene(two);
  const [, ben] = seats as [Seat, Seat];
  const start = world.clock.now();

  const outcome = await world.until(
    claim.handoff(packet, { to: { agent: "nobody" }, patienceMs: 5000 }),
  );
  await world.clock.advanceAsync(10);

  expect(world.clock.now() - start).toBeLessThan(5100);
  expect(outcome).toEqual({ ok: false, reason: "silence", declined: [] });
  expect(view(ben, task)).toMatchObject({
    state: "working",
    thread: { offers: [{ status: "withdrawn" }] },
  });
  expect(claim.signal.aborted).toBe(false);
});

test.each(["signal", "stop"] as const)(
  "[H4] the holder takes its offer back when its caller says so (%s)",
  async (how) => {
    const { world, seats, claim: first } = await openScene(two);
    const [ann, ben] = seats as [Seat, Seat];
    await first.complete();
    const task = await ann.agent.add({ title: "second" });
    const stop = new AbortController();
    const claim = await world.claim(ann.agent, task, how === "stop" ? { signal: stop.signal } : {});
    const handoff = claim.handoff(packet, {
      to: { agent: "ben" },
      ...(how === "signal" ? { signal: stop.signal } : {}),
    });
    await world.clock.advanceAsync(10);

    stop.abort();
    const outcome = await world.until(handoff);
    await world.clock.advanceAsync(10);

    expect(outcome).toMatchObject({ ok: false, reason: "aborted" });
    expect(view(ben, task).thread.offers).toMatchObject([{ status: "withdrawn" }]);
    expect(view(ben, task).winner?.agent).toBe(ann.agent.id);
  },
);

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
  "[H4] a patience of %p is refused, and nothing is offered",
  async (patienceMs) => {
    const { seats, claim } = await openScene(two);
    const [ann] = seats as [Seat];

    await expect(claim.handoff(packet, { to: { agent: "ben" }, patienceMs })).rejects.toThrow(
      RangeError,
    );

    expect(countRecords(ann.board.doc, "offered")).toBe(0);
  },
);

// The offer is taken back at 100 ms; the acceptance starts before, in between and after, on lines of every length.
const crossings = [...Array(24).keys()].map((i) => [60 + 5 * i, i] as const);

test.each(crossings)(
  "[H4] where an acceptance after %i ms crosses the taking back, over a relay never both go on (seed %i)",
  async (afterMs, seed) => {
    const { world, seats, task, claim } = await openScene(two, {
      seed,
      latencyMs: { min: 1, max: 60 },
    });
    const [ann, ben] = seats as [Seat, Seat];
    let isAnnResting = true;
    const isAnnOn = () => !isAnnResting && !claim.signal.aborted;
    const handoff = claim
      .handoff(packet, { to: { agent: "ben" }, patienceMs: 100 })
      .then((outcome) => {
        isAnnResting = false;
        // whoever goes on after the handoff must know by then that there is nothing to go on with
        expect(claim.signal.aborted).toBe(outcome.ok || outcome.reason === "handed-off");
        return outcome;
      });
    let bens: Claim | null = null;
    const accepting = new Promise<unknown>((resolve) => {
      world.clock.schedule(afterMs, () =>
        resolve(
          ben.agent.accept(task).then((outcome) => {
            if (outcome.ok) bens = outcome.claim;
            return outcome;
          }),
        ),
      );
    });

    const both: number[] = [];
    for (let ms = 0; ms < 600; ms++) {
      await world.clock.advanceAsync(1);
      const claimOfBen = bens as Claim | null;
      if (isAnnOn() && claimOfBen !== null && !claimOfBen.signal.aborted) both.push(ms);
    }
    const [outcome, accepted] = [await handoff, await accepting];

    expect(both).toEqual([]);
    const { winner, thread } = view(ann, task);
    expect(view(ben, task)).toEqual(view(ann, task));
    expect(thread.ignored).toEqual([]);
    if (outcome.ok) expect(winner?.agent).toBe(ben.agent.id);
    else if (isAnnOn()) expect(winner?.agent).toBe(ann.agent.id);
    else expect(claim.signal.reason).toBe("handed-off");
    if (bens === null) expect(accepted).toMatchObject({ ok: false, reason: "not-offered" });
    // whatever crossed what, the task can be had by somebody
    expect(winner === null || winner.status === "held").toBe(true);
  },
);

test("[H2] by the time that the holder is told of the acceptance, its claim is over", async () => {
  const { world, seats, task, claim } = await openScene(two);
  const [, ben] = seats as [Seat, Seat];
  world.clock.schedule(100, () => void ben.agent.accept(task, { guarantee: "optimistic" }));
  const reasons: unknown[] = [];

  const outcome = await world.until(
    claim.handoff(packet, { to: { agent: "ben" }, patienceMs: 100 }).then((one) => {
      reasons.push(claim.signal.reason);
      return one;
    }),
  );

  expect(outcome).toEqual({ ok: true, to: ben.agent.id });
  expect(reasons).toEqual(["handed-off"]);
});

test("[H4] a holder that is cut off while it takes its offer back has lost the claim, and waits no longer", async () => {
  const { world, seats, task, claim } = await openScene(two, { latencyMs: { min: 5, max: 5 } });
  const [, ben] = seats as [Seat, Seat];
  const handoff = claim.handoff(packet, { to: { agent: "ben" }, patienceMs: 100 });
  await world.clock.advanceAsync(50);
  world.network.cut("seat-0", "relay");

  const outcome = await world.until(handoff);

  expect(outcome).toMatchObject({ ok: false, reason: "cut-off" });
  await world.clock.settle(() => view(ben, task).nextAttempt === 2);
});

test.each(["while it waits", "while it takes the offer back"])(
  "[H4][B3] a handoff ends when the board closes %s",
  async (when) => {
    const { world, seats, claim } = await openScene(two, { latencyMs: { min: 50, max: 50 } });
    const [ann] = seats as [Seat];
    const handoff = claim.handoff(packet, { to: { agent: "ben" }, patienceMs: 100 });
    await world.clock.advanceAsync(when === "while it waits" ? 50 : 120);

    await world.until(ann.board.close());

    expect(await world.until(handoff)).toMatchObject({ ok: false, reason: "closed" });
  },
);

test("[H7] an offer lapses when its holder crashes, and whoever comes next has the packet", async () => {
  const { world, seats, task, claim } = await openScene(three);
  const [, ben, cat] = seats as [Seat, Seat, Seat];
  void claim.handoff(packet, { to: { agent: "ben" } });
  await world.clock.advanceAsync(10);
  world.network.crash("seat-0");

  await world.clock.settle(() => view(ben, task).nextAttempt === 2);
  await world.clock.advanceAsync(10);

  expect(view(ben, task).thread.offers).toMatchObject([{ status: "lapsed" }]);
  expect(await ben.agent.accept(task)).toEqual({ ok: false, reason: "not-offered" });
  expect(await world.claim(cat.agent, task)).toMatchObject({ attempt: 2, packet });
});

test.each(["complete", "fail", "release", "reject"] as const)(
  "[H7] an offer lapses when its claim ends otherwise (%s)",
  async (how) => {
    const { world, seats, task, claim } = await openScene(two);
    const [, ben] = seats as [Seat, Seat];
    const handoff = claim.handoff(packet, { to: { agent: "ben" } });
    await world.clock.advanceAsync(10);

    await claim[how]("so it is");
    await world.clock.advanceAsync(10);

    expect(await world.until(handoff)).toMatchObject({ ok: false, reason: "closed" });
    expect(view(ben, task).thread.offers).toMatchObject([{ status: "lapsed" }]);
    expect(await ben.agent.accept(task)).toEqual({ ok: false, reason: "not-offered" });
    expect(view(ben, task).thread.ignored).toEqual([]);
  },
);

test("[H7] nobody accepts a task that was called off", async () => {
  const { world, seats, task, claim } = await openScene(three, { latencyMs: { min: 20, max: 20 } });
  const [, ben, cat] = seats as [Seat, Seat, Seat];
  const handoff = claim.handoff(packet, { to: { agent: "ben" } });
  await world.clock.advanceAsync(100);
  await cat.agent.cancel(task);
  await world.clock.advanceAsync(41);

  expect(await ben.agent.accept(task)).toEqual({ ok: false, reason: "not-offered" });

  expect(await world.until(handoff)).toMatchObject({ ok: false, reason: "canceled" });
});

test("[H5] the packet of a release is in the next holder's hand, also after one that gave none", async () => {
  const { world, seats, task, claim } = await openScene(two);
  const [ann, ben] = seats as [Seat, Seat];

  await claim.release("lunch", packet);
  await world.clock.advanceAsync(10);
  const second = await world.claim(ben.agent, task);
  expect(second.packet).toEqual(packet);
  await second.release("also lunch");
  await world.clock.advanceAsync(10);

  expect((await world.claim(ann.agent, task)).packet).toEqual(packet);
});

test.each([
  ["summary", { summary: " " }],
  ["decisions", { decisions: undefined }],
  ["questions", { questions: undefined }],
  ["deadEnds", { deadEnds: undefined }],
  ["deadEnds[0].why", { deadEnds: [{ tried: "x" }] }],
  ["artifacts", { artifacts: undefined }],
  ["artifacts[0].mediaType", { artifacts: [{ name: "x", uri: "file:x" }] }],
  ["artifacts[0]", { artifacts: [{ name: "x", mediaType: "text/plain" }] }],
])(
  "[H1] a packet that lacks %s is refused at the call, naming it, and nothing is written",
  async (part, flaw) => {
    const { seats, claim } = await openScene(two);
    const [ann] = seats as [Seat];
    const flawed = { ...packet, ...flaw } as unknown as Packet;

    await expect(claim.handoff(flawed, { to: { agent: "ben" } })).rejects.toThrow(part);
    await expect(claim.release("", flawed)).rejects.toThrow(part);

    expect(countRecords(ann.board.doc, "offered") + countRecords(ann.board.doc, "released")).toBe(
      0,
    );
    expect(claim.signal.aborted).toBe(false);
  },
);

test("[H1] what was lost before cannot be handed over", async () => {
  const { claim } = await openScene(two);
  await claim.release();

  expect(await claim.handoff(packet, { to: { agent: "ben" } })).toEqual({
    ok: false,
    reason: "closed",
    declined: [],
  });
});

test("[H2] a holder that crashes right after the acceptance was sent leaves the task with the acceptor", async () => {
  const { world, seats, task, claim } = await openScene(two, { latencyMs: { min: 10, max: 10 } });
  const [, ben] = seats as [Seat, Seat];
  void claim.handoff(packet, { to: { agent: "ben" } });
  await world.clock.advanceAsync(30);
  const accepting = ben.agent.accept(task);
  world.network.crash("seat-0");

  const accepted = await world.until(accepting);
  await world.clock.advanceAsync(5000);

  expect(accepted).toMatchObject({ ok: true, claim: { attempt: 2 } });
  expect(view(ben, task).winner?.agent).toBe(ben.agent.id);
});

test("[H2] an acceptor that dies before its confirmation is expired, and the holder is told that nobody has it", async () => {
  const { world, seats, task, claim } = await openScene(three, { latencyMs: { min: 10, max: 10 } });
  const [, ben, cat] = seats as [Seat, Seat, Seat];
  const handoff = claim.handoff(packet, { to: { agent: "ben" } });
  await world.clock.advanceAsync(30);
  void ben.agent.accept(task);
  await world.clock.advanceAsync(12);
  world.network.crash("seat-1");

  expect(await world.until(handoff)).toMatchObject({ ok: false, reason: "handed-off" });
  expect(await world.claim(cat.agent, task)).toMatchObject({ attempt: 3, packet });
});

test("[H6] an agent at work takes what is offered to it, before its own tasks, and hands it in", async () => {
  const { world, seats, task, claim } = await openScene(two);
  const [ann, ben] = seats as [Seat, Seat];
  await ben.agent.add(
    Array.from({ length: 30 }, (_, i) => ({ title: `own ${i}`, priority: i % 3 })),
  );
  const done: string[] = [];
  const stop = new AbortController();
  const work = ben.agent.work(
    ({ task: { title }, packet: given }) =>
      new Promise((resolve) => {
        done.push(`${title} ${given?.summary ?? ""}`.trim());
        world.clock.schedule(100, () => resolve(title));
      }),
    { signal: stop.signal },
  );
  await world.clock.advanceAsync(250);

  const outcome = await world.until(claim.handoff(packet, { to: { agent: "ben" } }));
  await world.clock.settle(() => view(ann, task).state === "completed");
  stop.abort();
  await world.until(work);

  expect(outcome).toEqual({ ok: true, to: ben.agent.id });
  expect(done.length).toBeLessThan(7);
  expect(done.at(-1)).toBe("held half done");
  expect(view(ann, task).completion?.agent).toBe(ben.agent.id);
});

test("[H6] an agent at work leaves an offer that it cannot take, and goes on without haste", async () => {
  const { world, seats, claim } = await openScene(two);
  const [ann, ben] = seats as [Seat, Seat];
  const hard = await ann.agent.add({ title: "hard" });
  await claim.complete();
  const held = await world.claim(ann.agent, hard);
  await ann.agent.edit(hard, { requires: ["gpu"] });
  let tries = 0;
  const stop = new AbortController();
  const work = ben.agent.work(() => {}, { signal: stop.signal, onClaim: () => tries++ });

  const outcome = await world.until(
    held.handoff(packet, { to: { agent: "ben" }, patienceMs: 3000 }),
  );
  stop.abort();
  await world.until(work);

  expect(outcome).toMatchObject({ ok: false, reason: "silence" });
  expect(tries).toBe(0);
});

test.each(["relay", "mesh"] as const)(
  "[H6] on a %s an offer to a capability is taken by one of five who work, and nothing is done twice",
  async (topology) => {
    const able = Array.from({ length: 5 }, (_, i) => ({ name: `w${i}`, capabilities: ["sql"] }));
    const { world, seats, task, claim } = await openScene([{ name: "ann" }, ...able], {
      topology,
      latencyMs: { min: 1, max: 10 },
    });
    let runs = 0;
    const stop = new AbortController();
    const work = seats.slice(1).map(({ agent }) =>
      agent.work(
        () => {
          runs++;
          return "done";
        },
        { signal: stop.signal },
      ),
    );
    await world.clock.advanceAsync(500);

    await world.until(claim.handoff(packet, { to: { capability: "sql" } }));
    await world.clock.settle(() => view(seats[0] as Seat, task).state === "completed");
    await world.clock.advanceAsync(300);
    stop.abort();
    await world.until(Promise.all(work));

    expect(runs).toBe(1);
    expect(view(seats[0] as Seat, task).alternates).toEqual([]);
  },
);

test("[H2][B4] a handler that hands its task over completes nothing by returning", async () => {
  const { world, seats, claim } = await openScene(two);
  const [ann, ben] = seats as [Seat, Seat];
  await claim.complete();
  const task = await ann.agent.add({ title: "second" });
  const stop = new AbortController();
  const outcomes: unknown[] = [];
  const work = ann.agent.work(
    async (mine) => {
      outcomes.push(await mine.handoff(packet, { to: { agent: "ben" }, patienceMs: 1000 }));
    },
    { signal: stop.signal },
  );
  await world.clock.advanceAsync(50);

  const accepted = await world.until(ben.agent.accept(task));
  await world.clock.advanceAsync(50);
  stop.abort();
  await world.until(work);

  expect(outcomes).toEqual([{ ok: true, to: ben.agent.id }]);
  expect(accepted.ok).toBe(true);
  expect(view(ann, task)).toMatchObject({ state: "working", alternates: [] });
});

test("[B4] work that is told to stop ends though its handler waits for a handoff", async () => {
  const { world, seats, claim } = await openScene(two);
  const [ann] = seats as [Seat];
  await claim.complete();
  const task = await ann.agent.add({ title: "second" });
  const stop = new AbortController();
  const work = ann.agent.work(
    async (mine) => {
      const outcome = await mine.handoff(packet, { to: { agent: "ben" } });
      if (!outcome.ok) throw new Error(outcome.reason);
    },
    { signal: stop.signal },
  );
  await world.clock.advanceAsync(50);

  stop.abort();
  await world.clock.advanceAsync(50);
  await world.until(work);

  expect(view(ann, task)).toMatchObject({ state: "submitted", claims: [{ status: "released" }] });
});
