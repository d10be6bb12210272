/** Hands a task on with what its command learned: to whom it names, or back to everybody. */
import {
  type Audience,
  type Board,
  type Claim,
  CoordinationError,
  formatAudience,
  type HandoffOutcome,
  isAddressed,
} from "../../../lib/index.ts";
import { BrokenFile } from "./files/left-file.ts";
import { HANDOFF_FILE, type LeftHandoff } from "./files/left-handoff.ts";

/** What is handed on, and what else there is to say of the attempt. */
export interface HandingOn extends LeftHandoff {
  readonly faults: readonly string[];
}

/** How often a task may be handed on in one round: an agent that always does so would never end, at a price. */
export const MAX_HANDOFFS = 16;

/** How long a named one has to accept: it may be at work on something else. */
const PATIENCE_MS = 600_000;

/**
 * Hands the task on, and where nobody accepts gives it back; false when the claim was lost before.
 *
 * @throws BrokenFile when the packet cannot be kept, or was handed on too often
 */
export async function handOn(
  board: Board,
  claim: Claim,
  { packet, to, faults }: HandingOn,
): Promise<boolean> {
  const { packets, reopened } = claim.task.thread;
  const inRound = packets.filter(({ attempt }) => attempt >= (reopened?.attempt ?? 0));
  if (inRound.length >= MAX_HANDOFFS)
    throw new BrokenFile(
      HANDOFF_FILE,
      `hands the task on once more, after ${inRound.length} times; finish it, or split it into smaller ones`,
    );
  try {
    if (to === null || claim.signal.aborted || !hasSomebody(board, claim, to)) {
      const nobody = to === null ? [] : [`nobody is here who is ${formatAudience(to)}`];
      const closing = await claim.release(reasonOf([...nobody, ...faults]), packet);
      return closing.ok;
    }
    const outcome = await claim.handoff(packet, { to, patienceMs: PATIENCE_MS });
    if (outcome.ok) return true;
    const closing = await claim.release(reasonOf([refusalOf(outcome, to), ...faults]));
    return closing.ok || outcome.reason === "handed-off";
  } catch (error) {
    if (!isFlaw(error)) throw error;
    throw new BrokenFile(HANDOFF_FILE, `cannot be passed on: ${error.message}`);
  }
}

/** Whether anybody could accept; who leaves is known, who is dead is not. */
function hasSomebody(board: Board, { agent: me }: Claim, to: Audience): boolean {
  return Object.values(board.snapshot().agents).some(
    ({ id, capabilities, hasLeft }) => id !== me && !hasLeft && isAddressed(to, id, capabilities),
  );
}

function reasonOf(faults: readonly string[]): string {
  return ["handed on by its command", ...faults].join("; ");
}

function refusalOf(
  { reason, declined }: Extract<HandoffOutcome, { readonly ok: false }>,
  to: Audience,
): string {
  const why = declined.map((one) => one.reason ?? "declined").join(", ");
  return `${formatAudience(to)} did not accept (${why || reason})`;
}

/** What the library throws for a packet that it does not take. */
function isFlaw(error: unknown): error is Error {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof CoordinationError
  );
}
