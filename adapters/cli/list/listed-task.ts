/** One task of a list as it was read, and the key by which the board knows it again. */
import { createHash } from "node:crypto";
import type { Guarantee, TaskPolicy } from "../../../lib/index.ts";

/** A task of a list; `needs` and `parent` name the keys of other tasks of the same list. */
export interface ListedTask {
  /** The line it stands on, from 1. */
  readonly line: number;
  readonly key: string;
  readonly title: string;
  readonly body?: string;
  readonly needs: readonly string[];
  readonly requires: readonly string[];
  readonly priority?: number;
  readonly guarantee?: Guarantee;
  readonly parent?: string;
  readonly policy?: TaskPolicy;
}

/** What was read: tasks, and what is wrong with the lines that are none. */
export interface ListReading {
  readonly tasks: readonly ListedTask[];
  readonly problems: readonly ListProblem[];
}

/** What is wrong with one line, and what to do. */
export interface ListProblem {
  readonly line: number;
  readonly message: string;
}

/** A list that cannot be taken; nothing of it is to be added. */
export class ListError extends Error {
  /** Everything that is wrong, by line. */
  readonly problems: readonly ListProblem[];

  /**
   * @param source - the file's name, or `-`
   * @param what - what it was to be
   */
  constructor(source: string, problems: readonly ListProblem[], what = "a task list") {
    const lines = problems.slice(0, SHOWN).map(({ line, message }) => `line ${line}: ${message}`);
    const rest = problems.length - lines.length;
    if (rest > 0) lines.push(`and ${rest} more`);
    super(`${source} cannot be read as ${what}, nothing was added:\n  ${lines.join("\n  ")}`);
    this.name = "ListError";
    this.problems = problems;
  }
}

const SHOWN = 10;

/** Gives each task of a list its key: its path of titles, and which of several with the same path it is. */
export function createKeyMaker(): (path: readonly string[]) => string {
  const seen = new Map<string, number>();
  return (path) => {
    const text = JSON.stringify(path);
    const occurrence = (seen.get(text) ?? 0) + 1;
    seen.set(text, occurrence);
    const digest = createHash("sha256").update(`${occurrence} ${text}`).digest("base64url");
    return `list:${digest.slice(0, 22)}`;
  };
}
