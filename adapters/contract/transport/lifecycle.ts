/** Rules T6 and T7: a connection's status from connect to close, and signs of life. */
import { encodeStateAsUpdate } from "yjs";
import type { TransportCapabilities } from "../../../lib/index.ts";
import { type ContractTest, check, checkSame } from "./bench.ts";
import type { ContractReplica } from "./replica.ts";

/** Registers the tests of the status. */
export function describeLifecycle(test: ContractTest): void {
  test("[T6] the status leads to synced, on close to closed, and is told as it changes", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];

    const connection = ada.connect();
    const atOnce = connection.status;
    const toldAtOnce = ada.statuses.length;
    ben.connect();
    await bench.until("both are synced", () =>
      [ada, ben].every((replica) => replica.connection.status === "synced"),
    );
    const beforeClose = ada.statuses.at(-1);
    await bench.wait("the close is done", connection.close());
    await bench.wait("the second close is done", connection.close());

    check(["offline", "syncing"].includes(atOnce), "nothing is synced before it was asked", atOnce);
    checkSame(toldAtOnce, 0, "connect returns before it calls back");
    checkSame(beforeClose, "synced", "the link is told of synced");
    checkSame(connection.status, "closed", "a closed connection says so");
    checkSame(
      ada.statuses.filter((status) => status === "closed").length,
      1,
      "the link is told once of closed",
    );
    checkSame(ada.statuses.at(-1), "closed", "no status follows closed");
  });

  test("[T6] nothing is received after a close", async (bench) => {
    const [ada, ben, cleo] = [bench.createReplica(), bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben, cleo);
    ada.write();
    await bench.untilConverged(ada, ben, cleo);

    await bench.wait("the close is done", ben.connection.close());
    const receivedAtClose = ben.received.length;
    ada.write(3);
    await bench.untilConverged(ada, cleo);
    await bench.wait("ada's writes are safe", ada.connection.sync());

    checkSame(ben.received.length, receivedAtClose, "a closed connection hands over nothing");
    checkSame(ben.countOf(ada), 1, "the closed replica stays as it was");
  });

  test("[T6] what was written right before a close still arrives", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);

    ada.write(3);
    await bench.wait("the close is done", ada.connection.close());

    await bench.untilConverged(ada, ben);
  });
}

/** Registers the tests of presence, or of its declared absence. */
export function describePresence(test: ContractTest, capabilities: TransportCapabilities): void {
  if (capabilities.presence) {
    test("[T7] presence reaches the others and never enters the document", async (bench) => {
      const [ada, ben, cleo] = [
        bench.createReplica(),
        bench.createReplica(),
        bench.createReplica(),
      ];
      await bench.connect(ada, ben, cleo);
      const before = [ada, ben, cleo].map(({ doc }) => encodeStateAsUpdate(doc).length);

      ada.connection.sendPresence([{ agent: ada.agent, slots: 2 }]);
      await bench.until("both others heard of ada", () =>
        [ben, cleo].every((each) => isHeard(each, ada, 2)),
      );
      ada.connection.sendPresence([{ agent: ada.agent, slots: 0 }]);
      await bench.until("both others heard of the change", () =>
        [ben, cleo].every((each) => isHeard(each, ada, 0)),
      );

      const after = [ada, ben, cleo].map(({ doc }) => encodeStateAsUpdate(doc).length);
      checkSame(String(after), String(before), "presence leaves the documents' sizes as they were");
    });
  } else {
    test("[T7] without presence the transport says so and drops signs of life", async (bench) => {
      const [ada, ben] = [bench.createReplica(), bench.createReplica()];
      await bench.connect(ada, ben);

      ada.connection.sendPresence([{ agent: ada.agent, slots: 2 }]);
      ada.write();
      await bench.untilConverged(ada, ben);

      check(!bench.harness.createTransport().capabilities.presence, "presence is declared false");
      checkSame(ben.presences.length, 0, "no sign of life arrives");
    });
  }
}

function isHeard(by: ContractReplica, of: ContractReplica, slots: number): boolean {
  return by.presences.some((each) => each.agent === of.agent && each.slots === slots);
}
