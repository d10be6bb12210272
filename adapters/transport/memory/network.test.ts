import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ContractReplica, createContractReplica } from "../../contract/transport/replica.ts";
import {
  createMemoryNetwork,
  createSeededRandom,
  createVirtualClock,
  type MemoryNetworkOptions,
  type MemoryNetworkTraceEntry,
} from "../memory.ts";

/** A network on a virtual clock, and replicas named as their transports. */
function createBench(options: MemoryNetworkOptions & { readonly seed?: number } = {}) {
  const clock = createVirtualClock();
  const random = createSeededRandom(options.seed ?? 1);
  const trace: MemoryNetworkTraceEntry[] = [];
  const network = createMemoryNetwork({
    clock,
    random,
    trace: (entry) => trace.push(entry),
    ...options,
  });
  const connect = (name: string, rule = "earliest@1"): ContractReplica => {
    const transport = network.createTransport(name);
    const replica = createContractReplica(
      { clock, random, createTransport: () => transport },
      { name, board: "docs#1", rule },
    );
    replica.connect();
    return replica;
  };
  return { clock, network, trace, connect };
}

function hasConverged(...replicas: readonly ContractReplica[]): boolean {
  return replicas.every((reader) =>
    replicas.every((writer) => reader.countOf(writer) === writer.countOf(writer)),
  );
}

const topologies = ["mesh", "relay"] as const;
const latencyMs = { min: 5, max: 50 };

