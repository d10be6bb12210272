/** `handoff.json`: a command's word that somebody else is to go on, with all that the next one needs. */
import { type Audience, checkPacket, type Packet } from "../../../../lib/index.ts";
import type { AttemptDirectory } from "./attempt-directory.ts";
import { BrokenFile, decodeText, parseJson, readLeftFile } from "./left-file.ts";

/** What is passed on, and to whom; null for whoever takes the task up. */
export interface LeftHandoff {
  readonly packet: Packet;
  readonly to: Audience | null;
}

/** The file's name. */
export const HANDOFF_FILE = "handoff.json";

/**
 * Reads the packet; null where the command left none.
 *
 * @throws BrokenFile
 */
export async function readLeftHandoff(directory: AttemptDirectory): Promise<LeftHandoff | null> {
  const bytes = await readLeftFile(directory, HANDOFF_FILE);
  if (bytes === null) return null;
  const value = parseJson(HANDOFF_FILE, decodeText(HANDOFF_FILE, bytes));
  try {
    checkPacket(value as Packet);
  } catch (error) {
    throw new BrokenFile(HANDOFF_FILE, `is no packet: ${String((error as Error).message)}`);
  }
  const { summary, decisions, questions, deadEnds, artifacts, to } = value as Packet & {
    readonly to?: unknown;
  };
  return { packet: { summary, decisions, questions, deadEnds, artifacts }, to: readAudience(to) };
}

function readAudience(to: unknown): Audience | null {
  if (to === undefined || to === null) return null;
  const { agent, capability, ...rest } = to as Readonly<Record<string, unknown>>;
  const isOne = Object.keys(rest).length === 0;
  if (isOne && capability === undefined && isName(agent)) return { agent };
  if (isOne && agent === undefined && isName(capability)) return { capability };
  throw new BrokenFile(
    HANDOFF_FILE,
    'names nobody in "to"; use {"agent": "ann"} or {"capability": "review"}, or leave it out',
  );
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 256;
}
