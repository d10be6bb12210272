/** What the relay counts of itself, as Prometheus reads it; in a registry of its own. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** What the relay tells as it happens. Reasons and kinds are words of the relay's own, never of a client. */
export interface RelayObservations {
  connectionOpened(board: string): void;
  connectionClosed(code: number): void;
  updateAdmitted(bytes: number, records: number): void;
  updateRefused(reason: string): void;
  denied(reason: string): void;
  throttled(kind: string): void;
  storeFailed(): void;
}

/** What the relay holds now; asked whenever somebody looks. */
export interface RelayGauges {
  connections(): number;
  boards(): number;
  agents(): number;
  memoryBytes(): number;
  /** Boards that take nothing in, since their store failed. */
  readOnlyBoards(): number;
}

/** The relay's metrics. */
export interface RelayMetrics extends RelayObservations {
  readonly contentType: string;
  /** Writes all of them as Prometheus reads them. */
  text(): Promise<string>;
}

/** How metrics are made. */
export interface MetricsOptions {
  readonly gauges: RelayGauges;
  /** What is allowed, by name, to be held against the gauges. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Whether to add those of the process: CPU, memory, event loop. They start a monitor that ends with the process. */
  readonly withProcess?: boolean;
}

/** Close codes that clients choose freely would make as many series. */
const CODES: ReadonlySet<number> = new Set([
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013,
]);
const FIRST_OWN_CODE = 4400;
const LAST_OWN_CODE = 4499;

/** Makes metrics that start at zero. */
export function createMetrics(options: MetricsOptions): RelayMetrics {
  const { gauges, limits = {}, withProcess = false } = options;
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  addGauges(registry, gauges);
  const limit = new Gauge({
    name: "stigmergy_relay_limit",
    help: "What is allowed, by limit.",
    labelNames: ["limit"],
    registers: [registry],
  });
  for (const [name, value] of Object.entries(limits)) limit.set({ limit: name }, value);
  const count = (name: string, help: string, ...labelNames: string[]): Counter =>
    new Counter({ name: `stigmergy_relay_${name}_total`, help, labelNames, registers: [registry] });

  const opened = count("connections_opened", "Connections that were let in.");
  const closed = count("connections_closed", "Connections that ended, by close code.", "code");
  const admitted = count("updates_admitted", "Updates that were taken.");
  const bytesAdmitted = count("admitted_bytes", "Bytes of the updates that were taken.");
  const recordsAdmitted = count("admitted_records", "Records in the updates that were taken.");
  const refused = count("updates_refused", "Updates that were refused, by reason.", "reason");
  const denied = count("denied", "Requests that were turned away, by reason.", "reason");
  const throttled = count("throttled", "Times that a limit made somebody wait, by limit.", "kind");
  const failed = count("store_failures", "Times that the store could not keep something.");

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    connectionOpened: () => opened.inc(), // a series per board would be the clients' to make, and tell their names
    connectionClosed: (code) => closed.inc({ code: codeLabel(code) }),
    updateAdmitted(bytes, records) {
      admitted.inc();
      bytesAdmitted.inc(bytes);
      recordsAdmitted.inc(records);
    },
    updateRefused: (reason) => refused.inc({ reason }),
    denied: (reason) => denied.inc({ reason }),
    throttled: (kind) => throttled.inc({ kind }),
    storeFailed: () => failed.inc(),
  };
}

function addGauges(registry: Registry, gauges: RelayGauges): void {
  const show = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name: `stigmergy_relay_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  show("connections", "Connections that are open.", gauges.connections);
  show("boards", "Boards that are open.", gauges.boards);
  show("agents", "Agents whose logs the open boards hold.", gauges.agents);
  show("memory_bytes", "Bytes that the open boards are reckoned to take.", gauges.memoryBytes);
  show("read_only_boards", "Boards that take nothing in.", gauges.readOnlyBoards);
}

function codeLabel(code: number): string {
  const isOwn = code >= FIRST_OWN_CODE && code <= LAST_OWN_CODE;
  return isOwn || CODES.has(code) ? String(code) : "other";
}
