/** Signed logs written by hand, and what a replica makes of them: how tests play authors that lie and peers that forge. */
import { Doc, encodeStateAsUpdate } from "yjs";
import { systemClock } from "../lib/agent/system.ts";
import type { AgentId, RecordBase, TaskId } from "../lib/core/record.ts";
import { earliest } from "../lib/core/rule.ts";
import { logName } from "../lib/replica/log.ts";
import { createReplica, type Replica } from "../lib/replica/replica.ts";
import {
  type AgentKey,
  createAgentKey,
  openSigningKey,
  suffixOfKey,
} from "../lib/replica/signing/agent-key.ts";
import { batchToBytes, hashBytes } from "../lib/replica/signing/canonical.ts";

/** The board of all logs here. */
export const BOARD = "docs#1";

/** The task that the logs are about. */
export const TASK: TaskId = "task" as TaskId;

const CHUNK_LENGTH = 256;
const RULE = "earliest@1+signed";

/** A value of a log. */
export type Value = RecordBase & { readonly kind: string };

/** An author who has the key and may do with it what no honest one would. */
export interface Author {
  readonly agent: AgentId;
  readonly key: AgentKey;
  /** The log so far. */
  readonly log: readonly Value[];
  /** Writes records, unsigned. */
  write(...bodies: readonly object[]): void;
  /** Signs all that is not signed yet. */
  sign(): Promise<void>;
  /** Takes in that what was written since the last signature is not its own; it stays unsigned. */
  disown(): void;
  /** An author with the same key and past, who may go on otherwise. */
  fork(): Author;
}

/** Makes an author whose log begins with `joined`, which is not signed yet. */
export async function createAuthor(
  options: { readonly board?: string; readonly name?: string; readonly key?: AgentKey } = {},
): Promise<Author> {
  const { board = BOARD, name = "ann", key = await createAgentKey() } = options;
  const agent = `${name}~${suffixOfKey(key.publicKey)}` as AgentId;
  const author = continueLog({ board, agent, key, log: [], prev: "", from: 0 });
  author.write({
    kind: "joined",
    v: 1,
    name,
    capabilities: [],
    rule: RULE,
    leaseMs: 1000,
    key: key.publicKey,
  });
  return author;
}

interface Past {
  readonly board: string;
  readonly agent: AgentId;
  readonly key: AgentKey;
  readonly log: readonly Value[];
  readonly prev: string;
  readonly from: number;
}

function continueLog(past: Past): Author {
  const { board, agent, key } = past;
  const log = [...past.log];
  let { prev, from } = past;

  const write = (...bodies: readonly object[]): void => {
    for (const body of bodies) log.push({ n: log.length, at: log.length + 1, ...body } as Value);
  };
  return {
    agent,
    key,
    log,
    write,
    async sign() {
      const { sign } = await openSigningKey(key);
      const to = log.length;
      const bytes = batchToBytes({ board, agent, from, prev, records: log.slice(from) });
      write({ kind: "signed", from, to, prev, sig: await sign(bytes) });
      [prev, from] = [hashBytes(bytes), to];
    },
    disown() {
      from = log.length;
    },
    fork: () => continueLog({ board, agent, key, log, prev, from }),
  };
}

/** Writes `count` batches: the first adds the task, and each has two notes. */
export async function writeBatches(author: Author, count: number): Promise<void> {
  if (author.log.length === 1) author.write({ kind: "added", task: TASK, title: "a task" });
  for (let i = 0; i < count; i++) {
    for (const text of ["one", "two"]) author.write({ kind: "noted", task: TASK, text });
    await author.sign();
  }
}

/** The update that holds a log, written by one Yjs client. */
export function logToUpdate(
  agent: AgentId,
  values: readonly unknown[],
  client: number = 1,
): Uint8Array {
  const doc = new Doc({ gc: false });
  doc.clientID = client;
  for (let n = 0; n < values.length; n += CHUNK_LENGTH)
    doc.getArray(logName(agent, n / CHUNK_LENGTH)).push(values.slice(n, n + CHUNK_LENGTH));
  return encodeStateAsUpdate(doc);
}

/** A replica of a board with signatures, and all that it has set aside. */
export interface Reader {
  readonly replica: Replica;
  /** Takes in updates and judges all that came. */
  receive(...updates: readonly Uint8Array[]): Promise<void>;
  /** Positions of the records about the task that count, in the order of their log. */
  counted(agent: AgentId): readonly number[];
  /** Why something was set aside, in the order in which it was found. */
  reasons(): Promise<readonly string[]>;
}

/** Opens a replica without a transport. */
export function openReader(): Reader {
  const doc = new Doc({ gc: false });
  const replica = createReplica({
    board: BOARD,
    doc,
    rule: earliest,
    clock: systemClock,
    isSigned: true,
  });
  const reasons: string[] = [];
  replica.onChange(({ events }) => {
    for (const event of events) if (event.kind === "record-rejected") reasons.push(event.reason);
  });
  return {
    replica,
    async receive(...updates) {
      replica.receive(updates, "peer");
      await replica.verified();
    },
    counted: (agent) =>
      replica.entries(TASK).flatMap((one) => (one.agent === agent ? [one.record.n] : [])),
    async reasons() {
      await replica.verified();
      await new Promise<void>((told) => systemClock.schedule(0, told));
      return reasons;
    },
  };
}

/** What a replica that gets nothing but this log makes of it. */
export async function readLog(
  agent: AgentId,
  values: readonly unknown[],
): Promise<{ readonly counted: readonly number[]; readonly reasons: readonly string[] }> {
  const reader = openReader();
  await reader.receive(logToUpdate(agent, values));
  const reasons = await reader.reasons();
  reader.replica.close();
  return { counted: reader.counted(agent), reasons };
}
