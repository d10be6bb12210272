/** The commands of an agent's life with a task: alike in form, since they differ only in what they are given and do. */
import { Option } from "commander";
import { withFields } from "../add/task-flags.ts";
import type { CommandParts } from "../command-form.ts";
import { withAudience } from "../flags.ts";
import { addLife, withStay, withTtl } from "./life-form.ts";
import { withPacket } from "./packet-flags.ts";

const NOTE_KINDS = ["decision", "question", "finding", "dead-end", "progress"];

/** Adds them. */
export function addLifeCommands(parts: CommandParts): void {
  addTaking(parts);
  addClosing(parts);
  addHandingOver(parts);
  addTalk(parts);
  addVerdicts(parts);
  addSteering(parts);
}

function addTaking(parts: CommandParts): void {
  addLife(parts, "claim <id>", "claim a task; later commands act for the same agent", {
    need: "made",
    flags: (command) => withStay(withTtl(command), "until it can be claimed"),
    load: async () => (await import("./take.ts")).claimDeed,
  });
  addLife(parts, "accept <id>", "accept the offer of a task", {
    need: "made",
    flags: withTtl,
    load: async () => (await import("./take.ts")).acceptDeed,
  });
  addLife(parts, "decline <id> [reason]", "decline the offer of a task", {
    need: "made",
    load: async () => (await import("./take.ts")).declineDeed,
  });
}

function addClosing(parts: CommandParts): void {
  addLife(parts, "done <id> [result]", "hand in the result of a claimed task", {
    need: "held",
    flags: (command) =>
      command
        .option("--from <file>", "the result is what it holds; - for stdin")
        .option("--as-json", "the result is JSON, and not a text", false)
        .addOption(
          new Option(
            "--if-stale <how>",
            "when what it is based on has changed; refresh says that it was read anew",
          )
            .choices(["mark", "refuse", "refresh"])
            .default("mark"),
        ),
    load: async () => (await import("./hand-in.ts")).doneDeed,
  });
  addLife(parts, "fail <id> <error>", "report that the attempt has failed", {
    need: "held",
    flags: (command) => command.option("--final", "it is not to be tried again", false),
    load: async () => (await import("./hand-in.ts")).failDeed,
  });
  addLife(parts, "reject <id> <reason>", "say that a claimed task is not to be done at all", {
    need: "held",
    load: async () => (await import("./hand-in.ts")).rejectDeed,
  });
  addLife(parts, "adopt <id> <result>", "make another result, by its reference, the task's", {
    need: "made",
    load: async () => (await import("./hand-in.ts")).adoptDeed,
  });
}

function addHandingOver(parts: CommandParts): void {
  addLife(parts, "release <id> [reason]", "give a claimed task back", {
    need: "held",
    load: async () => (await import("./hand-over.ts")).releaseDeed,
  });
  addLife(parts, "handoff <id>", "offer a claimed task, or give it back, with what was learned", {
    need: "held",
    flags(command) {
      const names = { agent: "to", capability: "capability" };
      withAudience(command, names, "to whom, else to anybody");
      return withStay(withPacket(command), "until somebody has accepted");
    },
    load: async () => (await import("./hand-over.ts")).handoffDeed,
  });
}

function addTalk(parts: CommandParts): void {
  addLife(parts, "note <id> <text>", "leave a note on a task", {
    need: "made",
    flags: (command) =>
      command.addOption(
        new Option("--about <kind>", "what it is about").choices(NOTE_KINDS).default("progress"),
      ),
    load: async () => (await import("./talk.ts")).noteDeed,
  });
  addLife(parts, "ask <id> <question>", "ask for input that a claimed task needs", {
    need: "held",
    flags(command) {
      withAudience(command, { agent: "of", capability: "capability" }, "whom, else anybody");
      return withStay(command, "until it is answered, and print the answer");
    },
    load: async () => (await import("./talk.ts")).askDeed,
  });
  addLife(parts, "answer <id> <answer>", "answer a question about a task", {
    need: "made",
    flags: (command) => command.option("--question <ref>", "which one; the first open one else"),
    load: async () => (await import("./talk.ts")).answerDeed,
  });
}

function addVerdicts(parts: CommandParts): void {
  addLife(parts, "review <id>", "approve the result that awaits review, or send it back", {
    need: "made",
    flags: (command) =>
      command
        .option("--approve", "it is good", false)
        .option("--send-back <reason>", "it is not, and why"),
    load: async () => (await import("./steer.ts")).reviewDeed,
  });
}

function addSteering(parts: CommandParts): void {
  addLife(parts, "cancel <id> [reason]", "call a task off", {
    need: "any",
    load: async () => (await import("./steer.ts")).cancelDeed,
  });
  addLife(parts, "reopen <id> [reason]", "start an ended task over", {
    need: "any",
    load: async () => (await import("./steer.ts")).reopenDeed,
  });
  addLife(parts, "redrive <id> [reason]", "start a failed task over, a dead letter too", {
    need: "any",
    load: async () => (await import("./steer.ts")).redriveDeed,
  });
  addLife(parts, "edit <id>", "change fields of a task; a list given replaces the one before", {
    need: "any",
    flags: (command) =>
      withFields(command.option("--title <text>", "what is to be done, in a line")).option(
        "--no-needs",
        "it needs nothing any more",
      ),
    load: async () => (await import("./steer.ts")).editDeed,
  });
}
