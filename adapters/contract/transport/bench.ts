/** The workbench of one contract test: replicas on one medium, bounded waiting, and checks that throw. */
import type { CoordinationError, Transport } from "../../../lib/index.ts";
import { checkSame } from "../suite/check.ts";
import type { TransportHarness } from "./harness.ts";
import { type ContractReplica, createContractReplica, type ReplicaOptions } from "./replica.ts";

export { check, checkSame } from "../suite/check.ts";

/** Registers one test of the contract; each runs on a fresh medium. */
export type ContractTest = (name: string, run: (bench: ContractBench) => Promise<void>) => unknown;

/** What a test of the contract works with. */
export interface ContractBench {
  readonly harness: TransportHarness;
  /** Makes a replica of `docs#1` under `earliest@1`, unless told otherwise; not yet connected. */
  createReplica(options?: Partial<ReplicaOptions>, transport?: Transport): ContractReplica;
  /** Connects each replica and waits until all are synced. */
  connect(...replicas: readonly ContractReplica[]): Promise<void>;
  /** Waits until the condition holds; the error says what was waited for. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Lets time pass by the harness's clock, to see that something does not happen. */
  pass(durationMs: number): Promise<void>;
  /** Waits for a promise while the medium moves on. */
  wait<T>(what: string, promise: Promise<T>): Promise<T>;
  /** Waits until each replica has all that each of them wrote. */
  untilConverged(...replicas: readonly ContractReplica[]): Promise<void>;
  /**
   * Cuts all connections, by the harness where it can, else by closing these; gives a function that ends the break
   * for the replicas named to it.
   */
  interrupt(
    ...replicas: readonly ContractReplica[]
  ): Promise<(...restored: readonly ContractReplica[]) => Promise<void>>;
  /** Closes what is open. */
  close(): Promise<void>;
  /** Throws if anything was seen that the contract forbids at any time. */
  checkBreaches(): void;
}

/** Tells whether an error carries a code of the library, also when it comes from another copy of it. */
export function isFault(error: unknown): error is CoordinationError {
  return error instanceof Error && error.name === "CoordinationError" && "code" in error;
}

/** Makes the workbench of one test. */
export function createBench(harness: TransportHarness): ContractBench {
  const made: ContractReplica[] = [];

  const until = (what: string, condition: () => boolean): Promise<void> =>
    harness.settle(condition).catch((cause: unknown) => {
      const seen = made.map((replica) => `\n  ${replica.describe(made)}`).join("");
      throw new Error(`Waited in vain until ${what}; by then:${seen}`, { cause });
    });

  const wait = async <T>(what: string, promise: Promise<T>): Promise<T> => {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {}); // handled by whoever awaits `settled` below
    await until(what, () => isSettled);
    return settled;
  };

  const connect = async (...replicas: readonly ContractReplica[]): Promise<void> => {
    for (const replica of replicas) {
      replica.connect();
    }
    await until("all are synced", () =>
      replicas.every(({ connection }) => connection.status === "synced"),
    );
  };

  const closeAll = (replicas: readonly ContractReplica[]): Promise<void> =>
    wait(
      "all connections are closed",
      Promise.all(
        replicas.flatMap(({ connections }) => connections.map((each) => each.close())),
      ).then(() => {}),
    );

  return {
    harness,
    createReplica(options = {}, transport) {
      const name = options.name ?? `replica-${made.length + 1}`;
      const { board = "docs#1", rule = "earliest@1" } = options;
      const replica = createContractReplica(harness, { name, board, rule }, transport);
      made.push(replica);
      return replica;
    },
    connect,
    until,
    async pass(durationMs) {
      let isOver = false;
      harness.clock.schedule(durationMs, () => {
        isOver = true;
      });
      await until(`${durationMs} ms have passed`, () => isOver);
    },
    wait,
    untilConverged: (...replicas) =>
      until("all replicas hold the same records", () =>
        replicas.every((reader) =>
          replicas.every((writer) => reader.countOf(writer) === writer.countOf(writer)),
        ),
      ),
    async interrupt(...replicas) {
      if (harness.breakConnections === undefined) {
        await closeAll(replicas);
        return connect;
      }
      await harness.breakConnections();
      return async () => {
        await harness.heal?.();
      };
    },
    close: () => closeAll(made),
    checkBreaches() {
      const breaches = made.flatMap((replica) => replica.breaches);
      checkSame(breaches.join("; "), "", "nothing forbidden is seen at any time");
    },
  };
}
