/** The bug zoo: every planted bug, by where it sits. */
import type { Bug } from "./bug.ts";
import { agentBugs } from "./bugs/agents.ts";
import { claimBugs } from "./bugs/claims.ts";
import { foldBugs } from "./bugs/fold.ts";
import { logBugs } from "./bugs/logs.ts";
import { mediumBugs } from "./bugs/mediums.ts";
import { orderBugs } from "./bugs/order.ts";

/** Every bug of the zoo. */
export const bugs: readonly Bug[] = [
  ...orderBugs,
  ...foldBugs,
  ...claimBugs,
  ...logBugs,
  ...mediumBugs,
  ...agentBugs,
];
