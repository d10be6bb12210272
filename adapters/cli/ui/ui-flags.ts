/** The options of `stigmergy ui`: those of a relay, or the address of one that runs, and which board is shown to whom. */
import { Command, InvalidArgumentError } from "commander";
import type { CommandParts } from "../command-form.ts";
import { agentName, option, whole } from "../flags.ts";
import { withRelay } from "../relay/relay-flags.ts";
import type { UiOptions } from "./ui-options.ts";

/** Adds the command. */
export function addUiCommand({ command, output, done }: CommandParts): void {
  withRelay(
    command("ui", "show a board in the browser; the first line of data is the address to open"),
  )
    .option("--relay <url>", "show a board of this relay, and start none")
    .option("--token-file <file>", "the token for that relay; or $STIGMERGY_TOKEN")
    .addOption(option("--board <name>", "the board of the relay that is started", boardName))
    .addOption(
      option("--page-port <port>", "where the page is; 0 takes a free one", whole(0, 65_535), 0),
    )
    .addOption(option("--name <name>", "you, for the others on the board", agentName))
    .option("--rule <name>", "the board's rule, such as earliest@1")
    .action(async (flags: Omit<UiOptions, "told">, given: Command) => {
      const { uiJob } = await import("./ui-job.ts");
      done(await uiJob({ ...flags, told: relayOptions(given) }, output));
    });
}

/** Those options of a relay that were given. */
function relayOptions(given: Command): readonly string[] {
  return withRelay(new Command())
    .options.filter((one) => given.getOptionValueSource(one.attributeName()) === "cli")
    .map(({ long }) => long ?? "");
}

function boardName(text: string): string {
  if (/^[^#/\s]{1,128}$/u.test(text)) return text;
  throw new InvalidArgumentError("Use 1 to 128 characters without # / or spaces.");
}
