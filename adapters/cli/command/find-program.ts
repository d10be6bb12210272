/** Looks for a command's program before any task is claimed for it. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { usageFault } from "../fault.ts";
import { hasPlace } from "./substitute.ts";

/**
 * Checks that the program can be started.
 *
 * @throws CliFault `USAGE` when it is not there; every task would fail for that
 */
export function checkProgram([program = ""]: readonly string[]): void {
  if (hasPlace(program)) return;
  const isPath = program.includes("/") || program.includes("\\");
  const folders = isPath ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  const endings = process.platform === "win32" ? ["", ".exe", ".cmd", ".bat"] : [""];
  for (const folder of folders)
    for (const ending of endings) if (isExecutable(join(folder, `${program}${ending}`))) return;
  throw usageFault(
    `the command ${JSON.stringify(program)} cannot be started: ${isPath ? "there is no such program" : "it is not in PATH"}; check its name`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
