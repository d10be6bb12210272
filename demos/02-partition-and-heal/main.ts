/**
 * A network falls in two, and both halves work on: nobody waits for a server that cannot be reached. Once it heals every
 * replica holds all that was done, and of the task that both halves took, one claim stands, the same one everywhere.
 */
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { openBoard, type TaskId, tasksOf } from "../../lib/index.ts";

const network = createMemoryNetwork();
const names = ["ann", "bob", "cyd", "dee"];
const seats = await Promise.all(
  names.map(async (name) => {
    const board = await openBoard({ board: "bridge", transport: network.createTransport(name) });
    return { name, board, agent: await board.join({ name }) };
  }),
);
const seat = (name: string) => seats.find((one) => one.name === name) ?? seats[0];
const [ann, cyd] = [seat("ann"), seat("cyd")];
if (!ann || !cyd) throw new Error("four agents were to join");
const both = await ann.agent.add({ title: "paint the middle" });
await inStep();

network.partition([
  ["ann", "bob"],
  ["cyd", "dee"],
]);
console.log("the network falls in two: ann and bob here, cyd and dee there");
await workAlone("bob", "mend the left end");
await workAlone("dee", "mend the right end");
const claims = [await ann.agent.claim(both), await cyd.agent.claim(both)];
console.log(`the middle is claimed in ${claims.filter(({ ok }) => ok).length} halves at once`);
for (const { name, board } of seats) console.log(`${name} sees ${countsOf(board)}`);

network.heal();
await inStep();
console.log("it heals");
for (const { name, board } of seats) console.log(`${name} sees ${countsOf(board)}`);
for (const [i, outcome] of claims.entries())
  if (outcome.ok) {
    const { claim } = outcome;
    console.log(
      `${i === 0 ? "ann" : "cyd"}: ${claim.signal.aborted ? `stopped, ${claim.signal.reason}` : "works on"}`,
    );
  }
for (const { reason } of ann.board.explain(both).losers) console.log(plain(reason));
const views = new Set(seats.map(({ board }) => JSON.stringify(tasksOf(board.snapshot()))));
console.log(`different answers among four replicas: ${views.size - 1}`);
await Promise.all(seats.map(({ board }) => board.close()));

/** Adds a task and does it, with only one's own half to hear of it. */
async function workAlone(name: string, title: string): Promise<void> {
  const agent = seat(name)?.agent;
  const id = (await agent?.add({ title })) as TaskId;
  const outcome = await agent?.claim(id);
  if (outcome?.ok) await outcome.claim.complete(`done by ${name}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
}

async function inStep(): Promise<void> {
  for (let round = 0; round < 2; round++) await Promise.all(seats.map(({ board }) => board.sync()));
}

function countsOf(board: (typeof seats)[number]["board"]): string {
  const { completed, working } = board.snapshot().counts;
  return `${completed} done, ${working} at work`;
}

function plain(text: string): string {
  return text.replaceAll(/~\w+/gu, "");
}
