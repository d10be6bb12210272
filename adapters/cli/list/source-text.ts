/** A text that a command is given: what a file holds, or stdin. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { usageFault } from "../fault.ts";

/**
 * Reads a file; `-` is stdin.
 *
 * @param what - what it is to be, for the message
 * @throws CliFault `USAGE` when it cannot be read
 */
export async function readSource(file: string, what: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(
      `the ${what} ${file} cannot be read (${cause}); check its name, or give - for stdin`,
    );
  }
}
