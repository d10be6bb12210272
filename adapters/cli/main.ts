#!/usr/bin/env node
/** The program `stigmergy`: reads the command line, runs one command, and exits with its code. */
import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { type CliFault, type ExitCode, exitCode, faultOf, usageFault } from "./fault.ts";
import { createOutput } from "./output/output.ts";
import { createProgram } from "./program.ts";
import { openParentLine } from "./work/parent-line.ts";

const args = process.argv.slice(2);
const ownArgs = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
const output = createOutput({ isJson: ownArgs.includes("--json") });
const line = ownArgs[0] === "work" ? openParentLine() : null;
let exit: ExitCode = exitCode.ok;

// whoever reads our data may have enough of it: `stigmergy list | head`; an MCP server leaves its board first
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  if (ownArgs[0] !== "mcp") process.exit(exitCode.ok);
});

try {
  const program = createProgram({
    version: readVersion(),
    output,
    line,
    done(code) {
      exit = code;
    },
  });
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ outputError: () => {} }); // said below, once
  await program.parseAsync(process.argv);
} catch (error) {
  exit = end(error);
}
await line?.close();
await new Promise<void>((resolve) => {
  process.stdout.write("", () => resolve());
});
process.exit(exit);

/** Says what went wrong, and gives the exit code. */
function end(error: unknown): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCode.ok;
  if (error instanceof CommanderError && error.code === "commander.help") return exitCode.usage;
  const fault = error instanceof CommanderError ? usageOf(error) : faultOf(error);
  if (line === null) output.error(fault);
  else line.send({ kind: "fault", code: fault.code, message: fault.message });
  return fault.exitCode;
}

function usageOf({ message }: CommanderError): CliFault {
  const said = message.replace(/^error: /u, "").replace(/\.$/u, "");
  return usageFault(`${said}; see \`stigmergy ${nameOfCommand()}--help\``);
}

function nameOfCommand(): string {
  const name = ownArgs[0] ?? "";
  return /^[a-z]+$/u.test(name) ? `${name} ` : "";
}

/** The package's version; the program runs from `dist/adapters/cli`. */
function readVersion(): string {
  const file = new URL("../../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}
