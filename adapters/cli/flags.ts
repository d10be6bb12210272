/** The options that several commands share, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Audience, Guarantee } from "../../lib/index.ts";
import type { BoardOptions } from "./board/open-board.ts";

/** What `run` and `work` share. */
export interface WorkFlags extends BoardOptions {
  readonly agents: number;
  readonly guarantee: Guarantee | undefined;
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly leaseMs: number;
}

/** The longest time that a timer takes. */
export const MAX_MS = 2_147_483_647;

const AGENT_NAME = /^[^/\s:~]{1,28}$/u;

/** Adds the options that name a board. */
export function withBoard(command: Command): Command {
  return command
    .option("--relay <url>", "the board's address, ws://host:port/board")
    .option("--folder <dir>", "the folder that the board is in")
    .option("--token-file <file>", "the token that the relay asks for; or $STIGMERGY_TOKEN")
    .addOption(
      option("--sync-timeout-ms <n>", "how long to wait for the board", whole(1, MAX_MS), 5000),
    )
    .option("--rule <name@version>", "the board's rule between rivals; earliest@1 by default");
}

/** Adds the options that name a board, or a session that knows it. */
export function withSession(command: Command): Command {
  return withBoard(command).option(
    "--session <file>",
    "who acts, and where; $STIGMERGY_SESSION or .stigmergy/session.json by default",
  );
}

/** Adds the options of who acts, where no session knows it yet. */
export function withIdentity(command: Command): Command {
  return withSession(command)
    .addOption(option("--name <name>", 'the agent\'s name, "agent" by default', agentName))
    .addOption(option("--can <tags>", "its capabilities, a,b,c", tagList));
}

/** Adds the two ways to say whom something is for. */
export function withAudience(command: Command, names: AudienceNames, text: string): Command {
  return command
    .addOption(new Option(`--${names.agent} <agent>`, `${text}: an agent, by id or name`))
    .addOption(
      new Option(`--${names.capability} <tag>`, `${text}: whoever has it`).conflicts(
        camelCase(names.agent),
      ),
    );
}

/** What the two options are called. */
export interface AudienceNames {
  readonly agent: string;
  readonly capability: string;
}

/** Whom something is for, as the two options say it. */
export function audienceOf(
  agent: string | undefined,
  capability: string | undefined,
): Audience | undefined {
  if (agent !== undefined) return { agent };
  return capability === undefined ? undefined : { capability };
}

/** Adds the options of those who work, with the usual number of agents. */
export function withWork(command: Command, agents: number, agentsText: string): Command {
  return withBoard(command)
    .argument(
      "<command...>",
      "what to run per task; {id} {title} {body} {brief} stand for what it is",
    )
    .addOption(option("--agents <n>", agentsText, whole(1, 256), agents))
    .addOption(
      new Option("--guarantee <level>", "of each claim").choices(["settled", "optimistic"]),
    )
    .addOption(
      option("--timeout-ms <n>", "stop and fail a command after this long", whole(1, MAX_MS)),
    )
    .addOption(
      option("--retries <n>", "failed attempts more before a task has failed", whole(0, 1000), 0),
    )
    .addOption(
      option(
        "--lease-ms <n>",
        "a silent agent's task is taken over",
        whole(500, 86_400_000),
        10_000,
      ),
    );
}

/** An option with a value that is read by `parse`. */
export function option<T>(
  flags: string,
  text: string,
  parse: (value: string) => T,
  usual?: T,
): Option {
  const made = new Option(flags, text).argParser(parse);
  return usual === undefined ? made : made.default(usual);
}

/** An option that may be given several times; its value is the list. */
export function repeatable<T>(flags: string, text: string, parse: (value: string) => T): Option {
  return new Option(flags, text).argParser((value: string, before: readonly T[] = []) => [
    ...before,
    parse(value),
  ]);
}

/** Reads a finite number. */
export function finite(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Use a number.");
}

/** Reads a whole number. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/u.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}.`);
  };
}

/** Reads an agent's name; `-1` and so on must still fit behind it. */
export function agentName(text: string): string {
  if (AGENT_NAME.test(text)) return text;
  throw new InvalidArgumentError("Use 1 to 28 characters without / : ~ or spaces.");
}

/** Reads tags separated by commas. */
export function tagList(text: string): readonly string[] {
  const tags = text.split(",").map((tag) => tag.trim());
  if (tags.every((tag) => tag !== "" && tag.length <= 256)) return [...new Set(tags)];
  throw new InvalidArgumentError("Use tags of 1 to 256 characters, separated by commas.");
}

function camelCase(name: string): string {
  return name.replace(/-[a-z]/gu, (part) => part.slice(1).toUpperCase());
}
