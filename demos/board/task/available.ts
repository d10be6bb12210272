/** Which actions make sense for a task as it stands, and what each asks the person to say. */
import { isAddressed, isEnded, type Question, type Task } from "../../../lib/index.ts";
import type { Person } from "../live/person.ts";
import { agentName, clip } from "../live/texts.ts";

/** Everything that a person can do with a task. */
export type ActionKind =
  | "claim"
  | "claim-now"
  | "accept"
  | "decline"
  | "complete"
  | "hand-over"
  | "ask"
  | "release"
  | "answer"
  | "approve"
  | "send-back"
  | "note"
  | "cancel"
  | "reopen";

/** One thing to be said in a form. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly isLong?: boolean;
  readonly isRequired?: boolean;
  /** Suggestions: the names of who is on the board. */
  readonly suggests?: "agents";
}

/** One action. */
export interface Action {
  readonly kind: ActionKind;
  readonly label: string;
  readonly isMain?: boolean;
  readonly form?: readonly FormField[];
}

/** What decides over the actions. */
export interface Situation {
  readonly task: Task;
  readonly person: Person;
  readonly isMine: boolean;
  readonly isReady: boolean;
  readonly isOffline: boolean;
}

const REASON: FormField = { name: "reason", label: "Reason" };

/** Lists the actions, the likeliest first. What others would be refused is not offered; the board refuses the rest. */
export function actionsFor({
  task,
  person,
  isMine,
  isReady,
  isOffline,
}: Situation): readonly Action[] {
  const actions: Action[] = [];
  const isPending = person.pending.has(task.id);
  if (isReady && !isPending) actions.push({ kind: "claim", label: "Claim", isMain: true });
  if (isReady && !isPending && isOffline && task.guarantee !== "settled")
    actions.push({ kind: "claim-now", label: "Claim optimistically now" });
  if (isOffered(task, person) && !isPending)
    actions.push(
      { kind: "accept", label: "Accept the handover", isMain: true },
      { kind: "decline", label: "Decline", form: [REASON] },
    );
  const question = openQuestion(task, person);
  if (question !== undefined)
    actions.push({
      kind: "answer",
      label: "Answer",
      isMain: true,
      form: [
        {
          name: "answer",
          label: `Answer to ${agentName(question.agent)}: ${clip(question.question, 200)}`,
          isLong: true,
          isRequired: true,
        },
      ],
    });
  const { review } = task.policy;
  if (
    task.inReview !== null &&
    task.inReview.agent !== person.agent?.id &&
    (review === undefined || isMeant(review.by, person))
  )
    actions.push(
      { kind: "approve", label: "Approve", isMain: true },
      {
        kind: "send-back",
        label: "Send back",
        form: [{ ...REASON, isLong: true, isRequired: true }],
      },
    );
  if (isMine) actions.push(...HOLDING.filter(({ kind }) => kind !== "hand-over" || !isPending));
  actions.push({
    kind: "note",
    label: "Note",
    form: [{ name: "note", label: "Note", isLong: true, isRequired: true }],
  });
  if (isEnded(task)) actions.push({ kind: "reopen", label: "Reopen", form: [REASON] });
  else actions.push({ kind: "cancel", label: "Call off", form: [REASON] });
  return actions;
}

const HOLDING: readonly Action[] = [
  {
    kind: "complete",
    label: "Complete",
    isMain: true,
    form: [{ name: "result", label: "Result: text, or JSON", isLong: true }],
  },
  {
    kind: "hand-over",
    label: "Hand over",
    form: [
      { name: "to", label: "To", isRequired: true, suggests: "agents" },
      { name: "summary", label: "What they should know", isLong: true, isRequired: true },
      { name: "decisions", label: "Decided so far, one a line", isLong: true },
      { name: "questions", label: "Open questions, one a line", isLong: true },
    ],
  },
  {
    kind: "ask",
    label: "Ask",
    form: [
      { name: "question", label: "Question", isLong: true, isRequired: true },
      { name: "of", label: "Of whom; anybody where empty", suggests: "agents" },
    ],
  },
  { kind: "release", label: "Give back", form: [REASON] },
];

/** The first question that the person may answer. */
export function openQuestion(task: Task, person: Person): Question | undefined {
  return task.thread.questions.find(
    ({ agent, claim, of, answers }) =>
      answers.length === 0 &&
      agent !== person.agent?.id &&
      agent === task.winner?.agent &&
      claim === task.winner.n &&
      (of === null || isMeant(of, person)),
  );
}

function isOffered(task: Task, person: Person): boolean {
  return task.thread.offers.some(
    ({ status, agent, to, declined }) =>
      status === "open" &&
      agent !== person.agent?.id &&
      isMeant(to, person) &&
      !declined.some((one) => one.agent === person.agent?.id),
  );
}

/** Before the person has joined they are known by name only. */
function isMeant(audience: Question["of"] & object, { agent, name }: Person): boolean {
  if (agent !== null) return isAddressed(audience, agent.id, agent.capabilities);
  return "agent" in audience && audience.agent === name;
}
