/** What a holder hands in, on its way into records: large results in parts, free texts cut to size, packets copied. */
import { checkPacket } from "../../core/packet.ts";
import {
  type Basis,
  formatRef,
  type Json,
  type Packet,
  type RecordRef,
  type TaskId,
} from "../../core/record.ts";
import type { Completion, Task } from "../../core/task.ts";
import {
  copyJson,
  jsonBytes,
  MAX_RECORD_BYTES,
  MAX_RESULT_BYTES,
} from "../../replica/plain-json.ts";
import type { RecordBody } from "../../replica/replica.ts";

// in UTF-16 units; as bytes in a record, JSON text takes 3 a unit at most, and free text 6, as in \u0001
const PART_LENGTH = 4096;
const MAX_TEXT_LENGTH = 2048;

/**
 * One `completed` record, or the parts of a large result and then the record that joins them.
 *
 * @throws RangeError when the result takes more than 1 MiB
 */
export function completionBodies(
  task: TaskId,
  claim: number,
  result: Json,
  basis: Basis | undefined,
): readonly RecordBody[] {
  const size = jsonBytes(result);
  if (size > MAX_RESULT_BYTES)
    throw new RangeError(
      `The result of task ${task} takes ${size} bytes, more than ${MAX_RESULT_BYTES}; store it elsewhere and return its address`,
    );
  if (size < MAX_RECORD_BYTES / 2)
    return [{ kind: "completed", task, claim, result: result ?? undefined, basis }];
  const text = JSON.stringify(result);
  const parts: RecordBody[] = [];
  for (let i = 0; i < text.length; ) {
    let end = Math.min(i + PART_LENGTH, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--;
    parts.push({ kind: "part", text: text.slice(i, end) });
    i = end;
  }
  return [...parts, { kind: "completed", task, claim, parts: parts.length, basis }];
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** Keeps a free text within a record; what a failing program prints has no bound. */
export function cut(text: string): string {
  const whole = text.toWellFormed();
  return whole.length <= MAX_TEXT_LENGTH
    ? whole
    : `${whole.slice(0, MAX_TEXT_LENGTH).toWellFormed()}…`;
}

/**
 * Copies a packet into plain JSON.
 *
 * @throws TypeError when it lacks a part
 */
export function checkedPacket(packet: Packet): Packet {
  checkPacket(packet);
  return copyJson(packet, "packet", 1) as unknown as Packet;
}

/**
 * Finds a result of a task that may be adopted.
 *
 * @throws RangeError when the task has none of this reference
 */
export function findResult({ id, completion, alternates }: Task, ref: RecordRef): Completion {
  const found = [completion, ...alternates].find(
    (one) => one?.n === ref.n && one.agent === ref.agent,
  );
  if (found) return found;
  throw new RangeError(`Task ${id} has no result ${formatRef(ref)}; take one of its alternates`);
}
