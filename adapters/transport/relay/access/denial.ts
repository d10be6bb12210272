/** Why the relay turns somebody away: a closed set of reasons, each with its cause and remedy. */

/** Why somebody was turned away; stable, for programs. */
export type DenialReason =
  | "missing"
  | "malformed"
  | "bad-signature"
  | "expired"
  | "not-yet"
  | "wrong-board"
  | "wrong-role"
  | "wrong-host"
  | "wrong-origin";

/** A refusal to serve a request. */
export interface Denial {
  readonly reason: DenialReason;
  /** Cause and remedy; short enough for the close of a WebSocket, and without anything that the other side sent. */
  readonly message: string;
  /** The WebSocket code to close with: 4401 asks for another token, 4403 for another place or role. */
  readonly closeCode: 4401 | 4403;
}

const causes: Readonly<Record<DenialReason, readonly [cause: string, remedy: string]>> = {
  missing: ["this relay asks for a token", "give --token-file, or set $STIGMERGY_TOKEN"],
  malformed: ["this is no token of a relay", "make one with `stigmergy token create`"],
  "bad-signature": ["no key of this relay signed the token", "have one made with its key"],
  expired: ["the token has expired", "have a new one made"],
  "not-yet": ["the token is not valid yet", "wait, or set the clocks right"],
  "wrong-board": ["the token is for another board", "use one for this board"],
  "wrong-role": ["the token's role does not allow this", "use one with a higher role"],
  "wrong-host": ["the relay does not go by this Host", "add the name with --host-name"],
  "wrong-origin": ["pages of this Origin may not connect", "add it with --allow-origin"],
};

/**
 * Makes a denial.
 *
 * @param cause - where it says more than the usual one; a constant, never a part of the request
 */
export function deny(reason: DenialReason, cause?: string): Denial {
  const [usual, remedy] = causes[reason];
  const isElsewhere = reason.startsWith("wrong-");
  return {
    reason,
    message: `${cause ?? usual}; ${remedy}`,
    closeCode: isElsewhere ? 4403 : 4401,
  };
}

/** Whether a judgement is a denial. */
export function isDenial<T extends object>(judgement: T | Denial): judgement is Denial {
  return "reason" in judgement;
}
