/** `add_note`: says something about a task, to whoever works on it now or later. */
import * as z from "zod";
import type { NoteKind, ResponseOutcome } from "../../../lib/index.ts";
import { adviseNext } from "../advice.ts";
import { type BindableTool, defineTool, taskId, text } from "../definition.ts";
import { refusalOf } from "../refusal.ts";
import type { Session } from "../session.ts";

const KINDS = [
  "progress",
  "decision",
  "finding",
  "dead_end",
  "question",
  "answer",
  "approval",
  "objection",
] as const;

type Kind = (typeof KINDS)[number];

/** The tool. */
export const addNote: BindableTool = defineTool({
  name: "add_note",
  description:
    "Leaves a note on a task for whoever works on it: write decisions, findings and dead ends as they come. question asks for input (a task you hold then waits); answer answers the open question; approval or objection is your verdict on a result in review.",
  input: z.strictObject({
    task_id: taskId,
    text: z.string().trim().min(1).max(12_000),
    kind: z.enum(KINDS).default("progress"),
  }),
  output: { task_id: text, kind: text },
  isReadOnly: false,
  async run(session, { task_id, text: words, kind }) {
    const { id } = session.task(task_id);
    await SAY[kind](session, id, words);
    return {
      task_id,
      kind,
      next:
        kind === "question" && session.claims.isHeld(id)
          ? "The task waits for an answer: call wait_for_change, then read get_brief of it."
          : adviseNext(session),
    };
  },
});

type Say = (
  session: Session,
  id: ReturnType<Session["task"]>["id"],
  words: string,
) => Promise<void>;

const note =
  (kind: NoteKind): Say =>
  ({ agent }, id, words) =>
    agent.note(id, { kind, text: words });

const SAY: Readonly<Record<Kind, Say>> = {
  progress: note("progress"),
  decision: note("decision"),
  finding: note("finding"),
  dead_end: note("dead-end"),
  async question(session, id, words) {
    const held = session.agent.held().find((claim) => claim.task.id === id);
    if (held === undefined) return note("question")(session, id, words);
    // a wait that is over at once: the question is written, and stands
    const asked = await held.ask(words, { signal: AbortSignal.abort() });
    if (!asked.ok && asked.reason !== "aborted")
      throw refusalOf({ ok: false, reason: asked.reason });
  },
  answer: async ({ agent }, id, words) => heed(await agent.answer(id, words)),
  approval: async ({ agent }, id, words) =>
    heed(await agent.review(id, { verdict: "approved", reason: words })),
  objection: async ({ agent }, id, words) =>
    heed(await agent.review(id, { verdict: "rejected", reason: words })),
};

function heed(outcome: ResponseOutcome): void {
  if (!outcome.ok) throw refusalOf(outcome);
}
