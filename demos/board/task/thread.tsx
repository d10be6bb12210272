/** What was said about a task: questions, offers, what was passed on, reviews, failures, other results and notes. */
import type { JSX } from "preact";
import type { Task } from "../../../lib/index.ts";
import { formatAudience } from "../../../lib/index.ts";
import { useNames } from "../live/page-context.tsx";
import { clip, clipLines, jsonText } from "../live/texts.ts";

/** So many of a kind are shown, the latest. */
const SHOWN = 20;
const TEXT = 1_500;

interface Said {
  readonly key: string;
  readonly who: string;
  readonly what: string;
  readonly text: string;
}

/** Shows what was said. */
export function Thread({ task }: { readonly task: Task }): JSX.Element | null {
  const names = useNames();
  const said = saidOf(task, names.agent);
  if (said.length === 0) return null;
  return (
    <>
      <h3>Thread</h3>
      <ul class="plain thread">
        {said.map(({ key, who, what, text }) => (
          <li key={key}>
            <p class="small faint">
              <b>{who}</b> {what}
            </p>
            {text !== "" && <p class="words">{clipLines(text, TEXT)}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}

function saidOf(task: Task, name: (id: Task["added"]["agent"]) => string): readonly Said[] {
  const { thread, notes, failures, alternates, completion, inReview } = task;
  const keyOf = (kind: string, one: { readonly agent: string; readonly n: number }): string =>
    `${kind} ${one.agent} ${one.n}`;
  const results = [
    ...alternates,
    ...(inReview === null ? [] : [inReview]),
    ...(completion === null ? [] : [completion]),
  ];
  return [
    ...thread.questions.slice(-SHOWN).flatMap((one) => [
      {
        key: keyOf("asks", one),
        who: name(one.agent),
        what: `asks${one.of === null ? "" : ` ${clip(formatAudience(one.of), 40)}`}`,
        text: one.question,
      },
      ...one.answers.slice(0, 5).map((answer) => ({
        key: keyOf("answers", answer),
        who: name(answer.agent),
        what: "answers",
        text: answer.answer,
      })),
    ]),
    ...thread.offers.slice(-SHOWN).flatMap((one) => [
      {
        key: keyOf("offers", one),
        who: name(one.agent),
        what: `offers it to ${clip(formatAudience(one.to), 40)}: ${one.status}`,
        text: "",
      },
      ...one.declined.slice(0, 5).map((no) => ({
        key: keyOf("declines", no),
        who: name(no.agent),
        what: "declines",
        text: no.reason ?? "",
      })),
    ]),
    ...thread.packets.slice(-SHOWN).map((one) => ({
      key: keyOf("passes", one),
      who: name(one.agent),
      what: "passes on",
      text: packetText(one.packet),
    })),
    ...failures.slice(-SHOWN).map((one) => ({
      key: keyOf("fails", one),
      who: name(one.agent),
      what: `failed in attempt ${one.attempt}${one.retryable ? "" : ", for good"}`,
      text: one.error,
    })),
    ...thread.reasons.slice(-SHOWN).map((one) => ({
      key: keyOf("gives", one),
      who: name(one.agent),
      what: `gave attempt ${one.attempt} back`,
      text: one.reason,
    })),
    ...results
      .flatMap(({ reviews = [] }) => reviews)
      .map((one) => ({
        key: keyOf("reviews", one),
        who: name(one.agent),
        what: one.verdict === "approved" ? "approved" : "sent it back",
        text: one.reason ?? "",
      })),
    ...alternates.slice(-SHOWN).map((one) => ({
      key: keyOf("alternate", one),
      who: name(one.agent),
      what: `handed in another result, attempt ${one.attempt}`,
      text: jsonText(one.result),
    })),
    ...notes.slice(-SHOWN).map((one) => ({
      key: keyOf("notes", one),
      who: name(one.agent),
      what: one.about === "progress" ? "notes" : `notes a ${one.about}`,
      text: one.text,
    })),
  ];
}

function packetText(packet: Task["thread"]["packets"][number]["packet"]): string {
  const { summary, decisions, questions, deadEnds, artifacts } = packet;
  return [
    summary,
    ...decisions.map((one) => `decided: ${one}`),
    ...questions.map((one) => `open: ${one}`),
    ...deadEnds.map(({ tried, why }) => `tried: ${tried}; ${why}`),
    ...artifacts.map(({ name, uri }) => `made: ${name}${uri === undefined ? "" : ` (${uri})`}`),
  ].join("\n");
}
