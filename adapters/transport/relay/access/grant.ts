/** What a connection may do, and the names that a grant is made of: whose logs, and which board. */

/** What a connection may do: read only; also write its own agents' logs; also what the relay keeps for its operators. */
export type Role = "read" | "write" | "admin";

/** Limits for whoever bears the token; the relay's own limits hold where there is none. */
export interface Quotas {
  readonly recordsPerSecond?: number;
  readonly bytesPerSecond?: number;
  readonly agents?: number;
  readonly connections?: number;
}

/** What a connection may do. */
export interface Grant {
  /** The name of the agent whose logs may be written; null only in an open relay. */
  readonly subject: string | null;
  /** The board's name without its generation, such as `docs`. */
  readonly board: string;
  readonly role: Role;
  /** In milliseconds since the Unix epoch; null only in an open relay. */
  readonly expiresAt: number | null;
  readonly quotas: Quotas;
}

/** The most bytes that a token may have; longer ones are refused unread. */
export const MAX_TOKEN_BYTES = 4096;

/** All roles, each of which may do what those before it may. */
export const roles: readonly Role[] = ["read", "write", "admin"];

/** All quotas by name. */
export const quotaNames: readonly (keyof Quotas)[] = [
  "recordsPerSecond",
  "bytesPerSecond",
  "agents",
  "connections",
];

const SUBJECT = /^[^/\s:~\p{Cc}\p{Cs}]{1,32}$/u;
const NUMBERED = /-[0-9]+$/u;
const AGENT_ID = /^([^/\s:~]{1,32})~[0-9a-v]{8}$/u;
const BOARD_NAME = /^[^#/\s\p{Cc}\p{Cs}]{1,128}$/u;
const GENERATION = /#[0-9]+$/u;

/** Whether a token may be for this name: it is an agent's, and not the numbered one of another subject. */
export function isSubject(name: string): boolean {
  return SUBJECT.test(name) && !NUMBERED.test(name);
}

/** Whether a token may be for a board of this name. */
export function isBoardName(name: string): boolean {
  return BOARD_NAME.test(name);
}

/**
 * Whether the log of an agent belongs to the subject: the agent has its name, or its name with a number from 1 to 9999
 * behind a dash, as the agents of one `stigmergy work` have. Every agent belongs to at most one subject.
 *
 * @param agentId - such as `ada~0a1b2c3d` or `ada-2~0a1b2c3d`
 */
export function covers(subject: string, agentId: string): boolean {
  const name = AGENT_ID.exec(agentId)?.[1];
  if (name === undefined || !isSubject(subject)) return false;
  return name === subject || name.replace(/-[1-9][0-9]{0,3}$/u, "") === subject;
}

/** The board's name without its generation: `docs` of `docs#1`. */
export function boardNameOf(board: string): string {
  return board.replace(GENERATION, "");
}
