/** A replica made of a real Yjs document and the least link that a transport can work with. */
import * as Y from "yjs";
import type {
  AgentId,
  Connection,
  ConnectionStatus,
  Presence,
  ReplicaLink,
  Transport,
} from "../../../lib/index.ts";
import type { TransportHarness } from "./harness.ts";

/** One replica of the contract: it writes records to its own log only and remembers all that its link was told. */
export interface ContractReplica {
  readonly agent: AgentId;
  readonly doc: Y.Doc;
  readonly link: ReplicaLink;
  readonly statuses: readonly ConnectionStatus[];
  readonly received: readonly Uint8Array[];
  readonly presences: readonly Presence[];
  readonly faults: readonly Error[];
  /** What was seen that the contract forbids at any time, in words. */
  readonly breaches: readonly string[];
  /** While true, the replica loses every update that its transport hands over. */
  isDeaf: boolean;
  /** Appends `count` records to this replica's log, one transaction each. */
  write(count?: number): void;
  /** Counts the records of `writer` that are here. */
  countOf(writer: ContractReplica): number;
  /** Connects, again after a close, and gives the new connection. */
  connect(): Connection;
  /** The latest connection. */
  readonly connection: Connection;
  /** Every connection made so far. */
  readonly connections: readonly Connection[];
  /** Says how the replica stands: its status, how much it has of each writer, its faults. */
  describe(writers: readonly ContractReplica[]): string;
}

/** Names the replica and its board. */
export interface ReplicaOptions {
  readonly name: string;
  readonly board: string;
  readonly rule: string;
}

const LEASE_MS = 30_000;

/** Makes a replica on a transport of its own; it connects when told to. */
export function createContractReplica(
  harness: Pick<TransportHarness, "clock" | "random" | "createTransport">,
  { name, board, rule }: ReplicaOptions,
  transport: Transport = harness.createTransport(),
): ContractReplica {
  const agent = `${name}~contract` as AgentId;
  const doc = new Y.Doc();
  const statuses: ConnectionStatus[] = [];
  const received: Uint8Array[] = [];
  const presences: Presence[] = [];
  const faults: Error[] = [];
  const breaches: string[] = [];
  const connections: Connection[] = [];
  let isReceiving = false;

  const link: ReplicaLink = {
    board,
    rule,
    doc,
    clock: harness.clock,
    random: harness.random,
    receive(updates, origin) {
      received.push(...updates);
      if (replica.isDeaf) {
        return;
      }
      isReceiving = true;
      doc.transact(() => {
        for (const update of updates) {
          Y.applyUpdate(doc, update, origin);
          if (doc.store.pendingStructs !== null) {
            breaches.push(`${agent} was handed an update before its predecessor`);
          }
        }
      }, origin);
      isReceiving = false;
    },
    receivePresence: (heard) => presences.push(...heard),
    statusChanged(status) {
      if (status === statuses.at(-1)) {
        breaches.push(`${agent} was told the status ${status} twice`);
      }
      statuses.push(status);
    },
    fault: (error) => faults.push(error),
  };

  doc.on("update", (_update, _origin, _doc, { afterState, beforeState }: Y.Transaction) => {
    const isForeign = [...afterState].some(
      ([client, clock]) => client !== doc.clientID && clock !== (beforeState.get(client) ?? 0),
    );
    if (isForeign && !isReceiving) {
      breaches.push(`${agent} had its document changed past its link's receive`);
    }
    for (const [key, positions] of readLogs(doc)) {
      if (positions.some((n, index) => n !== index)) {
        breaches.push(`${agent} saw ${key} with a gap: ${positions.join(" ")}`);
      }
    }
  });

  const log = doc.getArray(logKey(agent));
  const replica: ContractReplica = {
    agent,
    doc,
    link,
    statuses,
    received,
    presences,
    faults,
    breaches,
    isDeaf: false,
    write(count = 1) {
      for (let written = 0; written < count; written++) {
        doc.transact(() => log.push([createRecord(agent, rule, log.length)]));
      }
    },
    countOf: (writer) => doc.getArray(logKey(writer.agent)).length,
    connect() {
      statuses.length = 0;
      const connection = transport.connect(link);
      connections.push(connection);
      return connection;
    },
    get connection() {
      const latest = connections.at(-1);
      if (latest === undefined) {
        throw new Error(`${agent} has never been connected`);
      }
      return latest;
    },
    connections,
    describe(writers) {
      const counts = writers.map((writer) => `${replica.countOf(writer)} of ${writer.agent}`);
      const status = connections.at(-1)?.status ?? "never connected";
      const told = faults.map((fault) => `; fault: ${fault.message}`).join("");
      return `${agent} is ${status} and holds ${counts.join(", ")}${told}`;
    },
  };
  return replica;
}

function logKey(agent: AgentId): string {
  return `log/${agent}/0`;
}

function createRecord(agent: AgentId, rule: string, n: number): Readonly<Record<string, unknown>> {
  const base = { n, at: n + 1 };
  return n === 0
    ? { ...base, kind: "joined", v: 1, name: agent, capabilities: [], rule, leaseMs: LEASE_MS }
    : { ...base, kind: "noted", task: "contract", text: `note ${n} of ${agent}` };
}

/** Reads the positions in each log. */
function readLogs(doc: Y.Doc): [string, unknown[]][] {
  return [...doc.share.keys()]
    .filter((key) => key.startsWith("log/"))
    .map((key) => [key, doc.getArray<{ n: unknown }>(key).map(({ n }) => n)]);
}
