/** What lies in a document's logs, byte for byte, so that two documents can be compared beyond their clocks. */
import { type Doc, encodeSnapshot, snapshot } from "yjs";
import type { AgentId } from "../../../lib/index.ts";

/** Every log of a document, each record as JSON text. */
export function readLogs(doc: Doc): Map<AgentId, readonly string[]> {
  const logs = new Map<AgentId, readonly string[]>();
  for (const name of logNames(doc).sort()) {
    const agent = name.split("/")[1] as AgentId;
    const records = doc
      .getArray(name)
      .toArray()
      .map((record) => JSON.stringify(record));
    logs.set(agent, [...(logs.get(agent) ?? []), ...records]);
  }
  return logs;
}

/** All that a document holds, as text: its records, its clocks, and what was deleted. Equal state vectors alone prove nothing. */
export function canonicalContent(doc: Doc): string {
  const records = [...readLogs(doc)].map(([agent, log]) => `${agent}: ${log.join(",")}`).join("\n");
  return `${records}\n${Array.from(encodeSnapshot(snapshot(doc))).join(" ")}`;
}

/** The names of all logs of a document; what else somebody put into it is none. */
export function logNames(doc: Doc): string[] {
  return [...doc.share.keys()].filter((name) => name.startsWith("log/"));
}

/** How much of a log a document holds; a schedule never fills a chunk of 256. */
export function logLength(doc: Doc, agent: AgentId): number {
  const name = `log/${agent}/0`;
  return doc.share.has(name) ? doc.getArray(name).length : 0;
}

/** The highest Lamport time in a document's logs but that of an agent whose word means nothing; times grow along each. */
export function highestTime(doc: Doc, liar: AgentId): number {
  let highest = 0;
  for (const name of logNames(doc)) {
    if (name === `log/${liar}/0`) continue;
    const log = doc.getArray<{ readonly at?: unknown } | null>(name);
    const at = log.length === 0 ? 0 : log.get(log.length - 1)?.at;
    if (typeof at === "number" && at > highest) highest = at;
  }
  return highest;
}
