/** The result that a command left as a file. */
import type { AttemptDirectory } from "./attempt-directory.ts";
import { decodeText, parseJson, readLeftFile } from "./left-file.ts";

/** A result, and the file that held it. */
export interface LeftResult {
  readonly name: string;
  readonly value: unknown;
}

/** The first that is there counts. */
const NAMES = ["result.json", "result.md", "result.txt"];

/**
 * Reads the result; null where the command left none, and its stdout is the result.
 *
 * @throws BrokenFile
 */
export async function readLeftResult(directory: AttemptDirectory): Promise<LeftResult | null> {
  for (const name of NAMES) {
    const bytes = await readLeftFile(directory, name);
    if (bytes === null) continue;
    const text = decodeText(name, bytes);
    return { name, value: name.endsWith(".json") ? parseJson(name, text) : text };
  }
  return null;
}
