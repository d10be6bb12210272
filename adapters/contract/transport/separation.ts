/** Rule T9: what must not meet never mixes: two boards, and two rules of one board. */
import { type ContractTest, check, isFault } from "./bench.ts";

/** Registers the tests of separation. */
export function describeSeparation(test: ContractTest): void {
  test("[T9] two boards on one medium and one transport never mix", async (bench) => {
    const transports = [bench.harness.createTransport(), bench.harness.createTransport()];
    const [ada, ben] = transports.map((each) => bench.createReplica({ board: "docs#1" }, each));
    const [xia, yan] = transports.map((each) => bench.createReplica({ board: "other#1" }, each));
    if (!ada || !ben || !xia || !yan) {
      throw new Error("four replicas were made");
    }
    await bench.connect(ada, ben, xia, yan);

    ada.write(3);
    xia.write(2);
    ada.connection.sendPresence([{ agent: ada.agent, slots: 1 }]);
    await bench.untilConverged(ada, ben);
    await bench.untilConverged(xia, yan);
    await bench.wait("all is safe", Promise.all([ada, yan].map((each) => each.connection.sync())));

    check(xia.countOf(ada) + yan.countOf(ada) === 0, "no record crosses boards");
    check(ada.countOf(xia) + ben.countOf(xia) === 0, "no record crosses boards");
    check(xia.presences.length + yan.presences.length === 0, "no sign of life crosses boards");
  });

  test("[T9] replicas of one board under different rules never mix and are told so", async (bench) => {
    const ada = bench.createReplica({ rule: "earliest@1" });
    const ben = bench.createReplica({ rule: "rendezvous@1" });
    ada.write();
    ben.write();
    await bench.connect(ada);

    ben.connect();
    await bench.until("one of them is refused by name", () =>
      [...ada.faults, ...ben.faults].some(
        (fault) => isFault(fault) && fault.code === "RULE_MISMATCH",
      ),
    );

    check(ada.countOf(ben) + ben.countOf(ada) === 0, "no record crosses rules");
  });
}