describe.each(topologies)("any network: %s", (topology) => {
  test("[N4] nothing happens until the clock moves, and each message takes its latency", () => {
    const { clock, network, trace, connect } = createBench({
      topology,
      latencyMs: { min: 10, max: 20 },
    });
    const [ada, ben] = [connect("ada"), connect("ben")];
    ada.write();

    const sentAtOnce = network.stats.sent;
    clock.advance(9);
    const deliveredEarly = network.stats.delivered;
    clock.runUntilIdle();

    expect(sentAtOnce).toBe(0);
    expect(deliveredEarly).toBe(0);
    expect(hasConverged(ada, ben)).toBe(true);
    for (const { at } of trace.filter(({ fate }) => fate === "delivered")) {
      expect(at).toBeGreaterThanOrEqual(10);
    }
  });

  test("[N4] one seed gives one trace, message by message, and another seed another", () => {
    const run = (seed: number): readonly string[] => {
      const { clock, trace, connect } = createBench({
        topology,
        latencyMs,
        lossRate: 0.1,
        duplicateRate: 0.1,
        reorderRate: 0.1,
        seed,
      });
      const replicas = ["ada", "ben", "cleo"].map((name) => connect(name));
      replicas.forEach(({ doc }, index) => {
        doc.clientID = index + 1; // Yjs draws it from a randomness of its own
      });
      for (let round = 0; round < 20; round++) {
        replicas[round % 3]?.write();
        clock.advance(20);
      }
      return trace.map((entry) => JSON.stringify(entry));
    };

    const [first, again, other] = [run(5), run(5), run(6)];

    expect(first.length).toBeGreaterThan(30);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("[N4] the counts add up, and each connection counts the bytes that it sent", () => {
    const { clock, network, trace, connect } = createBench({ topology, latencyMs });
    const [ada, ben] = [connect("ada"), connect("ben")];
    ada.write(5);
    clock.runUntilIdle();
    ada.connection.sendPresence([{ agent: ada.agent, slots: 1 }]);
    clock.runUntilIdle();

    const { sent, delivered, lost, bytesSent } = network.stats;

    expect(sent).toBe(delivered + lost);
    expect(lost).toBe(0);
    expect(sent).toBe(trace.filter(({ fate }) => fate === "sent").length);
    expect(ada.connection.bytesSent).toBe(bytesBy("ada", trace));
    expect(ben.connection.bytesSent).toBe(bytesBy("ben", trace));
    expect(bytesSent).toBe(
      ["ada", "ben", "relay"].reduce((sum, by) => sum + bytesBy(by, trace), 0),
    );
  });

  test("[N5] all converge while messages are lost, repeated and reordered, and then all is quiet", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { clock, network, connect } = createBench({
        topology,
        latencyMs,
        lossRate: 0.2,
        duplicateRate: 0.2,
        reorderRate: 0.2,
        seed,
      });
      const replicas = ["ada", "ben", "cleo"].map((name) => connect(name));
      for (let round = 0; round < 30; round++) {
        replicas[round % 3]?.write(1 + (round % 2));
        clock.advance(15);
      }
      replicas.forEach(({ doc }) => {
        doc.getText("text").insert(0, "a word");
        doc.getText("text").delete(0, 3);
      });

      clock.advance(1);
      network.setFaults({});
      clock.runUntilIdle(10_000);

      expect(hasConverged(...replicas)).toBe(true);
      expect(new Set(replicas.map(({ doc }) => doc.getText("text").toString())).size).toBe(1);
      expect(network.stats.lost).toBeGreaterThan(0);
      expect(replicas.map(({ connection }) => connection.status)).toEqual(
        replicas.map(() => "synced"),
      );
      expect(clock.pendingCount).toBe(0);
    }
  });

  test("[N5] a deletion that was lost is mended as well", () => {
    const { clock, network, connect } = createBench({ topology, latencyMs });
    const [ada, ben] = [connect("ada"), connect("ben")];
    ada.doc.getText("text").insert(0, "a word");
    clock.runUntilIdle();
    network.setFaults({ lossRate: 1 });
    ada.doc.getText("text").delete(1, 5);
    clock.advance(100);
    const early = ben.doc.getText("text").toString();
    network.setFaults({});
    clock.runUntilIdle();

    expect(early).toBe("a word");
    expect(ben.doc.getText("text").toString()).toBe("a");
  });

  test("[N6] groups of a partition go their ways, and are one again once it is healed", () => {
    const { clock, network, connect } = createBench({ topology, latencyMs });
    const [ada, ben, cleo] = [connect("ada"), connect("ben"), connect("cleo")];
    ada.write();
    clock.runUntilIdle();

    network.partition([["ada"], ["ben", "cleo", "relay"]]);
    ada.write(2);
    ben.write(3);
    clock.runUntilIdle();
    const apart = {
      atAda: ada.countOf(ben),
      atBen: ben.countOf(ada),
      atCleo: cleo.countOf(ben),
      statuses: [ada, ben].map(({ connection }) => connection.status),
    };
    network.heal();
    clock.runUntilIdle();

    expect(apart).toEqual({ atAda: 0, atBen: 1, atCleo: 3, statuses: ["offline", "synced"] });
    expect(hasConverged(ada, ben, cleo)).toBe(true);
    expect(ada.statuses.slice(-4)).toEqual(["synced", "offline", "syncing", "synced"]);
  });

  test("[N6] a cut loses what is under way, and a replica that comes later is cut off as well", () => {
    const { clock, network, connect } = createBench({ topology, latencyMs });
    const ada = connect("ada");
    clock.runUntilIdle();
    ada.write();
    const other = topology === "relay" ? "relay" : "ben";

    network.cut("ada", other);
    const ben = connect("ben");
    clock.runUntilIdle();
    const atBen = ben.countOf(ada);
    network.heal("ada", other);
    clock.runUntilIdle();

    expect(atBen).toBe(0);
    expect(network.stats.lost).toBe(topology === "relay" ? 1 : 0);
    expect(ben.countOf(ada)).toBe(1);
  });

  test("[N7] who crashes before its connection has begun is never heard of", () => {
    const { clock, network, connect } = createBench({ topology, latencyMs });
    const [ada, ben] = [connect("ada"), connect("ben")];
    ada.write();

    network.crash("ada");
    clock.runUntilIdle();

    expect(ada.statuses).toEqual([]);
    expect(ben.countOf(ada)).toBe(0);
  });

  test("[N7] a crash is silent: nothing under way arrives, nothing is called back, no promise settles", async () => {
    const { clock, network, connect } = createBench({ topology, latencyMs });
    const [ada, ben] = [connect("ada"), connect("ben")];
    clock.runUntilIdle();
    let isSettled = false;
    ada.write();
    void ada.connection.sync().finally(() => {
      isSettled = true;
    });
    const statuses = [...ada.statuses];

    network.crash("ada");
    ben.write();
    await clock.settle(() => clock.pendingCount === 0);
    ada.write();
    const apart = { atAda: ada.countOf(ben), atBen: ben.countOf(ada) };
    ada.connect();
    await clock.settle(() => hasConverged(ada, ben));

    expect(isSettled).toBe(false);
    expect(statuses.at(-1)).toBe("synced");
    expect(apart).toEqual({ atAda: 0, atBen: 0 });
  });
});

