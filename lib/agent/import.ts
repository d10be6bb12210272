/** Imports portable tasks: adds what the board does not know, with its notes, and ends what had ended. */
import type { PortableTask } from "../core/portable.ts";
import { formatRef, type TaskId } from "../core/record.ts";
import { canonicalResources } from "../core/resource.ts";
import { copyJson } from "../replica/plain-json.ts";
import type { RecordBody } from "../replica/replica.ts";
import { completionBodies, cut } from "./claim/result.ts";
import type { BoardHost, LocalAgent } from "./host.ts";
import { taskIdOfKey } from "./ids.ts";

/** What an import did. */
export interface ImportOutcome {
  readonly added: readonly TaskId[];
  /** What the board knew already; nothing of it is changed. */
  readonly known: readonly TaskId[];
}

/**
 * Adds tasks in the given order, in one transaction: all of them or none. Of two with one id the first counts.
 *
 * @throws RangeError when a task's id is not that of its key, this agent lacks a capability that an ended task requires,
 * or a result is no plain JSON or too large
 */
export function importTasks(
  host: BoardHost,
  agent: LocalAgent,
  tasks: readonly PortableTask[],
): ImportOutcome {
  const fresh = new Map<TaskId, PortableTask>();
  for (const task of tasks)
    if (host.replica.task(task.id) === undefined && !fresh.has(task.id)) fresh.set(task.id, task);
  const bodies: RecordBody[] = [];
  const first = host.replica.nextPosition(agent.id);
  for (const task of fresh.values()) {
    checkTask(task, agent);
    bodies.push(...importBodies(task, agent, first + bodies.length));
  }
  if (bodies.length > 0) host.replica.append(agent.id, bodies);
  return {
    added: [...fresh.keys()],
    known: tasks.filter((task) => fresh.get(task.id) !== task).map(({ id }) => id),
  };
}

const END_STATES: readonly string[] = ["completed", "canceled", "rejected", "failed"];

function checkTask({ id, key, requires = [], end }: PortableTask, agent: LocalAgent): void {
  if (key !== undefined && id !== taskIdOfKey(key))
    throw new RangeError(`The task ${id} has the key ${key}, of which another id is made`);
  if (end !== undefined && !END_STATES.includes(end.state))
    throw new RangeError(
      `The task ${id} ended as ${end.state}; use one of ${END_STATES.join(", ")}`,
    );
  const missing = requires.filter((tag) => !agent.capabilities.includes(tag));
  if (end !== undefined && end.state !== "canceled" && missing.length > 0)
    throw new RangeError(
      `The ended task ${id} requires ${missing.join(", ")}; import it as an agent with these capabilities`,
    );
}

/** A task with its notes, and with its end where it has one; nobody else can know it yet, so the claim needs no contest. */
function importBodies(task: PortableTask, agent: LocalAgent, n: number): readonly RecordBody[] {
  const { id, requires = [], guarantee, end } = task;
  const bodies = [...addition(task)];
  if (end === undefined) return bodies;
  if (end.state === "canceled")
    return [...bodies, { kind: "cancelled", task: id, reason: cutOptional(end.reason) }];
  const version = requires.length === 0 ? undefined : formatRef({ agent: agent.id, n });
  const claim = n + bodies.length;
  bodies.push({ kind: "claimed", task: id, guarantee, version });
  if (guarantee === "settled") bodies.push({ kind: "confirmed", task: id, claim });
  return [...bodies, ...endBodies(id, end, claim)];
}

function addition({
  id,
  notes = [],
  resources,
  end: _,
  ...rest
}: PortableTask): readonly RecordBody[] {
  const fields =
    resources === undefined ? rest : { ...rest, resources: canonicalResources(resources) };
  const added = copyJson(fields, `task ${id}`, 1) as unknown as Omit<
    Extract<RecordBody, { kind: "added" }>,
    "kind" | "task"
  >;
  return [
    { ...added, kind: "added", task: id },
    ...notes.map(
      ({ kind, text, by }): RecordBody => ({
        kind: "noted",
        task: id,
        text,
        about: kind === "progress" ? undefined : kind,
        by,
      }),
    ),
  ];
}

function endBodies(
  task: TaskId,
  end: NonNullable<PortableTask["end"]>,
  claim: number,
): readonly RecordBody[] {
  if (end.state === "completed")
    return completionBodies(task, claim, copyJson(end.result, "result", 1), undefined);
  const reason = cut(end.reason ?? "");
  return end.state === "rejected"
    ? [{ kind: "rejected", task, claim, reason }]
    : [{ kind: "failed", task, claim, error: reason, retryable: false }];
}

function cutOptional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(text);
}
