/** `prime`: what an agent should read before it touches a board; no board is opened for it. */
import { primeText } from "../../tools/prime.ts";
import { type ExitCode, exitCode } from "../fault.ts";
import type { Output } from "../output/output.ts";

/** Prints the text. */
export async function primeJob(_options: object, output: Output): Promise<ExitCode> {
  output.data({ text: primeText }, () => primeText.trimEnd());
  return exitCode.ok;
}
