/** Two agents, one task, no leader: both ask for it at once, and exactly one gets it. */
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { openBoard } from "../../lib/index.ts";

const network = createMemoryNetwork({ topology: "relay" });
const here = await openBoard({ board: "house", transport: network.createTransport() });
const there = await openBoard({ board: "house", transport: network.createTransport() });
const ann = await here.join({ name: "ann" });
const bob = await there.join({ name: "bob" });

const roof = await ann.add({ title: "mend the roof" });
await Promise.all([here.sync(), there.sync()]);
const outcomes = await Promise.all([ann.claim(roof), bob.claim(roof)]);
const claims = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.claim] : []));
console.log(`${claims.length} of 2 may work, with a ${claims[0]?.guarantee} claim`);

await claims[0]?.complete("mended");
await Promise.all([here.sync(), there.sync()]);
const done = [here, there].map((board) => board.snapshot().counts.completed);
console.log(`tasks done, as each replica sees it: ${done.join(" and ")}`);
await Promise.all([here.close(), there.close()]);
