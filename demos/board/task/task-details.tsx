/** One task with all that is known of it: how it stands and why, what is said about it, and what the person can do. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Task, TaskId } from "../../../lib/index.ts";
import { useIndex, useNames, usePage, useTask } from "../live/page-context.tsx";
import { clip, clipLines, humanize, jsonText } from "../live/texts.ts";
import { SIGNS, standingWords } from "../tasks/standing-words.ts";
import { Actions } from "./actions.tsx";
import { focusSide } from "./focus-side.ts";
import { Records } from "./records.tsx";
import { Thread } from "./thread.tsx";

/** So many characters of a text are shown. */
const SHOWN = 6_000;

/** Shows the task. */
export function TaskDetails({ id }: { readonly id: TaskId }): JSX.Element {
  const { show, past, view, session } = usePage();
  const task = useTask(id);
  return (
    <section class="panel side" aria-labelledby="details-title">
      <div class="panel-head">
        <h2 id="details-title" tabIndex={-1}>
          {task === undefined ? "Unknown task" : clip(task.title, 200) || "(no title)"}
        </h2>
        <button
          type="button"
          class="quiet"
          aria-label="Close the task"
          onClick={() => {
            show({ task: null });
            focusSide();
          }}
        >
          ×
        </button>
      </div>
      {task === undefined ? (
        <p class="faint">
          {view.at === null && session.board.status === "synced"
            ? `No task ${clip(id, 40)} is on this board.`
            : past === null
              ? "It has not arrived yet."
              : `It was not there yet at ${past.time}.`}
        </p>
      ) : (
        <Known task={task} />
      )}
    </section>
  );
}

function Known({ task }: { readonly task: Task }): JSX.Element {
  const { past, view, session } = usePage();
  const index = useIndex();
  const names = useNames();
  const standing = index.standing(task.id);
  const isPast = view.at !== null;
  const result = task.inReview ?? task.completion;
  return (
    <>
      <p>
        {standing !== undefined && (
          <span class={`task ${standing.section}`}>
            <span class="sign" aria-hidden="true">
              {SIGNS[standing.label]}
            </span>{" "}
            <b>{standing.label}</b>{" "}
            <span class="faint">{standingWords(task, standing, names)}</span>
          </span>
        )}
      </p>
      {!isPast && <Explained task={task} />}
      <Facts task={task} />
      {task.body !== "" && <Text text={task.body} label="What is to be done" />}
      {result !== null && (
        <>
          <h3>{task.inReview === null ? "Result" : "Result, to be reviewed"}</h3>
          <p class="small faint">
            by {names.agent(result.agent)}, attempt {result.attempt}
          </p>
          <Text text={jsonText(result.result)} label="Result" />
        </>
      )}
      {isPast && <p class="faint small">You look at the past; go back to live to act.</p>}
      {!isPast && !session.parameters.mayAct && (
        <p class="faint small">Your token lets you read only.</p>
      )}
      {!isPast && session.parameters.mayAct && <Actions task={task} />}
      <Thread task={task} />
      <Records task={task} board={session.board} upTo={past?.time ?? null} />
    </>
  );
}

function Explained({ task }: { readonly task: Task }): JSX.Element {
  const { session } = usePage();
  const names = useNames();
  const { summary, losers } = session.board.explain(task.id);
  const ids = [
    ...task.claims.map(({ agent }) => [agent, names.agent(agent)] as const),
    ...[...task.needs, ...task.thread.children].map((id) => [id, `“${names.task(id)}”`] as const),
  ];
  return (
    <div class="explained small">
      <p>{clip(humanize(summary, ids), 500)}</p>
      {losers.slice(-6).map((loser, i) => (
        <p key={`${loser.agent} ${i}`} class="faint">
          <b>{names.agent(loser.agent)}</b>
          {task.attempt > 1 ? `, attempt ${loser.attempt}` : ""}:{" "}
          {clip(humanize(loser.reason, ids), 300)}
        </p>
      ))}
    </div>
  );
}

function Facts({ task }: { readonly task: Task }): JSX.Element {
  const { show } = usePage();
  const names = useNames();
  const links = (title: string, ids: readonly TaskId[]): JSX.Element | null =>
    ids.length === 0 ? null : (
      <div>
        <dt>{title}</dt>
        <dd>
          {ids.slice(0, 12).map((id, i) => (
            <span key={id}>
              {i > 0 && ", "}
              <button type="button" class="link" onClick={() => show({ task: id })}>
                {names.task(id)}
              </button>
            </span>
          ))}
          {ids.length > 12 && ` and ${ids.length - 12} more`}
        </dd>
      </div>
    );
  const { policy, requires, parent, thread } = task;
  const plain: readonly (readonly [string, string])[] = [
    ["added by", names.agent(task.added.agent)],
    ["claims", task.guarantee === "settled" ? "settled only" : "optimistic or settled"],
    [
      "requires",
      requires
        .slice(0, 12)
        .map((one) => clip(one, 40))
        .join(", "),
    ],
    [
      "holds",
      (policy.resources ?? [])
        .slice(0, 12)
        .map((one) => clip(one, 60))
        .join(", "),
    ],
    [
      "attempts",
      policy.maxAttempts === undefined ? "" : `${thread.spent} of ${policy.maxAttempts} spent`,
    ],
    [
      "waits",
      [...new Set(thread.waiters.map(({ agent }) => names.agent(agent)))].slice(0, 8).join(", "),
    ],
  ];
  return (
    <dl class="facts small">
      {plain
        .filter(([, value]) => value !== "")
        .map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      {links("needs", task.needs)}
      {links("children", thread.children)}
      {links("part of", parent === null ? [] : [parent])}
    </dl>
  );
}

function Text({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.scrollTop = 0;
  }, [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who scrolls by keyboard has to get there
    <section ref={box} class="text" tabIndex={0} aria-label={label}>
      {clipLines(text, SHOWN)}
    </section>
  );
}
