/** A peer that keeps no rule of ours: what it writes must harm nobody else's records, and stop nobody. */
import { applyUpdate, Doc } from "yjs";
import type {
  MemoryNetwork,
  SeededRandom,
  VirtualClock,
} from "../../../adapters/transport/memory.ts";
import type { AgentId, Task } from "../../../lib/index.ts";
import { LEASE_MS } from "./step.ts";

/** Somebody with a bare document. */
export interface HostilePeer {
  /** Writes something, by its number; about a task where there is one. */
  write(act: number, task: Task | undefined): void;
  /** Its document; what it wrote counts as arrived once others have as much. */
  readonly doc: Doc;
  leave(): void;
}

/** Who it says it is. */
export const HOSTILE_AGENT: AgentId = "mal~00000000" as AgentId;

/** Connects a bare document to the network. */
export function createHostilePeer(world: {
  readonly network: MemoryNetwork;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly rule: string;
}): HostilePeer {
  const { network, clock, random, rule } = world;
  const doc = new Doc({ gc: false, guid: "hostile" });
  doc.clientID = 1 + random.integer(2 ** 31);
  const connection = network.createTransport("mal").connect({
    board: "docs#1",
    rule,
    doc,
    clock,
    random,
    receive(updates, origin) {
      for (const update of updates) applyUpdate(doc, update, origin);
    },
    receivePresence() {},
    statusChanged() {},
    fault() {},
  });
  const log = doc.getArray<unknown>(`log/${HOSTILE_AGENT}/0`);
  const push = (body: object): void => {
    const n = log.length;
    log.push([{ n, at: n + 1, ...body }]);
  };
  const join = (): void => {
    if (log.length > 0) return;
    push({
      kind: "joined",
      v: 1,
      name: "mal",
      capabilities: [],
      rule,
      leaseMs: LEASE_MS,
    });
  };

  const acts: readonly ((task: Task | undefined) => void)[] = [
    () => push({ kind: "claimed", task: 7, attempt: -1 }),
    (task) => {
      join();
      const at = 1 + (task?.added.at ?? 0) + log.length;
      push({ kind: "claimed", task: task?.id ?? "nothing", attempt: task?.nextAttempt ?? 1, at });
    },
    () => {
      join();
      push({ kind: "dreamt", of: { electric: ["sheep"] } });
    },
    join,
    (task) => {
      join();
      push({ kind: "completed", task: task?.id ?? "nothing", claim: 3, result: "mine" });
    },
    (task) => {
      join();
      const claim = task?.winner;
      const at = 1 + (claim?.at ?? 0) + log.length;
      if (task !== undefined && claim)
        push({ kind: "expired", task: task.id, holder: claim.agent, claim: claim.n, at });
    },
    () => push(JSON.parse('{"kind":"noted","__proto__":{"isAdmin":true}}')),
    () => doc.getMap("tasks").set("t1", { winner: HOSTILE_AGENT }),
    (task) => {
      join();
      push({ kind: "added", task: task?.id ?? "nothing", title: "" });
    },
    () => void log.push(["no record", null, 42, [[[[[[[[[[[]]]]]]]]]]]]),
  ];

  return {
    doc,
    write: (act, task) => doc.transact(() => acts[act % acts.length]?.(task)),
    leave() {
      void connection.close();
      doc.destroy();
    },
  };
}
