/** `note`, `ask` and `answer`: what agents say about a task while it is worked on. */
import { formatRef, type NoteKind } from "../../../lib/index.ts";
import { parseRef } from "../board/reference.ts";
import { exitCode } from "../fault.ts";
import { audienceOf } from "../flags.ts";
import { printable, printableLines } from "../output/printable.ts";
import { patienceSignal } from "../patience.ts";
import type { ActOptions } from "../session/act.ts";
import type { Deed } from "../session/hand.ts";
import { lossFault } from "../session/loss.ts";
import { refusalFault } from "./refusal.ts";

/** What is asked of whom, and whether to stay for the answer. */
export interface AskFlags extends ActOptions {
  readonly question: string;
  readonly of?: string;
  readonly capability?: string;
  readonly wait: boolean;
  readonly timeoutMs?: number;
}

/** Leaves a note. */
export function noteDeed({ text, about }: ActOptions & { text: string; about: NoteKind }): Deed {
  return async (hand) => {
    await hand.agent.note(hand.task().id, { kind: about, text });
    return { words: `${about} noted` };
  };
}

/** Asks for input; without `--wait` the question is left standing. */
export function askDeed(options: AskFlags): Deed {
  const of = audienceOf(options.of, options.capability);
  return async (hand) => {
    const { wait, timeoutMs } = options;
    // a wait that is over at once: the question is written, and stands
    const signal = wait ? patienceSignal(hand.signal, timeoutMs) : AbortSignal.abort();
    const audience = of === undefined ? {} : { of };
    const asking = hand.claim().ask(options.question, { ...audience, signal });
    const said = wait ? hand.sayWhenSafe("asked; waiting for the answer") : null;
    const [outcome] = await Promise.all([asking, said]);
    const asked = hand.task().thread.questions.findLast(({ agent }) => agent === hand.agent.id);
    const data = { question: asked === undefined ? null : formatRef(asked) };
    if (outcome.ok)
      return {
        words: `${printable(outcome.by)} answers: ${printableLines(outcome.answer)}`,
        data: { ...data, answer: outcome.answer, by: outcome.by },
      };
    const { reason } = outcome;
    if (reason !== "aborted") throw lossFault(hand.task(), hand.agent.id);
    return {
      words: wait ? `not answered yet, ${data.question} stands` : `asked, as ${data.question}`,
      data: { ...data, answer: null, by: null },
      exit: wait ? exitCode.refused : exitCode.ok,
      talk: `\`stigmergy show ${printable(options.id)}\` shows the answer once it is there`,
    };
  };
}

/** Answers a question: the one named, or the first open one. */
export function answerDeed({
  answer,
  question,
}: ActOptions & { answer: string; question?: string }): Deed {
  const ref = question === undefined ? undefined : parseRef(question);
  return async (hand) => {
    const outcome = await hand.agent.answer(hand.task().id, answer, ref);
    if (!outcome.ok) throw refusalFault(hand.task(), outcome);
    return { words: "answered" };
  };
}
