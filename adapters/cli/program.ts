/** The command line: every command, as commander reads it. What a command does is loaded only when it runs. */
import { Command } from "commander";
import { addBoardCommands } from "./board/board-commands.ts";
import type { CommandParts } from "./command-form.ts";
import { agentName, option, tagList, type WorkFlags, withWork } from "./flags.ts";
import { addProjectCommands } from "./init/project-commands.ts";
import { addLifeCommands } from "./life/life-commands.ts";
import { addMcpCommand } from "./mcp/mcp-flags.ts";
import { type RelayFlags, withRelay } from "./relay/relay-flags.ts";
import type { RunJobOptions } from "./run/run-options.ts";
import { addStoreCommands } from "./store/store-commands.ts";
import { addTokenCommands } from "./token/token-commands.ts";
import { addUiCommand } from "./ui/ui-flags.ts";
import { addVerifyCommands } from "./verify/verify-commands.ts";
import type { ParentLine } from "./work/parent-line.ts";
import type { WorkJobOptions } from "./work/work-options.ts";

/** What the commands are given beside their arguments. */
export interface ProgramParts extends Pick<CommandParts, "output" | "done"> {
  readonly version: string;
  /** The pipe to the run that started this process, where one did. */
  readonly line: ParentLine | null;
}

/** Makes the program; parsing arguments with it runs a command. */
export function createProgram({ version, output, line, done }: ProgramParts): Command {
  const program = new Command("stigmergy")
    .description("Coordinates agents over one shared board, without a leader.")
    .version(version)
    .enablePositionalOptions();
  const command = (usage: string, text: string): Command =>
    program
      .command(usage)
      .description(text)
      .option("--json", "write data as JSON in an envelope", false);

  addRun(
    command("run", "work through a task list with several agent processes"),
    async (options) => {
      const { runJob } = await import("./run/run-job.ts");
      done(await runJob(options, output));
    },
  );
  addWork(command("work", "join a board and work until nothing is left there"), async (options) => {
    const { workJob } = await import("./work/work-job.ts");
    const { placeInProject } = await import("./session/place.ts");
    done(await workJob(placeInProject(options), { output, line }));
  });
  withRelay(
    command("relay", "forward boards between replicas; the first line of data is the address"),
  ).action(async (flags: RelayFlags) => {
    const { relayJob } = await import("./relay-job.ts");
    done(await relayJob(flags, output));
  });
  addBoardCommands({ command, output, done });
  addLifeCommands({ command, output, done });
  addVerifyCommands({ command, output, done });
  addTokenCommands({ command, output, done });
  addStoreCommands({ command, output, done });
  addProjectCommands({ command, output, done });
  addMcpCommand({ command, output, done }, version);
  addUiCommand({ command, output, done });
  return program;
}

/** A run has a board of its own for its list; the project's, which others share, is used only where it is named. */
function addRun(command: Command, run: (options: RunJobOptions) => Promise<void>): void {
  withWork(
    command.argument("<file>", "a Markdown checklist, JSON Lines, or plain lines; - for stdin"),
    2,
    "how many agent processes",
  )
    .option("--store <dir>", "keep the board here, so that the same run can go on later")
    .usage("<file|-> [options] -- <command> [args...]")
    .action((file: string, args: string[], flags: WorkFlags & { store?: string }) =>
      run({ ...flags, file, command: args, store: flags.store }),
    );
}

function addWork(command: Command, work: (options: WorkJobOptions) => Promise<void>): void {
  withWork(command, 1, "how many agents, all in this process")
    .addOption(
      option("--name <name>", "the agent's name; the token's or \"agent\" by default", agentName),
    )
    .addOption(option<readonly string[]>("--can <tags>", "its capabilities, a,b,c", tagList, []))
    .option("--forever", "stay, and wait for more", false)
    .usage("[--relay URL | --folder DIR] [options] -- <command> [args...]")
    .action(
      (
        args: string[],
        flags: WorkFlags & { name?: string; can: readonly string[]; forever: boolean },
      ) => work({ ...flags, name: flags.name, command: args, isForever: flags.forever }),
    );
}
