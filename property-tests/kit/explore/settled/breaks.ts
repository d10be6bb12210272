/** Four ways to get the decision on settled claims wrong; each was believed to be right once, and the model breaks it. */
import { decideSettled } from "../../../../lib/core/settle.ts";
import type { SettledOptions } from "../settled-model.ts";
import type { Decide } from "./outlook.ts";

/** A broken decision, and what has to go on between two agents before it shows. */
export interface SettledBreak {
  readonly name: string;
  /** The decision, in place of the library's own. */
  readonly decide: Decide;
  /** What has to be allowed to happen before it shows. */
  readonly needs: Omit<SettledOptions, "agents" | "decide">;
}

/** The broken decisions: under each of them two agents are confirmed in one attempt. */
export const settledBreaks: readonly SettledBreak[] = [
  {
    name: "nobody waits for the echo of the marker",
    decide: (task, mine) => decideSettled(task, mine, true),
    needs: {},
  },
  {
    name: "the best claimant does not wait for its rivals",
    decide: (task, mine, hasEchoed) => {
      const decision = decideSettled(task, mine, hasEchoed);
      return hasEchoed && decision === "wait" ? "confirm" : decision;
    },
    needs: {},
  },
  {
    name: "whoever waited goes on in the same attempt after a rival's expiry",
    decide: (task, mine, hasEchoed) =>
      decideSettled({ ...task, nextAttempt: task.attempt }, mine, hasEchoed),
    needs: { expiries: 1 },
  },
  {
    name: "an attempt that failed is had once more while somebody waits for the next one",
    decide(task, mine, hasEchoed) {
      const claims = task.claims.filter(({ status }) => status !== "failed");
      return decideSettled({ ...task, claims }, mine, hasEchoed);
    },
    needs: { closings: 1 },
  },
];
