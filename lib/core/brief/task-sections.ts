/** The sections of the brief of one task, the most important first. */
import type { TaskLookup } from "../ready.ts";
import type { NoteKind } from "../record.ts";
import { dependenciesOf, type Note, type Task } from "../task.ts";
import { endingItems, packetPieces, wholePacket } from "./history.ts";
import {
  type BriefItem,
  type BriefItemKind,
  type BriefSource,
  createItem,
  createSource,
  knownFacts,
  textsOf,
} from "./item.ts";
import { audienceFacts, describeResult, taskItem, textRef } from "./standing.ts";

const RESULT_BYTES = 2_048;

/** All that there is to say about a task. */
export function taskSections(task: Task, lookup: TaskLookup): readonly BriefSource[] {
  const { notes, thread } = task;
  const [latest, ...earlier] = thread.packets.toReversed();
  const needs = dependencyItems(task, lookup);
  const noted = (about: NoteKind, kind: BriefItemKind): readonly BriefItem[] =>
    notes
      .filter((note) => note.about === about)
      .toReversed()
      .map((note) => noteItem(kind, note));
  return [
    createSource("The task", 1, fieldItems(task)),
    createSource("Result", 1 / 2, resultItems(task)),
    createSource("Handoff", 1 / 2, [...offerItems(task), ...(latest ? packetPieces(latest) : [])]),
    createSource("Why attempts ended", 1 / 2, endingItems(task)),
    createSource("Questions", 1 / 2, questionItems(task, noted("question", "question"))),
    createSource("Decisions", 1 / 2, noted("decision", "decision")),
    createSource("Dead ends", 1 / 2, noted("dead-end", "dead end")),
    createSource("Findings", 1 / 2, noted("finding", "finding")),
    createSource("Inputs", 1 / 2, needs.done),
    createSource("Waits for", 1 / 2, needs.open),
    createSource("Other results", 1 / 2, alternateItems(task)),
    createSource("Earlier packets", 1 / 2, earlier.map(wholePacket)),
    createSource("Progress", 1 / 2, noted("progress", "progress")),
  ];
}

/** A note, with the one who wrote it first where it was imported. */
function noteItem(kind: BriefItemKind, note: Note): BriefItem {
  return createItem(kind, note, note.text, { facts: knownFacts({ firstBy: note.by }) });
}

function fieldItems(task: Task): readonly BriefItem[] {
  const { added, body, guarantee, parent, policy, requires, title, version } = task;
  const { maxAttempts, timeoutMs, ifNeedFails, review, resources = [] } = policy;
  const by = textRef(task);
  const facts = {
    ...knownFacts({ parent, maxAttempts, timeoutMs, ifNeedFails }),
    ...knownFacts({ guarantee: guarantee === "settled" ? guarantee : null }),
    ...audienceFacts("reviewBy", review?.by),
    ...knownFacts({ approvals: review && (review.approvals ?? 1) }),
  };
  const listed = (kind: BriefItemKind, ref: typeof version, texts: readonly string[]): BriefItem =>
    createItem(kind, ref, null, { texts: textsOf(null, ref?.agent ?? null, texts) });
  return [
    createItem("title", by, title),
    createItem("body", by, body),
    listed("needed capabilities", version, requires),
    listed("resources", added, resources),
    createItem("policy", added, null, { facts }),
  ].filter((item) => item.texts.length > 0 || Object.keys(item.facts).length > 0);
}

function resultItems({ id, completion, inReview }: Task): readonly BriefItem[] {
  const shown = completion ?? inReview;
  if (shown === null) return [];
  const kind = completion === null ? "result in review" : "accepted result";
  const approvals = (shown.reviews ?? []).filter(({ verdict }) => verdict === "approved");
  return [
    createItem(kind, shown, null, describeResult(shown, id, RESULT_BYTES)),
    ...approvals.map((one) => createItem("approval", one, one.reason)),
  ];
}

function alternateItems({ id, alternates }: Task): readonly BriefItem[] {
  return alternates
    .toReversed()
    .map((one) => createItem("other result", one, null, describeResult(one, id, RESULT_BYTES)));
}

function offerItems({ thread }: Task): readonly BriefItem[] {
  const open = thread.offers.filter(({ status }) => status === "open");
  return open.toReversed().map((offer) =>
    createItem("offer", offer, null, {
      facts: { attempt: offer.attempt, ...audienceFacts("to", offer.to) },
      texts: offer.declined.flatMap(({ agent, reason }) =>
        textsOf("declined", agent, [reason ?? ""]),
      ),
    }),
  );
}

/** Open questions, then noted ones, then those that were answered. */
function questionItems({ thread }: Task, noted: readonly BriefItem[]): readonly BriefItem[] {
  const asked = thread.questions.toReversed().map((one) => {
    const kind = one.answers.length === 0 ? "question" : "answered question";
    return createItem(kind, one, one.question, {
      facts: { attempt: one.attempt, ...audienceFacts("of", one.of) },
      texts: one.answers.flatMap(({ agent, answer }) => textsOf("answer", agent, [answer])),
    });
  });
  const isOpen = ({ kind }: BriefItem): boolean => kind === "question";
  return [...asked.filter(isOpen), ...noted, ...asked.filter((item) => !isOpen(item))];
}

/** What the task waits for: with results where completed, and else how it stands. */
function dependencyItems(
  task: Task,
  lookup: TaskLookup,
): { readonly done: readonly BriefItem[]; readonly open: readonly BriefItem[] } {
  const { delay } = task.thread;
  const children = new Set(task.thread.children);
  const done: BriefItem[] = [];
  const open: BriefItem[] =
    delay === null ? [] : [createItem("delay", null, null, { facts: { ...delay } })];
  for (const id of new Set(dependenciesOf(task))) {
    const kind = children.has(id) ? "child" : "need";
    const other = lookup(id);
    if (other === undefined)
      open.push(createItem(kind, null, null, { task: id, facts: { state: "unknown" } }));
    else if (other.completion === null)
      open.push(taskItem(kind, other, { facts: { state: other.state } }));
    else
      done.push(
        taskItem(kind, other, describeResult(other.completion, id, RESULT_BYTES, "result")),
      );
  }
  return { done, open };
}
