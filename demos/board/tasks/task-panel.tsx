/** The tasks: which may be claimed, which may not and why, which are in work, and which have ended. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Task } from "../../../lib/index.ts";
import { type BoardIndex, SECTIONS } from "../board-index.ts";
import { useIndex, useNames, usePage, type View } from "../live/page-context.tsx";
import { agentName, clip, count } from "../live/texts.ts";
import { SIGNS, standingWords } from "./standing-words.ts";
import { ChoiceList } from "./virtual-list.tsx";

const ROW_HEIGHT = 54;

const TITLES: Readonly<Record<View["list"], string>> = {
  open: "Open",
  ready: "Ready",
  withheld: "Withheld",
  working: "In work",
  ended: "Ended",
};

/** Shows the tasks. */
export function TaskPanel(): JSX.Element {
  const { view, show, session, past } = usePage();
  const index = useIndex();
  const lists = listsOf(index, view.list);
  const { filter } = view;
  const version = past === null ? session.live.version : past;
  const found = useMemo(
    () =>
      filter === "" ? null : lists.flatMap((list) => list.filter((task) => matches(task, filter))),
    [filter, view.list, version],
  );
  const total = found?.length ?? lists.reduce((sum, list) => sum + list.length, 0);
  const at = (place: number): Task | undefined =>
    found?.[place] ?? (found === null ? taskAt(lists, place) : undefined);
  const chosen = view.task === null ? -1 : placeOf(found === null ? lists : [found], view.task);
  return (
    <section class="panel tasks" aria-labelledby="tasks-title">
      <div class="panel-head">
        <h2 id="tasks-title">
          Tasks <span class="faint">{count(index.totals.tasks)}</span>
        </h2>
        <input
          type="search"
          aria-label="Filter by title, id or agent"
          placeholder="Filter"
          value={filter}
          onInput={(event) => show({ filter: event.currentTarget.value })}
        />
      </div>
      <fieldset class="lists">
        <legend class="hidden">Which tasks</legend>
        {(["open", ...SECTIONS] as const).map((name) => (
          <label key={name} class={name === view.list ? "chosen" : ""}>
            <input
              type="radio"
              name="list"
              checked={name === view.list}
              onChange={() => show({ list: name })}
            />
            {TITLES[name]} <span class="faint">{count(sizeOf(index, name))}</span>
          </label>
        ))}
      </fieldset>
      {total === 0 ? (
        <p class="faint">{emptyWords(index, view)}</p>
      ) : (
        <ChoiceList
          label={`${TITLES[view.list]} tasks`}
          count={total}
          rowHeight={ROW_HEIGHT}
          row={(place) => {
            const task = at(place);
            return task === undefined
              ? { key: `none-${place}`, content: null }
              : { key: task.id, content: <Row task={task} index={index} /> };
          }}
          chosen={chosen}
          choose={(place) => show({ task: at(place)?.id ?? null })}
        />
      )}
    </section>
  );
}

function Row({ task, index }: { readonly task: Task; readonly index: BoardIndex }): JSX.Element {
  const names = useNames();
  const standing = index.standing(task.id);
  if (standing === undefined) return <span />;
  return (
    <div class={`task ${standing.section}`}>
      <span class="sign" aria-hidden="true">
        {SIGNS[standing.label]}
      </span>
      <span class="title">{clip(task.title, 120) || "(no title)"}</span>
      {task.priority !== 0 && <span class="tag">priority {task.priority}</span>}
      <span class="reason small">
        <b>{standing.label}</b> <span class="faint">{standingWords(task, standing, names)}</span>
      </span>
    </div>
  );
}

const OPEN = ["ready", "withheld", "working"] as const;

function listsOf(index: BoardIndex, list: View["list"]): readonly (readonly Task[])[] {
  return list === "open" ? OPEN.map((one) => index.section(one)) : [index.section(list)];
}

function sizeOf(index: BoardIndex, list: View["list"]): number {
  return listsOf(index, list).reduce((sum, one) => sum + one.length, 0);
}

function taskAt(lists: readonly (readonly Task[])[], place: number): Task | undefined {
  let left = place;
  for (const list of lists) {
    if (left < list.length) return list[left];
    left -= list.length;
  }
  return undefined;
}

function placeOf(lists: readonly (readonly Task[])[], id: string): number {
  let before = 0;
  for (const list of lists) {
    const place = list.findIndex((task) => task.id === id);
    if (place >= 0) return before + place;
    before += list.length;
  }
  return -1;
}

function matches(task: Task, filter: string): boolean {
  const text = filter.toLowerCase();
  return (
    task.title.toLowerCase().includes(text) ||
    task.id.includes(text) ||
    task.claims.some(({ agent }) => agentName(agent).toLowerCase().includes(text))
  );
}

function emptyWords(index: BoardIndex, { filter, list }: View): string {
  if (index.totals.tasks === 0) return "The board is here, and has no tasks. Add the first one.";
  if (filter !== "") return `None of ${count(sizeOf(index, list))} matches “${clip(filter, 40)}”.`;
  return list === "open" ? "All tasks have ended." : "None.";
}
