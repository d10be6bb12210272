/** The one form of most commands: arguments and options become one object, and what works on it is loaded only then. */
import type { Command } from "commander";
import type { ExitCode } from "./fault.ts";
import type { Output } from "./output/output.ts";

/** What commands are added with. */
export interface CommandParts {
  readonly output: Output;
  /** Makes a command from its name, its arguments behind it, and what it does. */
  readonly command: (usage: string, text: string) => Command;
  /** Takes what a command ended with. */
  readonly done: (exit: ExitCode) => void;
}

/** What makes one command out of the form. */
export interface CommandForm<O> {
  /** Adds its options. */
  readonly flags: (command: Command) => Command;
  /** Loads what it does; its options are named as the arguments and flags are. */
  readonly load: () => Promise<(options: O, output: Output) => Promise<ExitCode>>;
}

/** Adds a command. */
export function addCommand<O>(
  { command, output, done }: CommandParts,
  usage: string,
  text: string,
  { flags, load }: CommandForm<O>,
): void {
  const made = flags(command(usage, text));
  made.action(async (...given: readonly unknown[]) => {
    const args = made.registeredArguments.map((one, i) => [one.name(), given[i]] as const);
    const named = Object.fromEntries(args.filter(([, value]) => value !== undefined));
    const job = await load();
    done(await job({ ...made.opts(), ...named } as O, output)); // as the usage and the flags say
  });
}
