/** Follows `notes.jsonl` while a command writes it, so that others see each note as it comes and none is lost. */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { CoordinationError, type NoteKind } from "../../../../lib/index.ts";
import type { AttemptDirectory } from "./attempt-directory.ts";
import { BrokenFile, decodeText, readLeftFile } from "./left-file.ts";

/** Notes that are being followed. */
export interface NotesWatch {
  /** Takes in the rest, once the command has ended; tells what was wrong first, or null. */
  end(): Promise<BrokenFile | null>;
}

/** Where a note goes. */
export type NoteTaker = (text: string, kind: NoteKind) => Promise<void>;

/** The most notes that one attempt may leave: each is a record that every replica keeps. */
export const MAX_NOTES = 1000;

const NAME = "notes.jsonl";
const LOOK_MS = 200;
const KINDS: Readonly<Record<NoteKind, true>> = {
  progress: true,
  decision: true,
  question: true,
  finding: true,
  "dead-end": true,
};

/**
 * Starts to look every 200 ms. A line is taken once, however often it is found, so that the file may be written anew
 * instead of being added to; a last line without its end waits.
 */
export function followNotes(directory: AttemptDirectory, note: NoteTaker): NotesWatch {
  const taken = new Set<string>();
  let broken: BrokenFile | null = null;
  let seen = "";
  let isOver = false;

  const guard = async (act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof BrokenFile)) throw error;
      broken ??= error;
    }
  };
  const look = (isLast: boolean): Promise<void> =>
    guard(async () => {
      const shape = await shapeOf(directory);
      if (shape === seen && !isLast) return;
      const lines = linesOf(await readLeftFile(directory, NAME), isLast);
      seen = shape;
      for (const [i, line] of lines.entries()) {
        const key = line.toString("latin1");
        if (key.trim() === "" || taken.has(key)) continue;
        if (taken.size >= MAX_NOTES)
          throw new BrokenFile(
            NAME,
            `has more than ${MAX_NOTES} lines; note what others must know`,
          );
        taken.add(key);
        await guard(() => takeLine(`${NAME}, line ${i + 1},`, line, note));
      }
    });
  const wait = async (): Promise<void> => {
    while (!isOver) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, LOOK_MS);
      });
      if (!isOver) await look(false);
    }
  };
  let timer: NodeJS.Timeout | undefined;
  let wake: () => void = () => {};
  const watching = wait();
  watching.catch(() => {}); // a fault of the board is told at the end

  return {
    async end() {
      isOver = true;
      clearTimeout(timer);
      wake();
      await watching;
      await look(true);
      return broken;
    },
  };
}

/** What changes whenever the file does. */
async function shapeOf({ path }: AttemptDirectory): Promise<string> {
  const stat = await lstat(join(path, NAME), { bigint: true }).catch(() => null);
  return stat === null ? "" : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

function linesOf(bytes: Buffer | null, isLast: boolean): readonly Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  while (bytes !== null && start < bytes.length) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0 && !isLast) break;
    lines.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    start = end < 0 ? bytes.length : end + 1;
  }
  return lines;
}

/** A line that is an object of JSON says its kind; any other is progress, also one that was meant to be JSON. */
async function takeLine(place: string, line: Buffer, note: NoteTaker): Promise<void> {
  const text = decodeText(place, line).trim();
  const object = objectOf(text);
  const { kind, text: said } =
    object === null ? { kind: "progress" as const, text } : readNote(place, object);
  try {
    await note(said, kind);
  } catch (error) {
    if (!(error instanceof CoordinationError)) throw error;
    throw new BrokenFile(place, `cannot be noted: ${error.message}`);
  }
}

function objectOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return line.startsWith("{") ? (JSON.parse(line) as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

function readNote(
  place: string,
  { kind = "progress", text }: Readonly<Record<string, unknown>>,
): { readonly kind: NoteKind; readonly text: string } {
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind))
    throw new BrokenFile(
      place,
      `has the kind ${JSON.stringify(kind)}; use one of ${Object.keys(KINDS).join(", ")}`,
    );
  if (typeof text !== "string" || text.trim() === "")
    throw new BrokenFile(place, 'has no text; write {"kind": "finding", "text": "…"}');
  return { kind: kind as NoteKind, text };
}
