// The page's lists, change by change, against lists made from scratch; on real boards with random moves.

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { createMemoryNetwork, createSeededRandom } from "../../adapters/transport/memory.ts";
import { type Agent, type Board, openBoard, type TaskId, tasksOf, Y } from "../../lib/index.ts";
import { type BoardIndex, createBoardIndex, SECTIONS } from "./board-index.ts";

const RUNS = 60;

type Move = readonly [kind: (typeof KINDS)[number], who: number, which: number, other: number];

const KINDS = [
  "add",
  "add",
  "add-needing",
  "add-resource",
  "add-resource",
  "claim",
  "claim",
  "rival-claim",
  "complete",
  "release",
  "ask",
  "offer",
  "edit-needs",
  "edit-needs",
  "edit-needs",
  "urge",
  "cancel",
  "reopen",
] as const;

const moves = fc.array(
  fc.tuple(fc.constantFrom(...KINDS), fc.nat(1), fc.nat(5), fc.nat(5)) as fc.Arbitrary<Move>,
  { minLength: 10, maxLength: 60 },
);

const play = async (agents: readonly Agent[], ids: TaskId[], move: Move): Promise<void> => {
  const [kind, who, which, other] = move;
  const agent = agents[who] as Agent;
  const task = ids[which % ids.length];
  const need = ids[other % ids.length];
  const claim = agent.held().find((one) => one.task.id === task) ?? agent.held()[0];
  if (kind === "add") ids.push(await agent.add({ title: `task ${ids.length}`, maxAttempts: 2 }));
  if (kind === "add-resource")
    ids.push(
      await agent.add({ title: `task ${ids.length}`, resources: [`path:src/${other % 2}`] }),
    );
  if (kind === "release" && which % 2 === 0) await claim?.fail("it did not work");
  else if (kind === "release") await claim?.release("not mine");
  if (kind === "complete") await claim?.complete({ by: agent.name });
  if (kind === "ask") void claim?.ask("which one?");
  if (kind === "offer") await claim?.offer(packet, { agent: "somebody" });
  if (task === undefined || need === undefined) return;
  if (kind === "add-needing")
    ids.push(
      await agent.add({ title: `task ${ids.length}`, needs: [task, need], priority: other % 3 }),
    );
  if (kind === "claim") await agent.claim(task, { guarantee: "optimistic" });
  // of one turn of the event loop, so that nobody has seen the other yet
  if (kind === "rival-claim")
    await Promise.all(agents.map((one) => one.claim(task, { guarantee: "optimistic" })));
  if (kind === "edit-needs") await agent.edit(task, { needs: [need] });
  if (kind === "urge") await agent.edit(task, { priority: other % 3 });
  if (kind === "cancel") await agent.cancel(task);
  if (kind === "reopen") await agent.reopen(task);
};

const packet = { summary: "half done", decisions: [], questions: [], deadEnds: [], artifacts: [] };

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a replica has, written so that two can be compared. */
const stateOf = ({ doc }: Board): string => Y.encodeStateVector(doc).join();

const listed = (index: BoardIndex, agents: readonly Agent[]): object => ({
  sections: SECTIONS.map((name) => index.section(name).map((task) => task)),
  standings: SECTIONS.flatMap((name) => index.section(name).map(({ id }) => index.standing(id))),
  contested: [...index.contested],
  claims: [...index.claims],
  held: agents.map(({ id }) =>
    index
      .heldBy(id)
      .map(({ task, claim }) => `${task.id} ${claim.n}`)
      .sort(),
  ),
  totals: index.totals,
});

test("[UI34] the page's lists, kept change by change, equal lists made from scratch", async () => {
  await fc.assert(
    fc.asyncProperty(moves, async (all) => {
      const network = createMemoryNetwork();
      await using here = await openBoard({
        board: "b",
        transport: network.createTransport("here"),
        random: createSeededRandom(1),
      });
      await using there = await openBoard({
        board: "b",
        transport: network.createTransport("there"),
        random: createSeededRandom(2),
      });
      const agents = [await here.join({ name: "ann" }), await there.join({ name: "bob" })];
      const waits = ({ id }: { readonly id: TaskId }): string | null => {
        const { summary } = here.explain(id);
        return summary.startsWith("Waits for ") ? summary : null;
      };
      const index = createBoardIndex(waits);
      const flaws: unknown[] = [];
      const stop = here.watch(({ snapshot, tasks }) => {
        index.apply(tasks.map(({ after }) => after));
        const fresh = createBoardIndex(waits);
        fresh.apply(tasksOf(snapshot));
        try {
          expect(listed(index, agents)).toEqual(listed(fresh, agents));
        } catch (flaw) {
          flaws.push(flaw);
        }
      });

      const ids: TaskId[] = [];
      for (const move of all) {
        await play(agents, ids, move);
        do await turn();
        while (stateOf(here) !== stateOf(there));
      }
      stop();

      if (flaws.length > 0) throw flaws[0];
    }),
    { numRuns: RUNS, seed: 7 },
  );
}, 60_000);

test("[UI34] many changes at once give the same lists as the same changes one by one", async () => {
  const network = createMemoryNetwork();
  await using board = await openBoard({ board: "b", transport: network.createTransport("here") });
  const ann = await board.join({ name: "ann" });
  const ids = await ann.add(Array.from({ length: 700 }, (_, i) => ({ title: `task ${i}` })));
  // two cycles, a chain, and something held
  const needs: readonly (readonly [number, number])[] = [
    [0, 1],
    [1, 2],
    [2, 0],
    [5, 6],
    [6, 5],
    [9, 8],
    [8, 7],
  ];
  for (const [task, need] of needs)
    await ann.edit(ids[task] as TaskId, { needs: [ids[need] as TaskId] });
  await ann.claim(ids[3] as TaskId, { guarantee: "optimistic" });
  const tasks = tasksOf(board.snapshot());
  const [atOnce, oneByOne] = [createBoardIndex(), createBoardIndex()];

  atOnce.apply(tasks);
  for (const task of tasks) oneByOne.apply([task]);

  expect(listed(oneByOne, [ann])).toEqual(listed(atOnce, [ann]));
  expect(atOnce.section("withheld").map(({ title }) => title)).toEqual([
    "task 1",
    "task 2",
    "task 6",
    "task 8",
    "task 9",
  ]);
  expect(atOnce.section("working").map(({ title }) => title)).toEqual(["task 3"]);
});
