/** The commands about a board as a whole, and those that read it. */
import type { Command } from "commander";
import { withFields, withPolicy } from "../add/task-flags.ts";
import { addCommand, type CommandParts } from "../command-form.ts";
import { option, whole, withSession } from "../flags.ts";

const MIN_BRIEF_BYTES = 2048;
const MIN_BRIEF_TOKENS = 512;
const MAX_BRIEF = 1_073_741_824;

/** Adds them. */
export function addBoardCommands(parts: CommandParts): void {
  addReaders(parts);
  addCommand(parts, "add [titles...]", "add tasks by their titles, or from a list", {
    flags: (command) =>
      withPolicy(withFields(withSession(command))).option(
        "--from <file>",
        "add the tasks of a list; - for stdin",
      ),
    load: async () => (await import("../add/add-job.ts")).addJob,
  });
  addCommand(parts, "export", "print all tasks as JSON Lines", {
    flags: withSession,
    load: async () => (await import("../portable/export-job.ts")).exportJob,
  });
  addCommand(parts, "import <file>", "add what export printed and the board does not know", {
    flags: withSession,
    load: async () => (await import("../portable/import-job.ts")).importJob,
  });
  addCommand(parts, "leave", "give back all that the session holds, and forget it", {
    flags: withSession,
    load: async () => (await import("../session/leave-job.ts")).leaveJob,
  });
}

function addReaders(parts: CommandParts): void {
  addCommand(parts, "list", "list all tasks", {
    flags: withSession,
    load: async () => (await import("../view/read-jobs.ts")).listJob,
  });
  addCommand(parts, "show <id>", "show one task; put -- before an id that begins with a dash", {
    flags: withSession,
    load: async () => (await import("../view/read-jobs.ts")).showJob,
  });
  addCommand(parts, "explain <id>", "say why a task stands as it does", {
    flags: withSession,
    load: async () => (await import("../view/read-jobs.ts")).explainJob,
  });
  addCommand(parts, "history <id>", "list every record about a task: who wrote what", {
    flags: withSession,
    load: async () => (await import("../view/history-job.ts")).historyJob,
  });
  addCommand(parts, "brief [id]", "tell a newcomer all that matters of a task, or the board", {
    flags: withBriefLimits,
    load: async () => (await import("../view/brief-job.ts")).briefJob,
  });
  addCommand(parts, "watch", "print what happens from now on", {
    flags: withSession,
    load: async () => (await import("../view/watch-job.ts")).watchJob,
  });
}

function withBriefLimits(command: Command): Command {
  return withSession(command)
    .addOption(
      option("--max-bytes <n>", "at most, 16384 by default", whole(MIN_BRIEF_BYTES, MAX_BRIEF)),
    )
    .addOption(
      option("--max-tokens <n>", "at most, of four bytes", whole(MIN_BRIEF_TOKENS, MAX_BRIEF)),
    );
}
