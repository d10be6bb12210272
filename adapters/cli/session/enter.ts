/** Brings the agent of a command to its board: the session's, a new one of which a session is made, or a passing one. */
import type { Agent, AgentView, Board } from "../../../lib/index.ts";
import { countRecords } from "../board/count-records.ts";
import type { Medium } from "../board/medium.ts";
import { CliFault, exitCode, usageFault } from "../fault.ts";
import { type Session, writeSession } from "./session-file.ts";

/** Who is to act, where that is said. */
export interface IdentityOptions {
  readonly name?: string;
  readonly can?: readonly string[];
}

/** An agent that was brought to its board. */
export interface Entered {
  readonly agent: Agent;
  /** Ends its part in this process, and waits until all that it wrote is safe with the medium. */
  leave(syncTimeoutMs: number): Promise<void>;
}

const USUAL_NAME = "agent";

/** Joins for one command. */
export async function enterPassing(
  board: Board,
  medium: Medium,
  who: IdentityOptions,
): Promise<Entered> {
  const agent = await joinAs(board, medium, who);
  return {
    agent,
    async leave(timeoutMs) {
      await agent.leave();
      await board.sync({ timeoutMs });
    },
  };
}

/** Goes on as the session's agent, or joins and makes the session. */
export async function enterSession(
  board: Board,
  medium: Medium,
  { path, session, who }: SessionParts,
): Promise<Entered> {
  const agent = await (session === null
    ? joinAs(board, medium, who)
    : resume(board, session, { path, who }));
  const keep = (records: number): Promise<void> =>
    writeSession(path, { agent: agent.id, rule: board.rule, records, ...medium.named });
  if (session === null) await keep(0);
  return {
    agent,
    async leave(timeoutMs) {
      await agent.suspend();
      await board.sync({ timeoutMs });
      await keep(countRecords(board, agent.id));
    },
  };
}

/** Under a name of its own choice, or the only one that its token lets it have. */
function joinAs(board: Board, { subject }: Medium, who: IdentityOptions): Promise<Agent> {
  const { name = subject ?? USUAL_NAME, can = [] } = who;
  return board.join({ name, capabilities: can });
}

/** What is known of a session when its command starts. */
export interface SessionParts {
  readonly path: string;
  readonly session: Session | null;
  readonly who: IdentityOptions;
}

/** Says why the session's agent cannot go on at this board, or null when it can. */
export function findObstacle(board: Board, { agent, records }: Session): string | null {
  const view = board.snapshot().agents[agent];
  if (view === undefined)
    return `is not known to board ${board.name}: its relay or folder has lost what was there`;
  if (view.hasLeft) return `has left board ${board.name}`;
  return countRecords(board, agent) < records
    ? `has written more than board ${board.name} knows: part of it is lost there, or has not arrived yet; try again if it still may`
    : null;
}

/** All is checked before: a board that closes lets those leave who were not suspended. */
async function resume(
  board: Board,
  session: Session,
  { path, who }: Omit<SessionParts, "session">,
): Promise<Agent> {
  const obstacle = findObstacle(board, session);
  if (obstacle === null) {
    checkIdentity(board.snapshot().agents[session.agent], who, path);
    return board.resume(session.agent);
  }
  throw new CliFault(
    "AGENT_NOT_RESUMABLE",
    exitCode.refused,
    `the agent ${session.agent} of the session ${path} ${obstacle}. \`stigmergy leave\` forgets the session; then claim anew`,
  );
}

function checkIdentity(
  agent: AgentView | undefined,
  { name = agent?.name, can = agent?.capabilities }: IdentityOptions,
  path: string,
): void {
  const has = agent?.capabilities ?? [];
  if (name === agent?.name && can?.toSorted().join() === has.toSorted().join()) return;
  throw usageFault(
    `the session ${path} is that of ${agent?.id} with capabilities ${has.join(",") || "none"}; leave out --name and --can, or use another --session`,
  );
}
