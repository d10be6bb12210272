/** Logs written by hand: the shortest way for a test to say who wrote what about a task, in well-formed logs. */
import { foldTask } from "../../lib/core/fold.ts";
import {
  type Added,
  type AgentId,
  type Audience,
  type Claimed,
  compareEntries,
  type Edited,
  formatRef,
  type LogEntry,
  type Packet,
  type RecordRef,
  type Reviewed,
  type TaskId,
  type TaskRecord,
} from "../../lib/core/record.ts";
import { earliest, type Rule } from "../../lib/core/rule.ts";
import { findClaim, type Task, type TaskClaim } from "../../lib/core/task.ts";

/** The task that a log book is about. */
export const TASK: TaskId = "task" as TaskId;

/** Everything but the place in a log, which the book fills in; `at` where the author had not seen all that went before. */
type Body<R> = R extends TaskRecord
  ? Omit<R, "n" | "at" | "task"> & { readonly at?: number; readonly task?: TaskId }
  : never;
type Fields<R> = Partial<Omit<R, "n" | "kind" | "task">>;

/** A packet with nothing in it but a summary. */
export const PACKET: Packet = {
  summary: "half done",
  decisions: [],
  questions: [],
  deadEnds: [],
  artifacts: [],
};

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
  release(claim: RecordRef, reason?: string): RecordRef;
  complete(claim: RecordRef, result: string): RecordRef;
  /** Completes with the result that another completion handed in. */
  adopt(claim: RecordRef, result: RecordRef): RecordRef;
  fail(claim: RecordRef, retryable?: boolean): RecordRef;
  /** Fails, and asks for a delay of a second before the next attempt. */
  failForNow(claim: RecordRef): RecordRef;
  reject(claim: RecordRef, reason?: string): RecordRef;
  expire(observer: string, claim: RecordRef): RecordRef;
  /** Offers the task to all runs of a name, or to another audience. */
  offer(claim: RecordRef, to: string | Audience): RecordRef;
  withdraw(claim: RecordRef, offer: RecordRef): RecordRef;
  decline(agent: string, offer: RecordRef, reason?: string): RecordRef;
  /** Claims the attempt after the current one in answer to an offer. */
  accept(agent: string, offer: RecordRef, fields?: Fields<Claimed>): RecordRef;
  ask(claim: RecordRef, of?: Audience): RecordRef;
  answer(agent: string, question: RecordRef, answer?: string): RecordRef;
  approve(agent: string, result: RecordRef): RecordRef;
  /** Rejects a result; its holder's word is `reject`. */
  sendBack(agent: string, result: RecordRef, reason?: string): RecordRef;
  /** Calls the task off as it stands now. */
  cancel(agent: string, reason?: string): RecordRef;
  /** Starts the task over as it stands now. */
  reopen(agent: string, reason?: string): RecordRef;
  note(agent: string, text?: string): RecordRef;
  addChild(agent: string, child: string): RecordRef;
  /** The task as of all that was written. */
  task(): Task;
  /** The claim as the task shows it now. */
  seen(claim: RecordRef): TaskClaim;
  /** What is no legal move, each as its kind and why. */
  ignored(): string[];
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
    const record = { at: now + 1, task: TASK, ...body, n } as TaskRecord;
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

  const review = (
    agent: string,
    result: RecordRef,
    verdict: Pick<Reviewed, "verdict" | "reason">,
  ): RecordRef =>
    write(agent, { kind: "reviewed", author: result.agent, completion: result.n, ...verdict });

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
    release: ({ agent, n }, reason) =>
      write(agent, { kind: "released", claim: n, ...given("reason", reason) }),
    complete: ({ agent, n }, result) => write(agent, { kind: "completed", claim: n, result }),
    adopt: ({ agent, n }, result) =>
      write(agent, { kind: "completed", claim: n, adopts: formatRef(result) }),
    fail: ({ agent, n }, retryable = true) =>
      write(agent, { kind: "failed", claim: n, error: "broken", retryable }),
    failForNow: ({ agent, n }) =>
      write(agent, { kind: "failed", claim: n, error: "broken", retryAfterMs: 1000 }),
    reject: ({ agent, n }, reason = "not to be done") =>
      write(agent, { kind: "rejected", claim: n, reason }),
    expire: (observer, { agent, n }) =>
      write(observer, { kind: "expired", holder: agent, claim: n }),
    offer: ({ agent, n }, to) =>
      write(agent, {
        kind: "offered",
        claim: n,
        to: typeof to === "string" ? { agent: to } : to,
        packet: PACKET,
      }),
    withdraw: ({ agent, n }, offer) =>
      write(agent, { kind: "withdrawn", claim: n, offer: offer.n }),
    decline: (agent, { agent: holder, n }, reason) =>
      write(agent, {
        kind: "declined",
        holder,
        offer: n,
        ...given("reason", reason),
      }),
    accept: (agent, offer, fields = {}) =>
      book.claim(agent, { attempt: task().attempt + 1, offer: formatRef(offer), ...fields }),
    ask: ({ agent, n }, of) =>
      write(agent, {
        kind: "asked",
        claim: n,
        question: "which one?",
        ...given("of", of),
      }),
    answer: (agent, { agent: holder, n }, answer = "this one") =>
      write(agent, { kind: "answered", holder, ask: n, answer }),
    approve: (agent, result) => review(agent, result, { verdict: "approved" }),
    sendBack: (agent, result, reason = "too short") =>
      review(agent, result, { verdict: "rejected", reason }),
    cancel: (agent, reason) =>
      write(agent, {
        kind: "cancelled",
        attempt: task().nextAttempt,
        ...given("reason", reason),
      }),
    reopen: (agent, reason) =>
      write(agent, {
        kind: "reopened",
        attempt: task().nextAttempt + 1,
        ...given("reason", reason),
      }),
    note: (agent, text = "a note") => write(agent, { kind: "noted", text }),
    addChild: (agent, child) =>
      write(agent, { kind: "added", task: child as TaskId, title: "a child", parent: TASK }),
    task,
    seen(claim) {
      const found = findClaim(task(), claim);
      if (found === undefined) throw new Error(`no claim ${claim.n} of ${claim.agent}`);
      return found;
    },
    ignored: () => task().thread.ignored.map(({ kind, reason }) => `${kind}: ${reason}`),
  };
  return book;
}

/** One optional field of a record: nothing where it is left out. */
function given<K extends string, V>(name: K, value: V | undefined): { readonly [field in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [field in K]: V });
}
