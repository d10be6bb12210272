/** Bugs between replicas: the relay, the mesh, and who mends what was lost. */
import type { Bug } from "../bug.ts";

/** In the memory network, which plays by the contract of every transport. */
export const mediumBugs: readonly Bug[] = [
  {
    name: "no re-arm after reconnect",
    what: "a marker that was lost in a break is not sent again",
    edits: [
      {
        file: "adapters/transport/memory/relay.ts",
        find: "goal.marker = null; // a marker from before the break proves nothing after it",
        replace: "",
      },
    ],
    suite: { by: "verify", topology: "relay", maxSteps: 25 },
    expect: ["progress"],
  },
  {
    name: "marker overtakes updates",
    what: "the relay echoes a marker at once, and takes its time over the updates that came before",
    edits: [
      {
        file: "adapters/transport/memory/relay.ts",
        find: "deliver: (message) => board.process(message, down),",
        replace: `deliver: (message) =>
                message.kind === "update"
                    ? void this.#seat.clock.schedule(50, () => board.process(message, down))
                    : board.process(message, down),`,
      },
    ],
    suite: { by: "verify", topology: "relay", maxSteps: 25 },
    expect: ["one-executor"],
  },
  {
    name: "break not noticed",
    what: "a client whose connection broke goes on as if it were up",
    edits: [
      {
        file: "adapters/transport/memory/relay.ts",
        find: "if (this.#stream === stream)",
        replace: "if (this.#stream === stream && false)",
      },
    ],
    suite: { by: "verify", topology: "relay", maxSteps: 25 },
    expect: ["progress", "durability"],
  },
  {
    name: "offline work stays at home",
    what: "a client that comes back takes what it lacks, and does not send what it wrote meanwhile",
    edits: [
      {
        file: "adapters/transport/memory/relay.ts",
        find: "if (news !== null && this.#stream !== null)",
        replace: "if (false)",
      },
    ],
    suite: { by: "verify", topology: "relay", maxSteps: 25 },
    expect: ["progress", "convergence", "durability"],
  },
  {
    name: "gap never mended",
    what: "a mesh does not ask again for what was lost on the way",
    edits: [
      {
        file: "adapters/transport/memory/mesh.ts",
        find: "this.#cancelRepair ??=",
        replace: "if (false) this.#cancelRepair ??=",
      },
    ],
    suite: { by: "verify", topology: "mesh", maxSteps: 25 },
    expect: ["progress", "convergence"],
  },
  {
    name: "sync that asks nobody",
    what: "a sync over a relay is answered at once",
    edits: [
      {
        file: "adapters/transport/memory/relay.ts",
        find: 'this.send(this.#stream.up, { kind: "marker", marker });',
        replace: "this.resolveSyncs(() => true);",
      },
    ],
    suite: { by: "contract", of: "transport" },
    expect: ["T7", "T6", "T8"],
  },
];