describe("a mesh", () => {
  test("[N8] what one peer could not send, another that has it passes on, also after a crash", () => {
    const { clock, network, connect } = createBench({ topology: "mesh", latencyMs });
    const [ada, ben, cleo] = [connect("ada"), connect("ben"), connect("cleo")];
    clock.runUntilIdle();
    network.cut("ada", "cleo");
    ada.write(2);
    clock.advance(60);
    const early = [ben.countOf(ada), cleo.countOf(ada)];

    network.crash("ada");
    clock.runUntilIdle();

    expect(early).toEqual([2, 0]);
    expect(cleo.countOf(ada)).toBe(2);
  });

  test("[N8] resync asks at once, long before the peers would be asked again", () => {
    const { clock, network, connect } = createBench({ topology: "mesh", latencyMs });
    const [ada, ben] = [connect("ada"), connect("ben")];
    clock.runUntilIdle();
    network.cut("ada", "ben", { oneWay: true });
    ada.write(3);
    ben.write();
    clock.advance(60);
    network.heal();
    const oneWay = [ada.countOf(ben), ben.countOf(ada)];

    ben.connection.resync();
    clock.advance(100);

    expect(oneWay).toEqual([1, 0]);
    expect(ben.countOf(ada)).toBe(3);
  });

  test("[N8] sync waits for each peer in reach, and for none when alone", async () => {
    const { clock, network, connect } = createBench({ topology: "mesh", latencyMs });
    const [ada, ben, cleo] = [connect("ada"), connect("ben"), connect("cleo")];
    clock.runUntilIdle();
    network.cut("ada", "cleo", { oneWay: true });
    ada.write();
    let isSettled = false;
    const synced = ada.connection.sync().then(() => {
      isSettled = true;
    });

    await clock.advanceAsync(300);
    const early = { isSettled, atBen: ben.countOf(ada) };
    network.heal();
    await clock.settle(() => isSettled);
    const atCleo = cleo.countOf(ada);
    await Promise.all([ben, cleo].map(({ connection }) => connection.close()));
    ada.write();
    await ada.connection.sync();

    await synced;
    expect(early).toEqual({ isSettled: false, atBen: 1 });
    expect(atCleo).toBe(1);
  });
});

