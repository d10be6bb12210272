/** The past of a task in a brief: why its attempts ended, and what their holders passed on. */
import type { Artifact } from "../record.ts";
import type { Completion, Task, TaskThread } from "../task.ts";
import { type BriefItem, type BriefLabel, type BriefText, createItem, textsOf } from "./item.ts";

type SentPacket = TaskThread["packets"][number];

/** What ended or reopened a task, then what ended its attempts, the highest attempt first. */
export function endingItems(task: Task): readonly BriefItem[] {
  const { cancelReason, failedNeed, reopened } = task.thread;
  const ofTask: BriefItem[] = [];
  if (task.state === "canceled") ofTask.push(createItem("cancellation", null, cancelReason));
  if (failedNeed !== null) ofTask.push(createItem("failed need", null, null, { task: failedNeed }));
  if (reopened !== null) ofTask.push(createItem("reopening", reopened, reopened.reason));
  const attemptOf = ({ facts }: BriefItem): number => Number(facts["attempt"]);
  // stable: within one attempt failures first, and each kind in record order
  return [...ofTask, ...attemptEndings(task).sort((a, b) => attemptOf(b) - attemptOf(a))];
}

/** The pieces of a packet that an item tells one by one, the most important first. */
export function packetPieces(sent: SentPacket): readonly BriefItem[] {
  const { summary, decisions, questions, deadEnds, artifacts } = sent.packet;
  return [
    createItem("summary", sent, summary, { facts: { attempt: sent.attempt } }),
    ...decisions.map((text) => createItem("decision", sent, text)),
    ...questions.map((text) => createItem("question", sent, text)),
    ...deadEnds.map(({ tried, why }) =>
      createItem("dead end", sent, tried, {
        texts: textsOf("why it failed", sent.agent, [why]),
      }),
    ),
    ...artifacts.map((artifact) =>
      createItem("artifact", sent, null, { texts: artifactTexts(sent, artifact) }),
    ),
  ];
}

/** A packet as one item. */
export function wholePacket(sent: SentPacket): BriefItem {
  const [summary, ...pieces] = packetPieces(sent);
  return createItem("packet", sent, sent.packet.summary, {
    ...(summary && { facts: summary.facts }),
    texts: pieces.flatMap(({ kind, texts }) =>
      texts.map((text) => ({ ...text, label: text.label ?? kind })),
    ),
  });
}

function attemptEndings(task: Task): BriefItem[] {
  const { claims, failures, thread } = task;
  const rejected = claims.filter(({ status }) => status === "rejected");
  const sentBack = resultsOf(task).flatMap(({ agent, attempt, reviews = [] }) =>
    reviews
      .filter(({ verdict }) => verdict === "rejected")
      .map((one) =>
        createItem("sent back", one, one.reason, { facts: { attempt, resultBy: agent } }),
      ),
  );
  const reasons = thread.reasons.map((one) => {
    const { agent, attempt, reason } = one;
    const isRejection = rejected.some(
      (claim) => claim.agent === agent && claim.attempt === attempt,
    );
    return createItem(isRejection ? "rejection" : "given back", one, reason, {
      facts: { attempt },
    });
  });
  return [
    ...failures.map((one) => {
      const { attempt, error, retryable } = one;
      return createItem("failure", one, error, { facts: { attempt, retryable } });
    }),
    ...sentBack,
    ...reasons,
    ...claims
      .filter(({ status }) => status === "expired")
      .map((one) => createItem("expired claim", one, null, { facts: { attempt: one.attempt } })),
  ];
}

/** Every result handed in, the accepted one first. */
function resultsOf(task: Task): readonly Completion[] {
  const { completion, inReview, alternates } = task;
  return [completion, inReview, ...alternates].filter((one) => one !== null);
}

function artifactTexts({ agent }: SentPacket, artifact: Artifact): readonly BriefText[] {
  const { name, mediaType, uri, hash, content } = artifact;
  const parts: readonly (readonly [BriefLabel, string | undefined])[] = [
    ["name", name],
    ["media type", mediaType],
    ["at", uri],
    ["hash", hash],
    ["content", content],
  ];
  return parts.flatMap(([label, text]) =>
    text === undefined ? [] : textsOf(label, agent, [text]),
  );
}
