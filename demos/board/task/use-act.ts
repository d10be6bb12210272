/** Lets the person act: joins with the first action, and tells what became of it. */
import { useState } from "preact/hooks";
import type { Agent } from "../../../lib/index.ts";
import { faultWords } from "../connect/fault-words.ts";
import { useNames, usePage } from "../live/page-context.tsx";
import { type Refusal, refusalWords } from "./refusal-words.ts";

/** What an action gives: an outcome of the library, or nothing where it cannot be refused. */
export type ActOutcome = { readonly ok: true } | Refusal | undefined;

/** Runs an action of the person. */
export interface Act {
  /** Whether one is under way. */
  readonly isBusy: boolean;
  /** @param done - what to say when it went well; nothing where empty */
  run(done: string, action: (agent: Agent) => Promise<ActOutcome>): Promise<boolean>;
}

/** Gives the way to act. */
export function useAct(): Act {
  const { session, say } = usePage();
  const names = useNames();
  const [isBusy, setBusy] = useState(false);
  return {
    isBusy,
    async run(done, action) {
      setBusy(true);
      try {
        const outcome = await action(await session.person.join());
        if (outcome?.ok === false) {
          say({ kind: "refused", text: refusalWords(outcome, names) });
          return false;
        }
        if (done !== "") say({ kind: "done", text: done });
        return true;
      } catch (fault) {
        const { title, remedy } = faultWords(fault);
        say({ kind: "fault", text: `${title} ${remedy}` });
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
