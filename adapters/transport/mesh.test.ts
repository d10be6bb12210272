import { test } from "@jest/globals";
import { systemClock, systemRandom } from "../../lib/index.ts";
import { describeTransportContract, type TransportHarness } from "../contract/transport.ts";
import { MeshBench, quick, until } from "./mesh/workbench.ts";
import { createMeshTransport } from "./mesh.ts";

/** More nodes than any test of the contract makes. */
const NODES = 5;
const SECRET = "known to all five of us";

/** Makes a harness in which each node dials all before it, through gates. */
async function createHarness(): Promise<TransportHarness> {
  const bench = new MeshBench();
  const gates = await Promise.all(Array.from({ length: NODES }, () => bench.createGate()));
  let made = 0;
  return {
    clock: systemClock,
    random: systemRandom,
    createTransport() {
      const index = made++;
      return createMeshTransport({
        listen: { port: 0 },
        peers: gates.slice(0, index).map(({ address }) => address),
        secret: SECRET,
        ...quick,
        onListening(address) {
          Object.assign(gates[index] ?? {}, { target: address });
        },
      });
    },
    settle: until,
    breakConnections() {
      for (const gate of gates) {
        gate.shut();
      }
    },
    heal() {
      for (const gate of gates) {
        gate.open();
      }
    },
    close: () => bench.close(),
  };
}

describeTransportContract({
  test,
  capabilities: { barrier: false, presence: true },
  createHarness,
});
