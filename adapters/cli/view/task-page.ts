/** A task in paragraphs, for people; what others wrote is made safe for a terminal. */
import {
  formatAudience,
  formatRef,
  getTask,
  type Snapshot,
  type Task,
  type TaskId,
} from "../../../lib/index.ts";
import type { Colors } from "../output/output.ts";
import { printable, printableLines } from "../output/printable.ts";
import { colorOf, rowOf, staleOf, stateOf } from "./task-row.ts";

/** The task in paragraphs. */
export function pageOf(task: Task, snapshot: Snapshot, colors: Colors): string {
  const row = rowOf(task, snapshot);
  const lines = [
    colors.bold(printable(task.title)),
    `${colorOf(row, colors)(stateOf(row))}, attempt ${task.attempt}, id ${printable(task.id)}`,
    ...[...standing(task, snapshot), ...demands(task, snapshot)].map(printable),
    ...(task.body === "" ? [] : ["", printableLines(task.body)]),
    ...[...work(task), ...talk(task)].map((part) => `\n${printableLines(part)}`),
    ...(task.completion === null ? [] : [`\n${printableLines(textOf(task.completion.result))}`]),
  ];
  return lines.join("\n").trimEnd();
}

/** Who has it, and what it waits for. */
function* standing(task: Task, snapshot: Snapshot): Iterable<string> {
  const { winner, completion, inReview, thread, policy } = task;
  if (winner !== null) yield `held by ${winner.agent}`;
  if (completion !== null) yield `completed by ${completion.agent}`;
  const stale = staleOf(task, snapshot);
  if (stale.length > 0)
    yield `its result is based on a stale ${stale.map((one) => (one.kind === "text" ? "text" : `result of ${one.task}`)).join(", ")}`;
  if (inReview !== null && policy.review !== undefined) {
    const given = inReview.reviews?.filter(({ verdict }) => verdict === "approved").length ?? 0;
    const { by, approvals = 1 } = policy.review;
    yield `its result awaits review by ${formatAudience(by)}: ${given} of ${approvals} approvals are given`;
  }
  if (thread.delay !== null)
    yield `attempt ${thread.delay.attempt} opens ${thread.delay.delayMs} ms after the failure`;
  for (const { status, to } of thread.offers)
    if (status === "open") yield `offered to ${formatAudience(to)}`;
  if (policy.maxAttempts !== undefined)
    yield `${thread.spent} of at most ${policy.maxAttempts} attempts are spent`;
  if (thread.cancelReason !== null) yield `canceled: ${thread.cancelReason}`;
  if (thread.failedNeed !== null) yield `failed with its need ${thread.failedNeed}`;
}

/** What it takes to do it. */
function* demands(task: Task, snapshot: Snapshot): Iterable<string> {
  const name = (id: TaskId): string => `${id} ${getTask(snapshot, id)?.title ?? "(not known)"}`;
  const { resources = [], timeoutMs } = task.policy;
  if (task.requires.length > 0) yield `requires ${task.requires.join(", ")}`;
  if (resources.length > 0) yield `holds ${resources.join(", ")} alone`;
  if (timeoutMs !== undefined) yield `an attempt may take ${timeoutMs} ms`;
  if (task.parent !== null) yield `child of ${name(task.parent)}`;
  for (const id of task.thread.children) yield `waits for its child ${name(id)}`;
  for (const id of task.needs) yield `needs ${name(id)}`;
}

/** What came of its attempts. */
function* work(task: Task): Iterable<string> {
  for (const { attempt, error } of task.failures) yield `attempt ${attempt} failed: ${error}`;
  for (const { agent, attempt, reason } of task.thread.reasons)
    yield `attempt ${attempt}, ${agent}: ${reason}`;
  for (const { agent, attempt, packet } of task.thread.packets)
    yield `passed on by ${agent}, attempt ${attempt}: ${packet.summary}`;
  const results = task.inReview === null ? task.alternates : [task.inReview, ...task.alternates];
  for (const one of results) {
    const kind = one === task.inReview ? "result in review" : "other result";
    yield `${kind} ${formatRef(one)}: ${textOf(one.result)}`;
    for (const { agent, verdict, reason } of one.reviews ?? [])
      yield `${verdict} by ${agent}${reason === null ? "" : `: ${reason}`}`;
  }
}

/** What was said about it. */
function* talk({ notes, thread }: Task): Iterable<string> {
  for (const { agent, about, text, by } of notes)
    yield `${nameOf(about)} of ${by ?? agent}: ${text}`;
  for (const one of thread.questions) {
    const whom = one.of === null ? "anybody" : formatAudience(one.of);
    yield `question ${formatRef(one)} to ${whom}: ${one.question}`;
    for (const { agent, answer } of one.answers) yield `answer of ${agent}: ${answer}`;
  }
  for (const one of thread.ignored) yield `ignored: ${one.kind} ${formatRef(one)} (${one.reason})`;
}

/** Most notes are about progress, and are called no more than that. */
function nameOf(about: Task["notes"][number]["about"]): string {
  return about === "progress" ? "note" : about;
}

function textOf(result: unknown): string {
  return typeof result === "string" ? result : JSON.stringify(result, null, 2);
}
