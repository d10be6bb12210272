import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as Y from "yjs";
import type { BoardStore, Storage } from "../../../lib/index.ts";
import { createMemoryStorage } from "../../storage/memory.ts";
import { createVirtualClock, type VirtualClock } from "../memory/virtual-clock.ts";
import type { Relay, RelayOptions } from "../relay.ts";
import { LEDGER_BOARD } from "./ledger.ts";
import { settleSockets, Workbench } from "./workbench.ts";

let bench: Workbench;

beforeEach(() => {
  bench = new Workbench();
});

afterEach(() => bench.close());

test("[T17] a newcomer that knows nothing waits too, where the relay cannot know the past", async () => {
  const { relay, clock } = await start({ isFresh: false });

  expect(await heldFor(relay, clock)).toBe(5_000);
});

test("[T17] the longest lease of those present counts where it is longer", async () => {
  const { relay, clock } = await start({ isFresh: false });
  await bench.joinReplica(relay.address, { longestLeaseMs: 8_000 });

  expect(await heldFor(relay, clock)).toBe(8_000);
});

test.each([
  ["a relay at a port that it was just given", {}],
  ["a relay that is told to be fresh", { isFresh: true }],
])("[T17] %s holds nobody", async (_, options) => {
  const { relay, clock } = await start(options);

  expect(await heldFor(relay, clock)).toBe(0);
});

test("[T17] a new store is an unknown past, and a new board on a store that was there before is not", async () => {
  const storage = createMemoryStorage();
  const first = await start({ isFresh: false, storage });
  const onNewStore = await heldFor(first.relay, first.clock);
  await first.relay.close();
  const second = await start({ isFresh: false, storage });

  const known = await heldFor(second.relay, second.clock, "docs#1");
  const onOldStore = await heldFor(second.relay, second.clock, "other#1");

  expect([onNewStore, known, onOldStore]).toEqual([5_000, 0, 0]);
});

test("[T17] a board whose own store was lost is held, though the relay's is there", async () => {
  const storage = createLosingStorage();
  const first = await start({ isFresh: true, storage });
  await heldFor(first.relay, first.clock);
  await first.relay.close();
  storage.lose("docs#1");
  const second = await start({ isFresh: false, storage });

  expect(await heldFor(second.relay, second.clock)).toBe(5_000);
});

test("[T17] a board that was put back from a copy is held, whatever the copy remembers", async () => {
  const storage = createLosingStorage();
  const first = await start({ isFresh: true, storage });
  await heldFor(first.relay, first.clock);
  await first.relay.close();
  await storage.restore("docs#1", [joinedUpdate()]);
  const second = await start({ isFresh: false, storage });

  expect(await heldFor(second.relay, second.clock)).toBe(5_000);
});

test("[T17] no client may open the ledger", async () => {
  const { relay } = await start({});

  const client = await bench.openRaw(relay.address, LEDGER_BOARD);

  expect((await client.closed).code).toBe(4400);
});

async function start(
  options: Partial<RelayOptions>,
): Promise<{ readonly relay: Relay; readonly clock: VirtualClock }> {
  const clock = createVirtualClock();
  return { clock, relay: await bench.startRelay({ clock, holdMs: 5_000, ...options }) };
}

/** For how long a newcomer's marker gets no echo, looked at every second. */
async function heldFor(relay: Relay, clock: VirtualClock, board = "docs#1"): Promise<number> {
  const newcomer = await bench.joinReplica(relay.address, { board, longestLeaseMs: 1_000 });
  let isEchoed = false;
  const echo = newcomer.connection.sync().then(() => {
    isEchoed = true;
  });
  for (let waited = 0; ; waited += 1_000) {
    await settleSockets();
    if (isEchoed || waited > 20_000) {
      await newcomer.connection.close();
      await echo;
      return waited;
    }
    clock.advance(1_000);
  }
}

function joinedUpdate(): Uint8Array {
  const doc = new Y.Doc();
  doc.getArray("log/ada~00000000/0").push([{ n: 0, at: 1, kind: "joined" }]);
  return Y.encodeStateAsUpdate(doc);
}

/** A memory storage that can lose a board, and have it put back from a copy. */
function createLosingStorage(): Storage & {
  lose(board: string): void;
  restore(board: string, updates: readonly Uint8Array[]): Promise<void>;
} {
  const lost = new Set<string>();
  const [before, after] = [createMemoryStorage(), createMemoryStorage()];
  return {
    lose: (board) => void lost.add(board),
    async restore(board, updates) {
      lost.add(board);
      const store = await after.open(board);
      for (const update of updates) await store.append(update);
    },
    open: (board): Promise<BoardStore> => (lost.has(board) ? after : before).open(board),
  };
}
