/** Texts by others, made fit for the screen: bounded, without control characters, and never markup. */
import type { AgentId, Json, Task, TaskId } from "../../../lib/index.ts";

/** Cuts a text to so many characters; what is on one line stays on one. */
export function clip(text: string, length: number): string {
  const line = text
    .slice(0, 4 * length)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join("")}…`;
}

/** Cuts a text of many lines. */
export function clipLines(text: string, length: number): string {
  const clean = text
    .slice(0, length)
    .replaceAll(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, " ");
  return text.length > length ? `${clean}…` : clean;
}

/** The name in an agent's id, with the start of its random part, since names may be shared. */
export function agentName(id: AgentId | string): string {
  const [name = "", random = ""] = clip(id, 80).split("~");
  return random === "" ? name : `${clip(name, 24)}~${random.slice(0, 4)}`;
}

/** A task's title for a line of text; its id where it is not known. */
export function taskTitle(task: Task | undefined, id: TaskId): string {
  const title = task === undefined ? "" : clip(task.title, 60);
  return title === "" ? clip(id, 30) : title;
}

/** A result as text. */
export function jsonText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** Ids in a sentence of the library, by the names that the page uses for them. */
export function humanize(
  sentence: string,
  nameById: Iterable<readonly [id: string, name: string]>,
): string {
  let text = sentence;
  for (const [id, name] of nameById) text = text.replaceAll(id, () => name);
  return text;
}

/** A length of time, short. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const s = Math.floor(ms / 1_000);
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min ${s % 60} s`;
  return `${Math.floor(min / 60)} h ${min % 60} min`;
}

/** So many of something. */
export function counted(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? "" : "s"}`;
}

/** A whole number with thin groups of three digits. */
export function count(value: number): string {
  return value.toLocaleString("en");
}
