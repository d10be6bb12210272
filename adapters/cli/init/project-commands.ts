/** The commands that need no board: they give a project one, and say and show what it is for. */
import { type Command, Option } from "commander";
import { addCommand, type CommandParts } from "../command-form.ts";

/** Adds them. */
export function addProjectCommands(parts: CommandParts): void {
  addCommand(parts, "init", "give this project a board, and its MCP clients the way to it", {
    flags: withInit,
    load: async () => (await import("./init-job.ts")).initJob,
  });
  addCommand(parts, "prime", "print what an agent should read first", {
    flags: (command) => command,
    load: async () => (await import("../prime/prime-job.ts")).primeJob,
  });
  addCommand(parts, "demo", "show agents at work on one board, on this machine alone", {
    flags: (command) => command.option("--fast", "do not pause for those who watch", false),
    load: async () => (await import("../demo/demo-job.ts")).demoJob,
  });
}

function withInit(command: Command): Command {
  return command
    .option("--relay <url>", "the board is there, ws://host:port/board; in a folder here otherwise")
    .option("--token-file <file>", "the token that the relay asks for; only its path is written")
    .option("--rule <name@version>", "the board's rule between rivals; earliest@1 otherwise")
    .addOption(
      new Option("--client <name...>", "configure this MCP client; repeatable").choices([
        "claude",
        "cursor",
        "vscode",
        "codex",
      ]),
    )
    .option("--force", "replace another place, and other entries of our name", false);
}
