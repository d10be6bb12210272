import { expect, test } from "@jest/globals";
import { createWorld, type Seat } from "../../property-tests/kit/world.ts";
import type { BoardEvent } from "../core/event.ts";
import type { AgentId, TaskId } from "../core/record.ts";
import { getTask } from "../replica/snapshot.ts";

/** Three agents, and a task that two of them wanted, with talk about it and a record that is no legal move. */
async function openScene() {
  const world = createWorld({ latencyMs: { min: 5, max: 5 } });
  const seats: Seat[] = [];
  for (const name of ["ann", "ben", "cat"]) seats.push(await world.join(name));
  const [ann, ben, cat] = seats as [Seat, Seat, Seat];
  const task = await ann.agent.add({ title: "task" });
  await world.clock.advanceAsync(100);
  const outcomes = await world.until(Promise.all([ann, ben].map(({ agent }) => agent.claim(task))));
  const [claim] = outcomes.flatMap((one) => (one.ok ? [one.claim] : []));
  if (claim === undefined) throw new Error("nobody holds it");
  const asked = claim.ask("colour?");
  await cat.agent.note(task, "nice");
  await world.clock.advanceAsync(100);
  await cat.agent.answer(task, "blue");
  await world.until(asked);
  await claim.fail("at first");
  await world.clock.advanceAsync(100);
  const told: BoardEvent[] = [];
  ann.board.watch(({ events }) => told.push(...events));
  const stranger = world.openStranger("mallory");
  await world.clock.advanceAsync(100);
  const joined = { kind: "joined", v: 1, name: "m", capabilities: [], rule: "earliest@1" };
  stranger.getArray("log/mallory~00000000/0").push([
    { n: 0, at: 100, ...joined, leaseMs: 1000 },
    { n: 1, at: 101, kind: "reopened", task, attempt: 3 },
    { n: 2, at: 102, kind: "confirmed", task, claim: 77 },
  ]);
  await world.clock.advanceAsync(100);
  return { world, ann, ben, cat, task, told };
}

test("[M3] history lists every record about a task in the order, who wrote it, and why it was ignored if it was", async () => {
  const { ann, ben, cat, task } = await openScene();

  const history = ann.board.history(task);

  expect(history.map(({ record }) => record.kind)).toEqual(
    expect.arrayContaining(["added", "claimed", "asked", "noted", "answered", "failed"]),
  );
  const times = history.map(({ record }) => record.at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(history[0]).toMatchObject({
    agent: ann.agent.id,
    record: { kind: "added" },
    ignored: null,
  });
  expect(history.find(({ record }) => record.kind === "noted")?.agent).toBe(cat.agent.id);
  expect(history.filter(({ ignored }) => ignored !== null)).toMatchObject([
    { agent: "mallory~00000000", record: { kind: "reopened" }, ignored: "not-ended" },
    { agent: "mallory~00000000", record: { kind: "confirmed" }, ignored: "no-such-claim" },
  ]);
  expect(ben.board.history(task)).toEqual(history);
});

test("[M2] what is no legal move changes nothing, is listed with the task, and is reported by an event", async () => {
  const { ann, ben, task, told } = await openScene();

  const view = getTask(ann.board.snapshot(), task);

  expect(view).toMatchObject({ state: "submitted", nextAttempt: 2 });
  const mallory = "mallory~00000000" as AgentId;
  expect(view?.thread.ignored).toHaveLength(2);
  expect(view?.thread.ignored).toEqual(
    expect.arrayContaining([
      { agent: mallory, n: 1, kind: "reopened", reason: "not-ended" },
      { agent: mallory, n: 2, kind: "confirmed", reason: "no-such-claim" },
    ]),
  );
  expect(
    told.flatMap((one) =>
      one.kind === "record-ignored" && "reason" in one ? `${one.agent} ${one.reason}` : [],
    ),
  ).toEqual(
    expect.arrayContaining([
      `${mallory} reopened: not-ended`,
      `${mallory} confirmed: no-such-claim`,
    ]),
  );
  expect(getTask(ben.board.snapshot(), task)).toEqual(view);
});

test("[M4] the ledger counts records, agents, claims, those contested, attempts and messages", async () => {
  const { ann, ben, task } = await openScene();

  const ledger = ann.board.ledger(task);

  expect(ledger).toEqual({
    records: ann.board.history(task).length,
    agents: 4,
    claims: 2,
    contested: 1,
    attempts: 1,
    messages: 3,
  });
  expect(ben.board.ledger(task)).toEqual(ledger);
});

test("[M3][M4] a task that the board does not know has no history", async () => {
  const { ann } = await openScene();
  const unknown = expect.objectContaining({ code: "TASK_UNKNOWN" });

  expect(() => ann.board.history("x" as TaskId)).toThrow(unknown);
  expect(() => ann.board.ledger("x" as TaskId)).toThrow(unknown);
});
