/**
 * The program of a fenced resource: it takes writes over a socket, one JSON line each, and refuses a token below the highest
 * that it has seen for the task. It writes its history before it answers.
 */
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { type FencedWrite, openHistory } from "./history.ts";

/** What a resource process is told. */
export interface ResourceSettings {
  readonly run: string;
  readonly histories: string;
}

const { run, histories } = JSON.parse(process.argv[2] ?? "") as ResourceSettings;
const note = openHistory(histories, run);
const highest = new Map<string, number>();

/** Whether the write takes effect. */
function take({ task, token, value }: FencedWrite): boolean {
  const isTaken = token >= (highest.get(task) ?? 0);
  if (isTaken) highest.set(task, token);
  note({ kind: isTaken ? "took" : "refused", task, token, value });
  return isTaken;
}

process.on("disconnect", () => process.exit()); // its parent is gone
const server = createServer((socket) => {
  const lines = createInterface({ input: socket });
  for (const one of [socket, lines]) one.on("error", () => {}); // a writer was killed
  lines.on("line", (line) => {
    socket.write(`${JSON.stringify({ isTaken: take(JSON.parse(line) as FencedWrite) })}\n`);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ address: (server.address() as AddressInfo).port });
});
