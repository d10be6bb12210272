/** A handoff that loses nothing: what was decided, asked, tried in vain and made goes along, and is accepted by a named agent. */
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { type Claim, openBoard, type Packet } from "../../lib/index.ts";

const network = createMemoryNetwork({ topology: "relay" });
const here = await openBoard({ board: "ship", transport: network.createTransport() });
const there = await openBoard({ board: "ship", transport: network.createTransport() });
const ann = await here.join({ name: "ann", capabilities: ["design"] });
const bob = await there.join({ name: "bob", capabilities: ["welding"] });

const hull = await ann.add({ title: "Close the hull" });
const outcome = await ann.claim(hull);
if (!outcome.ok) throw new Error(`ann could not claim: ${outcome.reason}`);
const { claim } = outcome;

const thin = { summary: "nearly there" } as Packet;
await claim
  .handoff(thin, { to: { capability: "welding" } })
  .catch((error: Error) => console.log(`refused: ${error.message}`));

const packet: Packet = {
  summary: "Two of three plates are on.",
  decisions: ["Rivets below the water line."],
  questions: ["Who signs it off?"],
  deadEnds: [{ tried: "glue on plate 3", why: "it does not hold when wet" }],
  artifacts: [{ name: "drawing", mediaType: "image/svg+xml", uri: "https://example.org/hull.svg" }],
};
const working = bob.work((next) => weld(next));
const handed = await claim.handoff(packet, { to: { capability: "welding" }, patienceMs: 5000 });
console.log(handed.ok ? `ann: accepted by ${handed.to.split("~")[0]}` : `ann: ${handed.reason}`);
console.log(`ann's signal: ${claim.signal.reason}`);
await Promise.all([here.sync(), there.sync()]);
await bob.leave();
await working;
console.log(here.explain(hull).summary.replace(bob.id, "bob"));
await Promise.all([here.close(), there.close()]);

async function weld({ attempt, packet: given }: Claim): Promise<string> {
  console.log(`bob: attempt ${attempt}, and I know: ${given?.summary}`);
  for (const { tried, why } of given?.deadEnds ?? []) console.log(`bob: no ${tried}, ${why}`);
  return "closed";
}
