/** The commands about tokens: who may connect to a relay, on which board, as what and until when. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { isBoardName, isSubject, roles } from "../../transport/relay/access/grant.ts";
import { addCommand, type CommandParts } from "../command-form.ts";
import { option, whole } from "../flags.ts";
import type { CreateOptions, ShowOptions } from "./token-jobs.ts";

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const MAX_LIFETIME_S = 3650 * 86_400;
const USUAL_LIFETIME_S = 30 * 86_400;

/** Adds them, below `token`. */
export function addTokenCommands({ command, output, done }: CommandParts): void {
  const token = command("token", "make and read the tokens that let agents into a relay");
  token.exitOverride().configureOutput({ outputError: () => {} }); // the commands below take that over
  const parts: CommandParts = {
    output,
    done,
    command: (usage, text) =>
      token
        .command(usage)
        .description(text)
        .option("--json", "write data as JSON in an envelope", false),
  };
  addCommand<CreateOptions>(parts, "create", "make a token, and print it alone", {
    flags: withGrant,
    load: async () => (await import("./token-jobs.ts")).createTokenJob,
  });
  addCommand(parts, "secret [file]", "make a secret: into a new file of mode 0600, or printed", {
    flags: (made) => made,
    load: async () => (await import("./token-jobs.ts")).secretJob,
  });
  addCommand<ShowOptions>(parts, "show", "read a token from stdin and say what it grants", {
    flags: withKey,
    load: async () => (await import("./token-jobs.ts")).showTokenJob,
  });
}

function withGrant(command: Command): Command {
  const limit = (flags: string, text: string): Option =>
    option(flags, text, whole(1, Number.MAX_SAFE_INTEGER));
  return withKey(command)
    .addOption(option("--agent <name>", "whose logs may be written", subject).makeOptionMandatory())
    .addOption(option("--board <name>", "on which board", boardName).makeOptionMandatory())
    .addOption(new Option("--role <role>", "as what").choices(roles).default("write"))
    .addOption(
      option("--expires <time>", "until when: 90m, 12h, 30d", lifetime).default(
        USUAL_LIFETIME_S,
        "30d",
      ),
    )
    .addOption(limit("--records-per-second <n>", "at most"))
    .addOption(limit("--bytes-per-second <n>", "at most"))
    .addOption(limit("--max-agents <n>", "at most, of this name"))
    .addOption(limit("--max-connections <n>", "at most, at a time"))
    .option("--id <id>", "a name of the token, for your own books");
}

function withKey(command: Command): Command {
  return command.option("--key <file>", "the secret or Ed25519 key; $STIGMERGY_SECRET by default");
}

function subject(text: string): string {
  if (isSubject(text)) return text;
  throw new InvalidArgumentError(
    "Use 1 to 32 characters without / : ~ or spaces, and no number behind a dash at the end: a token for ada is one for ada-1 too.",
  );
}

function boardName(text: string): string {
  if (isBoardName(text)) return text;
  throw new InvalidArgumentError("Use 1 to 128 characters without # / or spaces.");
}

function lifetime(text: string): number {
  const [, count = "", unit = ""] = /^([1-9][0-9]{0,9})([smhd])$/u.exec(text) ?? [];
  const seconds = Number(count) * (secondsPer[unit] ?? 0);
  if (seconds > 0 && seconds <= MAX_LIFETIME_S) return seconds;
  throw new InvalidArgumentError("Use a number of s, m, h or d, such as 30d; at most 3650d.");
}
