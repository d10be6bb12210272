/** Nobody reviews their own work: a result is sent back with a reason, which the next holder reads, and then approved. */
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { type Agent, getTask, openBoard } from "../../lib/index.ts";

const network = createMemoryNetwork();
const board = await openBoard({ board: "press", transport: network.createTransport() });
const ann = await board.join({ name: "ann" });
const bob = await board.join({ name: "bob" });
const eve = await board.join({ name: "eve", capabilities: ["editor"] });

const page = await ann.add({
  title: "Write the front page",
  review: { by: { capability: "editor" }, approvals: 1 },
  maxAttempts: 3,
});

await write(ann, "All is well.");
console.log(
  `ann approves it herself: ${reasonOf(await ann.review(page, { verdict: "approved" }))}`,
);
await eve.review(page, { verdict: "rejected", reason: "It says nothing about the storm." });
console.log(`sent back: the task is ${getTask(board.snapshot(), page)?.state} again`);

await write(bob, "A storm came; all is well.");
await eve.review(page, { verdict: "approved" });
const task = getTask(board.snapshot(), page);
console.log(`${task?.state}: ${JSON.stringify(task?.completion?.result)}`);
for (const loser of board.explain(page).losers)
  console.log(`attempt ${loser.attempt}: ${plain(loser.reason)}`);
await board.close();

async function write(agent: Agent, text: string): Promise<void> {
  const outcome = await agent.claim(page);
  if (!outcome.ok) throw new Error(outcome.reason);
  const { isInReview } = { isInReview: false, ...(await outcome.claim.complete(text)) };
  console.log(`${agent.name} hands in attempt ${outcome.claim.attempt}; in review: ${isInReview}`);
}

function reasonOf(outcome: { ok: boolean; reason?: string }): string {
  return outcome.ok ? "done" : `refused, ${outcome.reason}`;
}

function plain(text: string): string {
  return text.replaceAll(/~\w+/gu, "");
}
