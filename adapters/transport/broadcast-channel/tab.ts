/** The page of the tests in a browser: opens a board among the tabs, and offers to tests what they have it do. */
import { type Board, listTasks, openBoard } from "../../../lib/index.ts";
import { createBroadcastChannelTransport } from "../broadcast-channel.ts";

/** What a tab can be told to do. */
export interface Tab {
  add(title: string): Promise<void>;
  claim(title: string): Promise<boolean>;
  /** The tasks that it sees, with the agent's id of each winner. */
  tasks(): readonly {
    readonly title: string;
    readonly winner: string | null;
    readonly claims: number;
  }[];
  status(): Board["status"];
}

declare global {
  /** What this page offers. */
  var tab: Tab;
}

const board = await openBoard({
  board: "tabs",
  transport: createBroadcastChannelTransport({ repairMs: 200 }),
});
const agent = await board.join({ name: "tab" });

globalThis.tab = {
  async add(title) {
    await agent.add({ title });
  },
  async claim(title) {
    const task = listTasks(board.snapshot()).find((each) => each.title === title);
    if (task === undefined) {
      throw new Error(`this tab sees no task ${title}`);
    }
    return (await agent.claim(task.id, { guarantee: "optimistic" })).ok;
  },
  tasks: () =>
    listTasks(board.snapshot()).map(({ title, winner, claims }) => ({
      title,
      winner: winner?.agent ?? null,
      claims: claims.length,
    })),
  status: () => board.status,
};
