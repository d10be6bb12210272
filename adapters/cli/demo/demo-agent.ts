/** One agent of the demo, a process with a replica of its own. It is started with its part, and ends when all is done. */
import { brief, type Claim, countTasks } from "../../../lib/index.ts";
import { relayMedium } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import type { FromWorker } from "../work/message.ts";
import { idOf, type Part, play } from "./story.ts";
import { nameOf } from "./telling.ts";

/** What an agent tells the demo, beside what everybody sees on the board. */
export type FromAgent = FromWorker | { readonly kind: "says"; readonly line: string };

const { name, can, wants, ...parts } = JSON.parse(process.argv[2] ?? "") as Part;
const over = new AbortController();
const cue = new Promise<void>((resolve) => {
  process.once("message", () => resolve());
});
process.once("disconnect", () => process.exit()); // the demo is gone

const medium = relayMedium(parts.relay, parts.leaseMs, parts.tokenFile);
const board = await openSynced(medium, { syncTimeoutMs: 5000 });
const agent = await board.join({ name, capabilities: can, leaseMs: parts.leaseMs });
board.watch(({ snapshot }) => {
  if (snapshot.counts.completed === countTasks(snapshot)) over.abort();
});
say(wants === null ? sentenceOnBrief() : "joins");
send({ kind: "joined", agent: agent.id, name });
await cue;
if (wants !== null) await tryFirst(wants);
await agent.work(work, { signal: over.signal });
await agent.leave();
await board.sync();
await board.close();
process.disconnect();

async function tryFirst(wanted: string): Promise<void> {
  const id = idOf(wanted);
  const outcome = await agent.claim(id);
  if (!outcome.ok) {
    const by = "by" in outcome && outcome.by !== null ? nameOf(outcome.by) : "another";
    const why = board.explain(id).losers.find((loser) => loser.agent === agent.id)?.reason;
    return say(`has lost the race for “draw the plan”: ${by} holds it. ${why ?? ""}`);
  }
  const { claim } = outcome;
  try {
    const result = await work(claim);
    if (claim.signal.reason !== "handed-off") await claim.complete(result);
  } catch (error) {
    await claim.fail(String(error));
  }
}

async function work(claim: Claim): Promise<string> {
  const { task, attempt, packet } = claim;
  send({ kind: "started", task: task.id, attempt, pid: process.pid });
  if (packet !== null) say(`knows from the packet: ${packet.summary}`);
  return play(claim, parts.stepMs);
}

function sentenceOnBrief(): string {
  const { markdown, json } = brief(board);
  const items = json.sections.reduce((sum, { items: { length } }) => sum + length, 0);
  return `comes late and reads the brief: ${items} items in ${Buffer.byteLength(markdown)} bytes`;
}

function say(line: string): void {
  send({ kind: "says", line });
}

function send(message: FromAgent): void {
  process.send?.(message);
}
