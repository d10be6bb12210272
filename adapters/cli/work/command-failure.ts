/** Says why a command failed, so that whoever tries again knows. */
import { type CommandEnd, MAX_STDOUT_BYTES } from "../command/run-command.ts";
import { duration } from "../output/printable.ts";

/** Says why a command failed, with the end of what it wrote to stderr; null when it did not. */
export function failureOf(end: CommandEnd, timeoutMs: number | undefined): string | null {
  switch (end.kind) {
    case "exited":
      return end.code === 0 ? null : withTail(`exit code ${end.code}`, end.stderr);
    case "killed":
      return withTail(`killed by ${end.by}`, end.stderr);
    case "timed-out":
      return withTail(
        `took longer than ${duration(timeoutMs ?? 0)} (--timeout-ms ${timeoutMs})`,
        end.stderr,
      );
    case "too-long":
      return withTail(TOO_LONG, end.stderr);
    case "not-started":
      return `the command cannot be started: ${end.cause}`;
    case "stopped":
      return "the command was stopped";
  }
}

/** Says why what a command printed cannot be its result; null when it can. */
export function stdoutFlaw(stdout: string): string | null {
  return Buffer.byteLength(JSON.stringify(stdout)) > MAX_STDOUT_BYTES ? TOO_LONG : null;
}

const TOO_LONG = `printed more than ${MAX_STDOUT_BYTES} bytes as its result; write it to a file and print the file's name`;
const TAIL_LENGTH = 2000;

function withTail(what: string, stderr: string): string {
  return stderr === "" ? what : `${what}: ${stderr.slice(-TAIL_LENGTH).toWellFormed()}`;
}
