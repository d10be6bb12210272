/** What the person can do with a task now: a button each, and a short form where something has to be said. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useBoard } from "../../../adapters/ui/react.ts";
import { type Agent, type Claim, isEnded, type Task } from "../../../lib/index.ts";
import { usePage, usePerson } from "../live/page-context.tsx";
import { ActionForm } from "./action-form.tsx";
import { type ActionKind, actionsFor } from "./available.ts";
import { focusSide } from "./focus-side.ts";
import { runAction, type Words } from "./run-action.ts";
import { useAct } from "./use-act.ts";

/** Shows the buttons and the form that one of them opened. */
export function Actions({ task }: { readonly task: Task }): JSX.Element {
  const { session } = usePage();
  const person = usePerson();
  const act = useAct();
  const [open, setOpen] = useState<ActionKind | null>(null);
  const isOffline = useBoard((state) => state.status !== "synced");
  const mine = claimOf(person.agent, task);
  const pending = person.pending.get(task.id);
  const isReady = session.live.index.standing(task.id)?.section === "ready";
  const actions = actionsFor({ task, person, isMine: mine !== undefined, isReady, isOffline });
  const current = actions.find(({ kind }) => kind === open);

  const close = (): void => {
    setOpen(null);
    focusSide();
  };
  const run = async (kind: ActionKind, words: Words): Promise<void> => {
    const { done, action } = runAction(kind, { task, words, person });
    const began = act.run(done, action);
    if (kind === "claim" || kind === "hand-over" || kind === "ask")
      close(); // they wait for others
    else if (await began) close();
  };

  return (
    <div class="actions">
      {pending !== undefined && (
        <p class="small pending" role="status">
          {pending.kind === "offer"
            ? "Your offer stands; it waits for somebody to accept."
            : isOffline
              ? "Your claim waits for the relay: settled claims are decided there."
              : "Your claim is being settled …"}{" "}
          <button type="button" onClick={() => pending.stop.abort()}>
            {pending.kind === "offer" ? "Take it back" : "Give it up"}
          </button>
        </p>
      )}
      <div class="buttons">
        {actions.map(({ kind, label, isMain, form }) => (
          <button
            key={kind}
            type="button"
            class={isMain ? "main" : ""}
            disabled={act.isBusy && pending === undefined}
            aria-expanded={form === undefined ? undefined : open === kind}
            onClick={() =>
              form === undefined ? void run(kind, {}) : setOpen(open === kind ? null : kind)
            }
          >
            {label}
          </button>
        ))}
      </div>
      {isOffline && isReady && task.guarantee === "settled" && (
        <p class="small faint">This task takes settled claims only; they wait for the relay.</p>
      )}
      {current?.form !== undefined && (
        <ActionForm
          key={current.kind}
          fields={current.form}
          submit={current.label}
          onSubmit={(words) => void run(current.kind, words)}
          onCancel={close}
        />
      )}
    </div>
  );
}

/** The person's claim of the task, while they hold it. */
function claimOf(agent: Agent | null, task: Task): Claim | undefined {
  if (agent === null || isEnded(task)) return undefined;
  return agent.held().find((one) => one.task.id === task.id);
}
