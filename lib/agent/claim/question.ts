/** A holder's question: written down, then waited on until somebody entitled has answered. */
import type { AgentId, RecordRef, TaskId } from "../../core/record.ts";
import type { BoardHost } from "../host.ts";
import type { LossReason } from "./loss.ts";

/** The answer to a question, or why there is none. */
export type AskOutcome =
  | { readonly ok: true; readonly answer: string; readonly by: AgentId }
  | { readonly ok: false; readonly reason: LossReason | "aborted" };

/** Waits for the first answer to the question at `ref`. */
export async function awaitAnswer(
  host: BoardHost,
  task: TaskId,
  ref: RecordRef,
  lossNow: () => LossReason | null,
  signal: AbortSignal | undefined,
): Promise<AskOutcome> {
  for (;;) {
    const asked = host.replica
      .task(task)
      ?.thread.questions.find((one) => one.n === ref.n && one.agent === ref.agent);
    const [first] = asked?.answers ?? [];
    if (first !== undefined) return { ok: true, answer: first.answer, by: first.agent };
    const loss = lossNow();
    if (loss !== null) return { ok: false, reason: loss };
    if (signal?.aborted) return { ok: false, reason: "aborted" };
    await host.nextChange(undefined, signal);
  }
}
