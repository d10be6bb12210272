/** The commands that verify rules and agents of one's own, and play their failures again. */
import { randomInt } from "node:crypto";
import { type Command, Option } from "commander";
import { addCommand, type CommandParts } from "../command-form.ts";
import { option, whole } from "../flags.ts";
import type { ReplayTrial, VerifyTrial } from "./trial.ts";

const MAX_SEED = 2 ** 31 - 1;
const MAX_NODES = 7;

/** Adds them. */
export function addVerifyCommands(parts: CommandParts): void {
  addCommand<VerifyFlags>(parts, "verify <module>", "try to break a rule or an agent of your own", {
    flags: withVerifyFlags,
    async load() {
      const { runTrial } = await import("./trial-thread.ts");
      return ({ module, runs, seed = randomInt(MAX_SEED), nodes, topology, save }, output) => {
        const ascii = wantsAscii();
        return runTrial(
          { kind: "verify", module, runs, seed, nodes, topology, save, ascii },
          output,
        );
      };
    },
  });
  addCommand<ReplayFlags>(parts, "replay <file>", "play a failure again that verify has saved", {
    flags: (command) =>
      command
        .option("--module <path>", "play with this module instead of the one that the file names")
        .addHelpText(
          "after",
          "\nIt runs the module that the file names. Exit code: 0 holds now, 1 breaks, 2 unusable.",
        ),
    async load() {
      const { runTrial } = await import("./trial-thread.ts");
      return ({ file, module }, output) =>
        runTrial({ kind: "replay", file, module, ascii: wantsAscii() }, output);
    },
  });
}

type VerifyFlags = Omit<VerifyTrial, "kind" | "ascii" | "seed"> & { readonly seed?: number };
type ReplayFlags = Omit<ReplayTrial, "kind" | "ascii">;

const VERIFY_HELP = `
The module is a .js or .mjs file that exports one of these, or both:
  rule   { name, version, compare(a, b, context) }    first its laws are tried, then schedules are played
  agent  { name, run({ agent, board, clock }) }       works by itself while faults befall it

What breaks is shrunk, told and saved. Exit code: 0 holds, 1 broken, 2 unusable.
A module that loops for ever is waited for; Ctrl-C ends it.`;

function withVerifyFlags(command: Command): Command {
  return command
    .addOption(option("--runs <n>", "how many cases and schedules", whole(1, 100_000_000), 1000))
    .addOption(
      option("--seed <n>", "the same one gives the same; fresh by default", whole(0, MAX_SEED)),
    )
    .addOption(option("--nodes <n>", "how many agents", whole(1, MAX_NODES), 3))
    .addOption(new Option("--topology <kind>", "both by default").choices(["relay", "mesh"]))
    .option("--save <file>", "where a failure goes; ./<name>-<seed>.stigmergy.json by default")
    .addHelpText("after", VERIFY_HELP);
}

/** Whether the terminal says that it knows no more than ASCII. */
function wantsAscii(): boolean {
  const { LC_ALL, LC_CTYPE, LANG, TERM } = process.env;
  const locale = LC_ALL || LC_CTYPE || LANG || "UTF-8";
  return TERM === "dumb" || !/utf-?8/iu.test(locale);
}
