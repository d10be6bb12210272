/** The commands about stores: copies of their boards, back again, and whether all is in order. */
import { type Command, Option } from "commander";
import { addCommand, type CommandParts } from "../command-form.ts";

/** Adds them. */
export function addStoreCommands(parts: CommandParts): void {
  addCommand(parts, "backup", "copy the boards of a store, also while a relay runs on it", {
    flags: (command) =>
      withBoardName(command)
        .requiredOption("--store <dir>", "the store")
        .requiredOption("--to <path>", "a folder, or for one board a file that ends in .log"),
    load: async () => (await import("./backup-job.ts")).backupJob,
  });
  addCommand(parts, "restore", "put copies of boards into a store that no relay has open", {
    flags: (command) =>
      withBoardName(command)
        .requiredOption("--from <path>", "what backup wrote: a folder, or a file of one board")
        .requiredOption("--store <dir>", "the store")
        .addOption(
          new Option("--store-kind <kind>", "log, or sqlite where the store is one").choices([
            "log",
            "sqlite",
          ]),
        )
        .option("--force", "replace boards that are there", false),
    load: async () => (await import("./restore-job.ts")).restoreJob,
  });
  addCommand(parts, "doctor", "check the installation, a store, and a relay", {
    flags: (command) =>
      command
        .option("--store <dir>", "check every board in this store")
        .option("--relay <url>", "check that a relay answers there"),
    load: async () => (await import("./doctor-job.ts")).doctorJob,
  });
}

function withBoardName(command: Command): Command {
  return command.option("--board <name>", "only this board, such as docs or docs#1");
}
