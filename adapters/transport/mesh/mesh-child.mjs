/** A process of the mesh's tests: opens a board among its peers, does what it is told line by line, and tells what it sees. */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { listTasks, openBoard } from "../../../lib/index.ts";
import { createMeshTransport } from "../mesh.ts";

const [, , name, port, peers, secret] = process.argv;
const board = await openBoard({
  board: "race",
  transport: createMeshTransport({
    listen: { port: Number(port) },
    peers: peers === "" ? [] : peers.split(","),
    secret,
    maxBackoffMs: 50,
    repairMs: 100,
    onListening: (address) => tell({ address }),
  }),
  onFault: (fault) => tell({ fault: fault.message }),
});
const agent = await board.join({ name });
board.watch(({ snapshot }) => tell({ tasks: listTasks(snapshot).map(describe) }));

const actions = {
  /** Adds a task and waits until a peer has it too. */
  async add(title) {
    await agent.add({ title });
    await board.sync();
    tell({ added: title });
  },
  async claim(title) {
    const task = listTasks(board.snapshot()).find((each) => each.title === title);
    await agent.claim(task.id, { guarantee: "optimistic" });
    tell({ claimed: title });
  },
  /** Ends; nothing is left that would keep the process alive. */
  async end() {
    process.stdin.destroy();
    await board.close();
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const [action, argument] = line.split(" ");
  void actions[action](argument);
});

function describe({ title, winner, claims }) {
  return { title, winner: winner?.agent ?? null, claims: claims.length };
}

function tell(news) {
  writeSync(1, `${JSON.stringify(news)}\n`);
}
