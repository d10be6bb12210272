/** The two questions that `init` asks at a terminal; an empty answer takes what is usual. */
import { createInterface, type Interface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { interruptedFault, usageFault } from "../fault.ts";
import { type Client, clients } from "./client-files.ts";

/** Somebody who can be asked. */
export interface Person {
  /** The address of a relay; undefined for a folder. */
  askRelay(): Promise<string | undefined>;
  askClients(): Promise<readonly Client[]>;
  close(): void;
}

/** Asks over a terminal; who ends the input there wants an end. */
export function askPerson(input: Readable, output: Writable): Person {
  const lines = createInterface({ input, output });
  const ended = new AbortController();
  lines.once("close", () => ended.abort());
  const ask = (question: string): Promise<string> => answerOf(lines, question, ended.signal);
  return {
    async askRelay() {
      const answer = await ask(
        "Where is the board? Enter for a folder, which needs nothing to be started, or a relay's ws:// address: ",
      );
      return answer === "" || answer === "folder" ? undefined : answer;
    },
    async askClients() {
      const answer = await ask(
        `Configure which clients? Some of ${clients.join(", ")}, or Enter for none: `,
      );
      return answer.split(/[\s,]+/u).flatMap((name) => (name === "" ? [] : [clientOf(name)]));
    },
    close: () => lines.close(),
  };
}

/**
 * Reads a client's name.
 *
 * @throws CliFault `USAGE`
 */
function clientOf(name: string): Client {
  const found = clients.find((client) => client === name.toLowerCase());
  if (found !== undefined) return found;
  throw usageFault(`${JSON.stringify(name)} is no client; use one of ${clients.join(", ")}`);
}

async function answerOf(lines: Interface, question: string, signal: AbortSignal): Promise<string> {
  try {
    return (await lines.question(question, { signal })).trim();
  } catch (error) {
    if (signal.aborted) throw interruptedFault("nothing was written");
    throw error;
  }
}
