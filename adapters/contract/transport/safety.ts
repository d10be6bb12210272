/** Rule T8: what a resolved sync promises, with and without a barrier. */
import type { TransportCapabilities } from "../../../lib/index.ts";
import { type ContractTest, check, checkSame, isFault } from "./bench.ts";
import type { ContractReplica } from "./replica.ts";

const RACE_COUNT = 24;

/** How long a break lasts in which nothing must become safe. */
const BREAK_MS = 50;

/** Registers the tests of what a resolved sync promises everywhere. */
export function describeSync(test: ContractTest, capabilities: TransportCapabilities): void {
  test("[T8] what sync waited for outlives its writer's connection", async (bench) => {
    const [ada, ben, late] = [bench.createReplica(), bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);
    ada.write(3);

    await bench.wait("ada's writes are safe", ada.connection.sync());
    const restore = await bench.interrupt(ada, ben);
    await bench.wait("ada is closed", ada.connection.close());
    await restore(ben);
    late.connect();

    await bench.until("the late joiner holds them", () => late.countOf(ada) === 3);
  });

  test("[T8] a sync begun in a break resolves after it", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);
    if (bench.harness.breakConnections === undefined) {
      await bench.wait("sync resolves on a medium without breaks", ada.connection.sync());
      return;
    }
    await bench.harness.breakConnections();
    await bench.until("ada noticed the break", () => ada.connection.status !== "synced");
    ada.write(2);
    let isResolved = false;
    const synced = ada.connection.sync().then(() => {
      isResolved = true;
    });

    await bench.pass(BREAK_MS);
    check(!isResolved, "nothing is safe before the break is over");
    await bench.harness.heal?.();
    await bench.wait("sync resolves after the break", synced);

    await bench.untilConverged(ada, ben);
  });

  test("[T8] the transport declares what the suite was told", async (bench) => {
    const declared = bench.harness.createTransport().capabilities;

    checkSame(declared.barrier, capabilities.barrier, "barrier is as declared");
    checkSame(declared.presence, capabilities.presence, "presence is as declared");
  });

  test("[T8] sync rejects with CONNECTION_CLOSED once the connection is closed", async (bench) => {
    const [ada, ben] = [bench.createReplica(), bench.createReplica()];
    await bench.connect(ada, ben);
    const restore = await bench.interrupt(ada, ben);
    if (ada.connection.status !== "closed") {
      await bench.until("ada noticed the break", () => ada.connection.status !== "synced");
    }
    ada.write();

    const pending = codeOf(ada.connection.sync());
    await bench.wait("the close is done", ada.connection.close());
    const late = codeOf(ada.connection.sync());

    const codes = await bench.wait("both syncs are over", Promise.all([pending, late]));
    checkSame(codes[0], "CONNECTION_CLOSED", "a pending sync is rejected by its code");
    checkSame(codes[1], "CONNECTION_CLOSED", "a late sync is rejected by its code");
    await restore(ben);
  });
}

/** Registers the tests of the barrier, or of its declared absence. */
export function describeBarrier(test: ContractTest, capabilities: TransportCapabilities): void {
  if (capabilities.barrier) {
    test("[T8] of two that write and sync at once, one has seen the other's write", async (bench) => {
      const [ada, ben] = [bench.createReplica(), bench.createReplica()];
      await bench.connect(ada, ben);

      for (let round = 0; round < RACE_COUNT; round++) {
        const [first, second] = round % 2 === 0 ? [ada, ben] : [ben, ada];
        const views = await bench.wait("both syncs resolve", race(first, second, round % 3));

        check(views.includes(true), `one of two rivals sees the other in race ${round}`);
      }
    });

    test("[T8] a sync begun after another's resolved sees what that one wrote", async (bench) => {
      const [ada, ben] = [bench.createReplica(), bench.createReplica()];
      await bench.connect(ada, ben);

      for (let round = 0; round < RACE_COUNT; round++) {
        const [first, second] = round % 2 === 0 ? [ada, ben] : [ben, ada];
        first.write();
        await bench.wait("the first sync resolves", first.connection.sync());
        await bench.wait("the second sync resolves", second.connection.sync());

        check(
          second.countOf(first) === first.countOf(first),
          `the barrier brings what reached the relay before, in round ${round}`,
        );
      }
    });
  } else {
    test("[T8] without a barrier the transport says so, and sync resolves all the same", async (bench) => {
      const [ada, ben] = [bench.createReplica(), bench.createReplica()];
      await bench.connect(ada, ben);
      ada.write();
      ben.write();

      await bench.wait(
        "both syncs resolve",
        Promise.all([ada.connection.sync(), ben.connection.sync()]),
      );

      check(!bench.harness.createTransport().capabilities.barrier, "barrier is declared false");
    });
  }
}

/** Lets both write and sync, the second some promise turns later; gives whether each then saw the other's write. */
async function race(
  first: ContractReplica,
  second: ContractReplica,
  turns: number,
): Promise<boolean[]> {
  const claim = async (self: ContractReplica, rival: ContractReplica): Promise<boolean> => {
    const target = rival.countOf(rival) + (self === first ? 1 : 0);
    self.write();
    await self.connection.sync();
    return self.countOf(rival) >= target;
  };
  const claimed = claim(first, second);
  for (let turn = 0; turn < turns; turn++) {
    await Promise.resolve();
  }
  return Promise.all([claimed, claim(second, first)]);
}

function codeOf(promise: Promise<void>): Promise<string> {
  return promise.then(
    () => "none",
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  );
}
