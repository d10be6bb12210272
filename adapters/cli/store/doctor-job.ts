/** `stigmergy doctor`: looks at everything that has to be in order, and says what is not. */
import { type ExitCode, exitCode } from "../fault.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import type { Finding } from "./finding.ts";
import { checkClock, checkNode, checkYjs } from "./installation-checks.ts";
import { checkRelay } from "./relay-check.ts";
import { checkStore } from "./store-check.ts";

/** What is looked at beside the installation. */
export interface DoctorOptions {
  readonly store?: string;
  readonly relay?: string;
}

/** Prints all findings; exit code 1 where one is not in order. */
export async function doctorJob(options: DoctorOptions, output: Output): Promise<ExitCode> {
  const { store, relay } = options;
  const clocks = { now: () => Date.now(), monotonic: () => performance.now() };
  const checks: readonly Finding[] = [
    checkNode(process.versions.node),
    checkYjs(process.cwd()),
    await checkClock(clocks),
    ...(store === undefined ? [] : await checkStore(store)),
    ...(relay === undefined ? [] : await checkRelay(relay)),
  ];
  const isHealthy = checks.every(({ isOk }) => isOk);
  const { green, red } = output.dataColors;
  output.data({ healthy: isHealthy, checks: checks.map(toJson) }, () =>
    checks
      .map(({ check, isOk, message }) => {
        const mark = isOk ? green("ok     ") : red("not ok ");
        return `${mark}${check.padEnd(6)}${printable(message)}`;
      })
      .join("\n"),
  );
  return isHealthy ? exitCode.ok : exitCode.taskFailed;
}

function toJson({ check, isOk, message, details = {} }: Finding): object {
  return { check, ok: isOk, message, details };
}
