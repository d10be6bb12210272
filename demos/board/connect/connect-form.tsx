/** Asks for what is needed to open a board. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { checkWanted, type Flaws, RULE_NAMES, type Wanted } from "./parameters.ts";

/** Shows the form with what is known already, and with what is wrong about it. */
export function ConnectForm(props: {
  readonly wanted: Wanted;
  readonly flaws: Flaws;
  readonly onConnect: (wanted: Wanted) => void;
}): JSX.Element {
  const { wanted, onConnect } = props;
  const [flaws, setFlaws] = useState(props.flaws);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const textOf = (name: keyof Wanted): string => String(data.get(name) ?? "").trim();
    const next: Wanted = {
      relay: textOf("relay"),
      board: textOf("board"),
      token: textOf("token"),
      rule: textOf("rule"),
      name: textOf("name"),
    };
    const checked = checkWanted(next);
    if ("flaws" in checked) setFlaws(checked.flaws);
    else onConnect(next);
  };
  return (
    <form class="panel connect" noValidate onSubmit={submit}>
      <h2>Open a board</h2>
      <p class="faint">
        A board lives in the copies of its agents; a relay passes changes on.{" "}
        <code>stigmergy relay</code> starts one and prints its address.
      </p>
      <Field name="relay" label="Relay" flaw={flaws.relay}>
        <input
          name="relay"
          id="connect-relay"
          value={wanted.relay}
          placeholder="ws://127.0.0.1:4444"
          {...hint("relay", flaws)}
        />
      </Field>
      <Field name="board" label="Board" flaw={flaws.board}>
        <input
          name="board"
          id="connect-board"
          value={wanted.board}
          placeholder="docs"
          {...hint("board", flaws)}
        />
      </Field>
      <Field name="name" label="Your name" flaw={flaws.name}>
        <input name="name" id="connect-name" value={wanted.name} {...hint("name", flaws)} />
      </Field>
      <Field name="rule" label="Rule" flaw={flaws.rule}>
        <select name="rule" id="connect-rule" value={wanted.rule} {...hint("rule", flaws)}>
          {RULE_NAMES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      <Field name="token" label="Token, where the relay asks for one" flaw={flaws.token}>
        <input
          name="token"
          id="connect-token"
          type="password"
          autoComplete="off"
          value={wanted.token}
          {...hint("token", flaws)}
        />
        <p class="faint small">
          It is kept in the address of this page, behind the #, so that a reload finds it; no server
          is sent that part. Do not pass the address on.
        </p>
      </Field>
      <button class="main" type="submit">
        Open the board
      </button>
    </form>
  );
}

function hint(
  name: keyof Wanted,
  flaws: Flaws,
): { "aria-describedby"?: string; "aria-invalid"?: boolean } {
  return flaws[name] === undefined
    ? {}
    : { "aria-describedby": `connect-${name}-flaw`, "aria-invalid": true };
}

function Field(props: {
  readonly name: keyof Wanted;
  readonly label: string;
  readonly flaw: string | undefined;
  readonly children: preact.ComponentChildren;
}): JSX.Element {
  const { name, label, flaw, children } = props;
  return (
    <div class="field">
      <label for={`connect-${name}`}>{label}</label>
      {children}
      {flaw !== undefined && (
        <p class="flaw" id={`connect-${name}-flaw`}>
          {flaw}
        </p>
      )}
    </div>
  );
}
