/** Logs written by hand: the shortest way for a test to say who wrote what about a task, in well-formed logs. */
import { foldTask } from "../lib/core/fold.ts";
import {
  type Added,
  type AgentId,
  type Claimed,
  compareEntries,
  type Edited,
  type LogEntry,
  type RecordRef,
  type TaskId,
  type TaskRecord,
} from "../lib/core/record.ts";
import { earliest, type Rule } from "../lib/core/rule.ts";
import { findClaim, type Task, type TaskClaim } from "../lib/core/task.ts";

/** The task that a log book is about. */
export const TASK: TaskId = "task" as TaskId;

/** Everything but the place in a log, which the book fills in; `at` where the author had not seen all that went before. */
type Body<R> = R extends TaskRecord
  ? Omit<R, "n" | "at" | "task"> & { readonly at?: number }
  : never;
type Fields<R> = Partial<Omit<R, "n" | "kind" | "task">>;

/** The logs of some agents about one task; each method writes one record and gives its reference. */
export interface LogBook {
  readonly entries: readonly LogEntry[];
  write(agent: string, body: Body<TaskRecord>): RecordRef;
  add(agent: string, fields?: Fields<Added>): RecordRef;
  edit(agent: string, fields: Fields<Edited>): RecordRef;
  claim(agent: string, fields?: Fields<Claimed>): RecordRef;
  /** Claims as `settled` and confirms at once. */
  hold(agent: string, fields?: Fields<Claimed>): RecordRef;
  confirm(claim: RecordRef, at?: number): RecordRef;
  yield(claim: RecordRef): RecordRef;
  release(claim: RecordRef): RecordRef;
  complete(claim: RecordRef, result: string): RecordRef;
  fail(claim: RecordRef, retryable?: boolean): RecordRef;
  expire(observer: string, claim: RecordRef): RecordRef;
  /** The task as of all that was written. */
  task(): Task;
  /** The claim as the task shows it now. */
  seen(claim: RecordRef): TaskClaim;
}

/** Opens a book in which every author has seen all that went before, unless it says another `at`. */
export function openLogBook(
  options: {
    readonly rule?: Rule;
    readonly capabilities?: Readonly<Record<string, readonly string[]>>;
  } = {},
): LogBook {
  const { rule = earliest, capabilities = {} } = options;
  const entries: LogEntry[] = [];
  const lengthOf = new Map<string, number>();
  let now = 0;

  const write = (agent: string, body: Body<TaskRecord>): RecordRef => {
    const n = (lengthOf.get(agent) ?? 0) + 1; // position 0 is `joined`
    lengthOf.set(agent, n);
    const record = { at: now + 1, ...body, n, task: TASK } as TaskRecord;
    now = Math.max(now, record.at);
    entries.push({ agent: agent as AgentId, record });
    return { agent: agent as AgentId, n };
  };

  const task = (): Task => {
    const folded = foldTask(TASK, [...entries].sort(compareEntries), {
      rule,
      capabilitiesOf: (agent) => capabilities[agent] ?? [],
    });
    if (folded === null) throw new Error("nobody has added the task");
    return folded;
  };

  const book: LogBook = {
    entries,
    write,
    add: (agent, fields = {}) => write(agent, { kind: "added", title: "a task", ...fields }),
    edit: (agent, fields) => write(agent, { kind: "edited", ...fields }),
    claim: (agent, fields = {}) => write(agent, { kind: "claimed", ...fields }),
    hold(agent, fields = {}) {
      const claim = book.claim(agent, { guarantee: "settled", ...fields });
      book.confirm(claim);
      return claim;
    },
    confirm: ({ agent, n }, at = now + 1) => write(agent, { kind: "confirmed", claim: n, at }),
    yield: ({ agent, n }) => write(agent, { kind: "yielded", claim: n }),
    release: ({ agent, n }) => write(agent, { kind: "released", claim: n }),
    complete: ({ agent, n }, result) => write(agent, { kind: "completed", claim: n, result }),
    fail: ({ agent, n }, retryable = true) =>
      write(agent, { kind: "failed", claim: n, error: "broken", retryable }),
    expire: (observer, { agent, n }) =>
      write(observer, { kind: "expired", holder: agent, claim: n }),
    task,
    seen(claim) {
      const found = findClaim(task(), claim);
      if (found === undefined) throw new Error(`no claim ${claim.n} of ${claim.agent}`);
      return found;
    },
  };
  return book;
}
