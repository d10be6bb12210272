/** Adds a task. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Guarantee, TaskId } from "../../../lib/index.ts";
import { useNames, usePage } from "../live/page-context.tsx";
import { focusSide } from "./focus-side.ts";
import { useAct } from "./use-act.ts";

const SUGGESTED = 40;

/** Shows the form. */
export function AddTask(): JSX.Element {
  const { view, show, session } = usePage();
  const act = useAct();
  const { mayAct } = session.parameters;
  const [needs, setNeeds] = useState<readonly TaskId[]>([]);
  const isPast = view.at !== null;

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const textOf = (name: string): string => String(data.get(name) ?? "").trim();
    const guarantee = textOf("guarantee");
    const title = textOf("title");
    if (title === "") return (form.elements.namedItem("title") as HTMLInputElement).focus();
    const isDone = await act.run("", async (agent) => {
      const id = await agent.add({
        title,
        body: textOf("body"),
        priority: Number(textOf("priority")) || 0,
        ...(needs.length === 0 ? {} : { needs }),
        ...(guarantee === "" ? {} : { guarantee: guarantee as Guarantee }),
      });
      show({ task: id });
      focusSide();
      return undefined;
    });
    if (isDone) form.reset();
  };

  return (
    <section class="panel side" aria-labelledby="add-title">
      <h2 id="add-title" tabIndex={-1}>
        Add a task
      </h2>
      <form onSubmit={(event) => void submit(event)}>
        <fieldset class="bare" disabled={isPast || act.isBusy || !mayAct}>
          <div class="field">
            <label for="add-name">Title</label>
            <input id="add-name" name="title" required maxLength={300} />
          </div>
          <div class="field">
            <label for="add-body">What is to be done</label>
            <textarea id="add-body" name="body" rows={4} maxLength={12_000} />
          </div>
          <Needs needs={needs} onChange={setNeeds} />
          <div class="pair">
            <div class="field">
              <label for="add-priority">Priority</label>
              <input id="add-priority" name="priority" type="number" step={1} defaultValue="0" />
            </div>
            <div class="field">
              <label for="add-guarantee">Claims</label>
              <select id="add-guarantee" name="guarantee">
                <option value="">as the claimant likes</option>
                <option value="settled">settled only: by the relay</option>
                <option value="optimistic">optimistic: at once</option>
              </select>
            </div>
          </div>
          <button class="main" type="submit">
            Add the task
          </button>
        </fieldset>
      </form>
      {isPast && <p class="faint small">Go back to live to act.</p>}
      {!mayAct && <p class="faint small">Your token lets you read only.</p>}
      <p class="faint small">Choose a task in the list to read it, claim it, answer or review.</p>
    </section>
  );
}

/** The tasks that have to be completed first, chosen by title or id. */
function Needs(props: {
  readonly needs: readonly TaskId[];
  readonly onChange: (needs: readonly TaskId[]) => void;
}): JSX.Element {
  const { needs, onChange } = props;
  const { session } = usePage();
  const names = useNames();
  const [text, setText] = useState("");
  const { index } = session.live;
  const open = (["working", "ready", "withheld"] as const).flatMap((one) =>
    index.section(one).slice(0, SUGGESTED),
  );
  const typed = text.trim();
  const found =
    typed === ""
      ? undefined
      : (index.task(typed as TaskId) ??
        open.find(({ title }) => title.toLowerCase().includes(typed.toLowerCase())));
  const add = (): void => {
    if (found === undefined) return;
    if (!needs.includes(found.id)) onChange([...needs, found.id]);
    setText("");
  };
  return (
    <div class="field">
      <label for="add-needs">Needs, done before</label>
      <div class="with-button">
        <input
          id="add-needs"
          list="add-needs-known"
          value={text}
          placeholder="part of a title, or an id"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || typed === "") return;
            event.preventDefault();
            add();
          }}
        />
        <button type="button" disabled={found === undefined} onClick={add}>
          Add need
        </button>
      </div>
      <datalist id="add-needs-known">
        {open.slice(0, SUGGESTED).map(({ id }) => (
          <option key={id} value={names.task(id)} />
        ))}
      </datalist>
      {needs.length > 0 && (
        <ul class="chips">
          {needs.map((id) => (
            <li key={id}>
              {names.task(id)}
              <button
                type="button"
                class="quiet"
                aria-label={`Remove ${names.task(id)}`}
                onClick={() => onChange(needs.filter((one) => one !== id))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
