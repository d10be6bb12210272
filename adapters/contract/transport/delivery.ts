/** Rules T1 to T5, T30 and T31: what reaches whom, in which order, how often, and at how many bytes. */
import { decodeUpdate, encodeStateAsUpdate, encodeStateVector } from "yjs";
import { type ContractTest, check } from "./bench.ts";
import type { ContractReplica } from "./replica.ts";

/** How long others go on writing while one joins. */
const JOIN_MS = 200;

/** Registers the tests of delivery. */
export function describeDelivery(test: ContractTest): void {
  test("[T1] two replicas converge in both directions", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);

    ada.write(3);
    ben.write(4);

    await bench.untilConverged(ada, ben);
  });

  test("[T1] three replicas that write at once converge", async (bench) => {
    const [ada, ben, cleo] = [bench.createReplica(), bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben, cleo);

    for (let round = 0; round < 5; round++) {
      ada.write();
      ben.write(2);
      cleo.write(3);
    }

    await bench.untilConverged(ada, ben, cleo);
  });

  test("[T2] one sender's updates arrive in the order in which it made them", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);
    const seen: number[] = [];
    ben.doc.on("update", () => seen.push(ben.countOf(ada)));

    for (let round = 0; round < 10; round++) {
      ada.write(5);
      await bench.until("some have arrived", () => ben.countOf(ada) > round * 5);
    }
    await bench.untilConverged(ada, ben);

    // Gaps, and updates handed over before their predecessor, are breaches that the bench reports.
    check(
      seen.every((count, index) => count >= (seen[index - 1] ?? 0)),
      "what ben has of ada only grows",
      seen,
    );
  });

  test("[T3] a late joiner gets everything, also what is written while it joins", async (bench) => {
    const [ada, ben, late] = [bench.createReplica(), bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);
    ada.write(5);
    ben.write(5);
    await bench.untilConverged(ada, ben);

    for (let atMs = 0; atMs < JOIN_MS; atMs += JOIN_MS / 20) {
      bench.harness.clock.schedule(atMs, () => ada.write());
    }
    late.connect();
    await bench.until("the late joiner is synced", () => late.connection.status === "synced");
    const atSync = late.countOf(ada);
    await bench.until("all is written", () => ada.countOf(ada) === 25);

    await bench.untilConverged(ada, ben, late);
    check(atSync >= 5, "a synced joiner holds the 5 that its peers held when it connected", atSync);
  });

  test("[T4] what was written before the connect is sent after it", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    ada.write(4);
    ben.write(2);

    await bench.connect(ada, ben);

    await bench.untilConverged(ada, ben);
  });

  test("[T4] what was written during a break is sent after it", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);
    ada.write();

    const restore = await bench.interrupt(ada, ben);
    ada.write(3);
    ben.write(2);
    await restore(ada, ben);

    await bench.untilConverged(ada, ben);
    await bench.until("both are synced", () =>
      [ada, ben].every(({ connection }) => connection.status === "synced"),
    );
  });

  test("[T5] no replica is handed its own updates, nor sends back those of others", async (bench) => {
    const [ada, ben, cleo] = [bench.createReplica(), bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben, cleo);

    for (let round = 0; round < 5; round++) {
      ada.write(2);
      ben.write();
      await bench.untilConverged(ada, ben, cleo);
    }
    await bench.wait("ada's writes are safe", ada.connection.sync());

    for (const replica of [ada, ben, cleo]) {
      check(!isEchoed(replica), `${replica.agent} is handed none of its own records`);
    }
  });
}

/** Registers the tests of what a replica asks of its connection: to mend a gap, and to count its bytes. */
export function describeService(test: ContractTest): void {
  test("[T30] after a loss in the replica, resync brings what it lost", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);
    ada.write(2);
    await bench.untilConverged(ada, ben);

    ben.isDeaf = true;
    const before = ben.received.length;
    ada.write(); // one alone, so that nothing more of it can be under way
    await bench.until("ben was handed what it loses", () => ben.received.length > before);
    ben.isDeaf = false;
    ben.connection.resync();

    await bench.untilConverged(ada, ben);
  });

  test("[T30] resync changes nothing where nothing is missing", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);
    ada.write(2);
    ben.write(3);
    await bench.untilConverged(ada, ben);

    ada.connection.resync();
    ben.connection.resync();
    ada.write();

    await bench.untilConverged(ada, ben);
    await bench.until("both are synced", () =>
      [ada, ben].every(({ connection }) => connection.status === "synced"),
    );
  });

  test("[T31] the bytes sent cover what was written, and never become fewer", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);

    let before = ada.connection.bytesSent;
    for (let round = 0; round < 5; round++) {
      const state = encodeStateVector(ada.doc);
      ada.write(2);
      await bench.untilConverged(ada, ben);
      const written = encodeStateAsUpdate(ada.doc, state).length;
      const sent = ada.connection.bytesSent;

      check(sent - before >= written, `${written} bytes written are counted`, sent - before);
      before = sent;
    }
    await bench.wait("the close is done", ada.connection.close());

    check(ada.connection.bytesSent >= before, "closing takes nothing back from the count");
  });
}

/** Tells whether a replica was handed structs of its own client. */
function isEchoed({ doc, received }: ContractReplica): boolean {
  return received.some((update) =>
    decodeUpdate(update).structs.some((struct) => struct.id.client === doc.clientID),
  );
}
