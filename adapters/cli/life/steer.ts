/** `review`, `cancel`, `reopen`, `redrive` and `edit`: what is said about a task by others than its holder. */
import type { ReopenOutcome, TaskEdit } from "../../../lib/index.ts";
import { type FieldFlags, fieldsOf } from "../add/task-flags.ts";
import { findTask } from "../board/find-task.ts";
import { usageFault } from "../fault.ts";
import type { ActOptions } from "../session/act.ts";
import type { Deed, Hand, Report } from "../session/hand.ts";
import { refusalFault } from "./refusal.ts";

/** A command that may say why. */
export interface ReasonOptions extends ActOptions {
  readonly reason?: string;
}

/** The verdict on a result. */
export interface ReviewFlags extends ActOptions {
  readonly approve: boolean;
  readonly sendBack?: string;
}

/** What is to change. */
export interface EditFlags extends ActOptions, FieldFlags {
  readonly title?: string;
  /** False to drop all needs. */
  readonly needs: boolean;
}

/** Approves a result, or sends it back. */
export function reviewDeed({ approve, sendBack: reason }: ReviewFlags): Deed {
  if (approve === (reason !== undefined) || reason?.trim() === "")
    throw usageFault("give one verdict: --approve, or --send-back REASON");
  return async (hand) => {
    const verdict = approve ? "approved" : "rejected";
    const said = reason === undefined ? {} : { reason };
    const outcome = await hand.agent.review(hand.task().id, { verdict, ...said });
    if (!outcome.ok) throw refusalFault(hand.task(), outcome);
    const { state } = hand.task();
    const so = state === "completed" ? "completed" : "more approvals are needed";
    return { words: approve ? `approved, ${so}` : "sent back" };
  };
}

/** Calls a task off. */
export function cancelDeed({ reason }: ReasonOptions): Deed {
  return async (hand) => {
    const { id, state } = hand.task();
    if (state === "completed")
      throw refusalFault(hand.task(), { ok: false, reason: "ended", state });
    await hand.agent.cancel(id, reason);
    return { words: "canceled" };
  };
}

/** Starts an ended task over. */
export function reopenDeed({ reason }: ReasonOptions): Deed {
  return async (hand) => reopened(hand, await hand.agent.reopen(hand.task().id, reason));
}

/** Starts a failed task over. */
export function redriveDeed({ reason }: ReasonOptions): Deed {
  return async (hand) => reopened(hand, await hand.agent.redrive(hand.task().id, reason));
}

/** Changes fields of a task. */
export function editDeed(options: EditFlags): Deed {
  const { title, needs, ...flags } = options;
  const edit: TaskEdit = {
    ...fieldsOf(flags),
    ...(title === undefined ? {} : { title }),
    ...(needs ? {} : { needs: [] }),
  };
  if (Object.keys(edit).length === 0)
    throw usageFault("say what to change: --title, --body, --need, --require or --priority");
  if (title?.trim() === "") throw usageFault("the title is empty; write one");
  return async (hand) => {
    for (const need of edit.needs ?? []) findTask(hand.board, need);
    await hand.agent.edit(hand.task().id, edit);
    return { words: `changed ${Object.keys(edit).join(", ")}` };
  };
}

function reopened(hand: Hand, outcome: ReopenOutcome): Report {
  if (!outcome.ok) throw refusalFault(hand.task(), outcome);
  return { words: `open again, for attempt ${outcome.attempt}` };
}
