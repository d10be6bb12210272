/** A worker's line to the fenced resource. */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Hold } from "../history.ts";
import type { Workplace } from "./workplace.ts";

/** Writes under a hold's token, and says whether the write was taken. */
export type WriteFenced = (hold: Hold) => Promise<boolean>;

/** Connects to the resource; without one nothing is written. */
export async function openResource({ resource, run, note }: Workplace): Promise<WriteFenced> {
  if (resource === null) return async () => true;
  const socket = await connected(resource);
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  let count = 0;
  return async ({ task, attempt }) => {
    const write = { task, token: attempt, value: `${run}/${count++}` };
    note({ kind: "writing", ...write });
    socket.write(`${JSON.stringify(write)}\n`);
    const { value: answer } = await answers.next();
    const { isTaken } = JSON.parse(answer ?? "") as { isTaken: boolean };
    note({ kind: "written", isTaken, ...write });
    return isTaken;
  };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
  });
}
