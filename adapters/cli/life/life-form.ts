/** The common form of the commands of an agent, and the options that several of them share. */
import { type Command, Option } from "commander";
import { addCommand, type CommandParts } from "../command-form.ts";
import { finite, MAX_MS, option, whole, withIdentity } from "../flags.ts";
import type { ActOptions } from "../session/act.ts";
import type { Deed, SessionNeed } from "../session/hand.ts";

const DEFAULT_TTL_MS = 3_600_000;
const MIN_TTL_MS = 500;
const MAX_TTL_MS = 86_400_000;

/** What makes one command out of the common form. */
export interface Life<O> {
  readonly need: SessionNeed;
  readonly flags?: (command: Command) => Command;
  /** Loads what checks the input and gives the deed. */
  readonly load: () => Promise<(options: O) => Deed | Promise<Deed>>;
}

/** Adds a command of an agent. */
export function addLife<O extends ActOptions>(
  parts: CommandParts,
  usage: string,
  text: string,
  { need, flags = (command) => command, load }: Life<O>,
): void {
  addCommand<O>(parts, usage, text, {
    flags: (command) => flags(withIdentity(command)),
    async load() {
      const [{ act }, prepare] = await Promise.all([import("../session/act.ts"), load()]);
      return async (options, output) =>
        act(options, output, { need, deed: await prepare(options) });
    },
  });
}

/** Adds the options of how a task is claimed. */
export function withTtl(command: Command): Command {
  return command
    .addOption(
      option(
        "--ttl-ms <n>",
        "how long silence is borne, since no process stays",
        whole(MIN_TTL_MS, MAX_TTL_MS),
        DEFAULT_TTL_MS,
      ),
    )
    .addOption(new Option("--guarantee <level>", "of the claim").choices(["settled", "optimistic"]))
    .addOption(option("--priority <n>", "what the rule priority@1 weighs", finite));
}

/** Adds the options of a command that may stay. */
export function withStay(command: Command, text: string): Command {
  return command.option("--wait", `stay ${text}`, false).addOption(
    option("--timeout-ms <n>", "stay for so long at most", whole(1, MAX_MS)).implies({
      wait: true,
    }),
  );
}
