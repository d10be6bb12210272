/**
 * Low latency, fault tolerance, at most one executor: pick two, per task. The same cut, once under each guarantee: the
 * optimistic agents work on at once and one result stands; the settled ones wait for the relay, and one works.
 */
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { type Agent, type Board, type Guarantee, getTask, openBoard } from "../../lib/index.ts";

for (const guarantee of ["optimistic", "settled"] as const) await cutAndHeal(guarantee);

async function cutAndHeal(guarantee: Guarantee): Promise<void> {
  const network = createMemoryNetwork({ topology: "relay" });
  const transports = ["ann", "bob"].map((name) => network.createTransport(name));
  const boards = await Promise.all(
    transports.map((transport) => openBoard({ board: "dam", transport })),
  );
  const [here, there] = boards as [Board, Board];
  const [ann, bob] = (await Promise.all([
    here.join({ name: "ann" }),
    there.join({ name: "bob" }),
  ])) as [Agent, Agent];
  const task = await ann.add({ title: "open the sluice", guarantee });
  await Promise.all(boards.map((board) => board.sync()));

  network.partition([["ann"], ["bob"], ["relay"]]);
  let executors = 0;
  const attempts = [ann, bob].map(async (agent) => {
    const outcome = await agent.claim(task, { guarantee });
    if (!outcome.ok) return;
    executors++;
    await outcome.claim.complete(`by ${agent.name}`);
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const early = executors;
  console.log(`${guarantee}: ${early} of 2 began while they were cut off from each other`);
  network.heal();
  await Promise.all(attempts);
  await Promise.all(boards.map((board) => board.sync()));

  const [mine, theirs] = boards.map((board) => getTask(board.snapshot(), task));
  const isSame = JSON.stringify(mine) === JSON.stringify(theirs);
  const kept = mine?.alternates.length ?? 0;
  console.log(`${guarantee}: in the end ${executors} worked, 1 result stands, ${kept} kept aside`);
  console.log(`${guarantee}: both replicas agree: ${isSame}; ${here.ledger(task).records} records`);
  await Promise.all(boards.map((board) => board.close()));
}
