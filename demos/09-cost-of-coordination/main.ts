/**
 * What coordination costs: agents that talk to each other need n(n-1)/2 conversations; here each writes once to the board,
 * so the records a task takes stay about the same however many agents there are.
 */
import { createMemoryNetwork } from "../../adapters/transport/memory.ts";
import { openBoard, tasksOf } from "../../lib/index.ts";

const TASKS = 100;

console.log("agents  pairs  records a task  claims a task  contested");
for (const count of [2, 5, 10, 20]) {
  const network = createMemoryNetwork();
  const boards = await Promise.all(
    Array.from({ length: count }, () =>
      openBoard({ board: "mill", transport: network.createTransport() }),
    ),
  );
  const agents = await Promise.all(boards.map((board) => board.join({ name: "hand" })));
  const [board] = boards;
  const [first] = agents;
  if (board === undefined || first === undefined) throw new Error("nobody joined");

  const stop = new AbortController();
  board.watch(
    ({ counts }) => counts.completed,
    (completed) => {
      if (completed === TASKS) stop.abort();
    },
  );
  const grind = () => new Promise((resolve) => setTimeout(resolve, 20 + 60 * Math.random()));
  const shifts = agents.map((agent) => agent.work(grind, { signal: stop.signal }));
  await new Promise((resolve) => setTimeout(resolve, 50)); // all have heard of each other
  await first.add(Array.from({ length: TASKS }, (_, i) => ({ title: `sack ${i + 1}` })));
  await Promise.all(shifts);

  const ledgers = tasksOf(board.snapshot()).map(({ id }) => board.ledger(id));
  const perTask = (pick: (ledger: (typeof ledgers)[number]) => number): string =>
    (ledgers.reduce((sum, ledger) => sum + pick(ledger), 0) / TASKS).toFixed(1);
  console.log(
    [
      String(count).padStart(6),
      String((count * (count - 1)) / 2).padStart(6),
      perTask(({ records }) => records).padStart(15),
      perTask(({ claims }) => claims).padStart(14),
      String(ledgers.reduce((sum, { contested }) => sum + contested, 0)).padStart(10),
    ].join(""),
  );
  await Promise.all(boards.map((one) => one.close()));
}
