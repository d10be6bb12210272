/** A short form below the buttons of a task. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { usePage } from "../live/page-context.tsx";
import { agentName } from "../live/texts.ts";
import type { FormField } from "./available.ts";
import type { Words } from "./run-action.ts";

const SUGGESTED = 50;

/** Shows the form; its first field has the focus. */
export function ActionForm(props: {
  readonly fields: readonly FormField[];
  readonly submit: string;
  readonly onSubmit: (words: Words) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const { fields, submit, onSubmit, onCancel } = props;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("input, textarea")?.focus();
  }, []);
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    onSubmit(
      Object.fromEntries(fields.map(({ name }) => [name, String(data.get(name) ?? "").trim()])),
    );
  };
  return (
    <form
      ref={form}
      class="action-form"
      onSubmit={send}
      onKeyDown={(event) => {
        if (event.key === "Escape") onCancel();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
          form.current?.requestSubmit();
      }}
    >
      {fields.map((field) => (
        <div class="field" key={field.name}>
          <label for={`act-${field.name}`}>{field.label}</label>
          {field.isLong === true ? (
            <textarea
              id={`act-${field.name}`}
              name={field.name}
              rows={3}
              maxLength={12_000}
              required={field.isRequired}
            />
          ) : (
            <input
              id={`act-${field.name}`}
              name={field.name}
              maxLength={300}
              required={field.isRequired}
              list={field.suggests === "agents" ? "act-agents" : undefined}
              autoComplete="off"
            />
          )}
        </div>
      ))}
      {fields.some(({ suggests }) => suggests === "agents") && <Agents />}
      <div class="buttons">
        <button class="main" type="submit">
          {submit}
        </button>
        <button type="button" class="quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** Who is here, by id, which names one run; a bare name means all runs of it. */
function Agents(): JSX.Element {
  const { session } = usePage();
  const here = Object.values(session.board.snapshot().agents).filter(
    ({ id, hasLeft }) => !hasLeft && id !== session.person.agent?.id,
  );
  return (
    <datalist id="act-agents">
      {here.slice(-SUGGESTED).map(({ id }) => (
        <option key={id} value={id} label={agentName(id)} />
      ))}
    </datalist>
  );
}
