/** What an agent should do now, in one sentence of ours that names no task, agent or text of others. */
import { countTasks, isAddressed, isEnded, type Task, tasksOf } from "../../lib/index.ts";
import type { Session } from "./session.ts";

/** Something that waits for this agent. */
export type Errand = {
  readonly what: "question" | "offer" | "review";
  readonly task_id: Task["id"];
};

/** What others wait for this agent to say. Cost: the size of the board. */
export function errandsOf({ board, agent }: Session): readonly Errand[] {
  const isForMe = (to: Parameters<typeof isAddressed>[0] | null): boolean =>
    to === null || isAddressed(to, agent.id, agent.capabilities);
  return tasksOf(board.snapshot()).flatMap((task): Errand[] => {
    if (isEnded(task)) return [];
    const { winner, thread, inReview, policy } = task;
    const errand = (what: Errand["what"]): Errand => ({ what, task_id: task.id });
    const isAsked = thread.questions.some(
      (one) =>
        one.answers.length === 0 &&
        one.agent !== agent.id &&
        one.agent === winner?.agent &&
        one.claim === winner.n &&
        isForMe(one.of),
    );
    const isOffered = thread.offers.some(
      (one) =>
        one.status === "open" &&
        one.agent !== agent.id &&
        isForMe(one.to) &&
        !one.declined.some((no) => no.agent === agent.id),
    );
    const isReviewer =
      inReview !== null &&
      policy.review !== undefined &&
      inReview.agent !== agent.id &&
      inReview.adopts?.agent !== agent.id &&
      isForMe(policy.review.by) &&
      !inReview.reviews?.some((one) => one.agent === agent.id);
    return [
      ...(isAsked ? [errand("question")] : []),
      ...(isOffered ? [errand("offer")] : []),
      ...(isReviewer ? [errand("review")] : []),
    ];
  });
}

/** Says what to do now. */
export function adviseNext(session: Session, errands: readonly Errand[] = []): string {
  const { agent, board } = session;
  if (agent.held().length > 0)
    return "Go on with the task that you hold; end it by complete_task, release_task or handoff_task.";
  const [errand] = errands;
  if (errand !== undefined) return ADVICE[errand.what];
  for (const _ of agent.claimable()) return "Call claim_task to take the next task.";
  const snapshot = board.snapshot();
  if (countTasks(snapshot) === 0) return "No task is on the board yet: call add_tasks.";
  const { submitted, working, "input-required": waiting } = snapshot.counts;
  return submitted + working + waiting > 0
    ? "Nothing is ready for you now: call wait_for_change with this cursor."
    : "Every task has ended: call add_tasks for new work, or stop here.";
}

const ADVICE: Readonly<Record<Errand["what"], string>> = {
  question:
    "A holder waits for your answer: read get_brief of that task, then add_note with kind answer.",
  offer: "A task is offered to you: call claim_task to accept it.",
  review:
    "A result waits for your verdict: read get_brief of that task, then add_note with kind approval or objection.",
};
