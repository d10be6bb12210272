/** The session file: which agent the commands of one user, script or agent program act for, and on which board. */
import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { AgentId } from "../../../lib/index.ts";
import type { MediumOptions } from "../board/medium.ts";
import { usageFault } from "../fault.ts";

/** One agent on one board, over as many processes as it takes. */
export interface Session extends MediumOptions {
  readonly agent: AgentId;
  /** Name and version of the board's rule. */
  readonly rule: string;
  /** How many records the agent had written when the board last had them all. */
  readonly records: number;
}

const VERSION = 1;
const USUAL_FILE = join(".stigmergy", "session.json");

/** Where the session is: as the option says, else the environment, else below the working directory. */
export function sessionPath(option: string | undefined): string {
  return resolve(option ?? (process.env["STIGMERGY_SESSION"] || USUAL_FILE));
}

/**
 * Reads a session; null where there is none.
 *
 * @throws CliFault `USAGE` when the file is something else
 */
export async function readSession(path: string): Promise<Session | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(`the session ${path} cannot be read (${cause}); check --session`);
  }
  const session = parseSession(text);
  if (session !== null) return session;
  throw usageFault(`${path} is no session of this version; name another --session, or remove it`);
}

/** Writes a session, whole or not at all; nobody else may read it. */
export async function writeSession(path: string, session: Session): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ schema_version: VERSION, ...session })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Forgets a session. */
export async function removeSession(path: string): Promise<void> {
  await rm(path, { force: true });
}

function parseSession(text: string): Session | null {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || value["schema_version"] !== VERSION)
    return null;
  const { schema_version: _, ...session } = value;
  const { agent, rule, records, relay, folder, tokenFile } = session;
  const isWhole =
    typeof agent === "string" &&
    typeof rule === "string" &&
    Number.isSafeInteger(records) &&
    (tokenFile === undefined || typeof tokenFile === "string") &&
    [relay, folder].filter((place) => typeof place === "string").length === 1;
  return isWhole ? (session as unknown as Session) : null;
}
