/** Turns the relay's refusal into the fault that the replica reports. */
import { CoordinationError, type CoordinationErrorCode } from "../../../lib/index.ts";
import type { Refusal } from "../wire/handshake.ts";

const codeByMismatch: Readonly<Record<Refusal["mismatch"], CoordinationErrorCode>> = {
  protocol: "BOARD_MISMATCH",
  board: "BOARD_MISMATCH",
  rule: "RULE_MISMATCH",
  lease: "GUARANTEE_UNAVAILABLE",
};

/** Gives the fault that names the mismatch. */
export function refusalToFault(refusal: Refusal, board: string): CoordinationError {
  const { mismatch, expected, received } = refusal;
  return new CoordinationError(
    codeByMismatch[mismatch],
    `The relay refused ${board}: its ${mismatch} is ${expected}, this replica's is ${received}`,
    { details: { board, mismatch, expected, received } },
  );
}