describe("a relay", () => {
  test("[N9] a lost message breaks the connection, which is made anew and brings all", () => {
    const { clock, network, connect } = createBench({ topology: "relay", latencyMs });
    const [ada, ben] = [connect("ada"), connect("ben")];
    clock.runUntilIdle();
    network.setFaults({ lossRate: 1 });
    ada.write(3);
    const sentUntilLoss = network.stats.sent;
    network.setFaults({});
    ada.write();
    clock.runUntilIdle();

    expect(sentUntilLoss).toBeGreaterThan(0);
    expect(network.stats.lost).toBe(4);
    expect(ben.countOf(ada)).toBe(4);
    expect(ada.statuses.slice(-4)).toEqual(["synced", "offline", "syncing", "synced"]);
    expect(ben.statuses).toEqual(["syncing", "synced"]);
  });

  test("[N9] a stream hands over nothing twice or out of order, whatever the rates", () => {
    const { clock, network, connect } = createBench({
      topology: "relay",
      latencyMs,
      duplicateRate: 1,
      reorderRate: 1,
    });
    const [ada, ben] = [connect("ada"), connect("ben")];
    for (let round = 0; round < 20; round++) {
      ada.write();
      clock.advance(10);
    }
    clock.runUntilIdle();

    expect(hasConverged(ada, ben)).toBe(true);
    expect(ben.breaches).toEqual([]);
    expect(network.stats.duplicated).toBe(0);
  });

  test("[N10] a sync under way in a break starts anew after it, with what came meanwhile", async () => {
    const { clock, network, connect } = createBench({
      topology: "relay",
      latencyMs: { min: 10, max: 10 },
    });
    const [ada, ben] = [connect("ada"), connect("ben")];
    clock.runUntilIdle();
    ada.write();
    let seenAtEcho = -1;
    const synced = ada.connection.sync().then(() => {
      seenAtEcho = ada.countOf(ben);
    });
    clock.advance(15); // the marker has been at the relay, its echo is under way

    network.cut("ada", "relay");
    ben.write(2);
    clock.runUntilIdle();
    await clock.advanceAsync(0);
    const seenInBreak = seenAtEcho;
    network.heal();
    await clock.settle(() => seenAtEcho >= 0);

    await synced;
    expect(seenInBreak).toBe(-1);
    expect(seenAtEcho).toBe(2);
  });

  test("[N10] of any two claimants the later at the relay has seen the earlier, under any delay and break", async () => {
    const claimant = fc.record({ delayMs: fc.nat(120), cutAfterMs: fc.option(fc.nat(80)) });
    const schedule = fc.record({
      seed: fc.integer(),
      lossPercent: fc.nat(20),
      claimants: fc.array(claimant, { minLength: 2, maxLength: 4 }),
    });

    await fc.assert(
      fc.asyncProperty(schedule, async ({ seed, lossPercent, claimants }) => {
        const { clock, network, connect } = createBench({
          topology: "relay",
          latencyMs: { min: 1, max: 60 },
          lossRate: lossPercent / 100,
          seed,
        });
        const replicas = claimants.map((_, index) => connect(`claimant-${index}`));
        const views = new Map<ContractReplica, readonly ContractReplica[]>();
        claimants.forEach(({ delayMs, cutAfterMs }, index) => {
          const self = replicas[index] ?? connect("nobody");
          clock.schedule(delayMs, async () => {
            self.write();
            await self.connection.sync();
            views.set(
              self,
              replicas.filter((rival) => self.countOf(rival) > 0),
            );
          });
          if (cutAfterMs !== null) {
            clock.schedule(delayMs + cutAfterMs, () => network.cut(`claimant-${index}`, "relay"));
            clock.schedule(delayMs + cutAfterMs + 50, () => network.heal());
          }
        });

        await clock.settle(() => views.size === replicas.length);

        for (const [first, seenByFirst] of views) {
          for (const [second, seenBySecond] of views) {
            expect(seenByFirst.includes(second) || seenBySecond.includes(first)).toBe(true);
          }
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});

function bytesBy(name: string, trace: readonly MemoryNetworkTraceEntry[]): number {
  return trace
    .filter(({ fate, from }) => fate === "sent" && from === name)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

describe("messages under way", () => {
  const steady = { min: 10, max: 10 };

  test("[N11] one can be delivered at once, ahead of those before it, and comes no second time", () => {
    const { clock, network, connect } = createBench({ latencyMs: steady });
    const [ada, ben] = [connect("ada"), connect("ben")];
    clock.runUntilIdle();

    ada.write();
    ada.write();
    const [, second] = [...network.inFlight].filter(({ kind }) => kind === "update");
    second?.deliver();
    const atOnce = [...network.inFlight].filter(({ kind }) => kind === "update");
    clock.runUntilIdle();

    expect(atOnce).toHaveLength(1);
    expect(hasConverged(ada, ben)).toBe(true);
    expect([...network.inFlight]).toEqual([]);
  });

  test("[N11] on a stream it takes those before it along, in their order", () => {
    const { network, clock, connect, trace } = createBench({
      topology: "relay",
      latencyMs: steady,
    });
    const ada = connect("ada");
    clock.runUntilIdle();
    ada.write();
    ada.write();
    ada.write();

    [...network.inFlight][1]?.deliver();

    expect([...network.inFlight]).toHaveLength(1);
    expect(
      trace.filter(({ fate, kind }) => fate === "delivered" && kind === "update"),
    ).toHaveLength(2);
  });

  test("[N11] a dropped one is lost, which breaks a stream, and a repeated one comes twice", () => {
    for (const topology of topologies) {
      const { clock, network, connect, trace } = createBench({ topology, latencyMs: steady });
      const [ada, ben] = [connect("ada"), connect("ben")];
      clock.runUntilIdle();
      ada.write();

      [...network.inFlight].at(-1)?.drop();
      ada.write();
      [...network.inFlight].at(-1)?.duplicate();
      clock.runUntilIdle();

      expect(trace.some(({ fate, kind }) => fate === "lost" && kind === "update")).toBe(true);
      expect(trace.some(({ fate }) => fate === "duplicated")).toBe(topology === "mesh");
      expect(hasConverged(ada, ben)).toBe(true);
    }
  });

  test("[N7] who crashes while a message of theirs is being lost never comes back", () => {
    const { clock, network, connect } = createBench({ topology: "relay", latencyMs: steady });
    const [ada, ben] = [connect("ada"), connect("ben")];
    clock.runUntilIdle();
    ada.write();

    [...network.inFlight].at(-1)?.drop();
    network.crash("ada");
    clock.advance(2000);

    expect(ben.countOf(ada)).toBe(0);
  });

  test("[N12] a relay that restarts without its memory gets everything back from its clients", () => {
    const { clock, network, connect } = createBench({ topology: "relay", latencyMs: steady });
    const [ada, ben] = [connect("ada"), connect("ben")];
    ada.write();
    clock.runUntilIdle();

    network.restartRelay();
    ben.write();
    clock.runUntilIdle();
    const cleo = connect("cleo");
    clock.runUntilIdle();

    expect(hasConverged(ada, ben, cleo)).toBe(true);
  });
});
