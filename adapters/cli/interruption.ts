/** SIGINT, SIGTERM and SIGHUP as an abort signal; the second one ends the process at once. */
import { exitCode, interruptedFault } from "./fault.ts";

/** Whether the user wants an end. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Which signal came; null before. */
  readonly by: NodeJS.Signals | null;
  /** Resolves once a signal comes. */
  happens(): Promise<void>;
  /** @throws CliFault `INTERRUPTED` once a signal came */
  check(what: string): void;
}

/** Signals so close together are one: a terminal and npm both hand on the same Ctrl-C. */
const ECHO_MS = 500;

/** Starts to listen; once per process. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let by: NodeJS.Signals | null = null;
  let firstAt = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => {
      if (by !== null && performance.now() - firstAt < ECHO_MS) return;
      if (by !== null) process.exit(exitCode.interrupted);
      by = name;
      firstAt = performance.now();
      controller.abort("interrupted");
    });
  return {
    signal: controller.signal,
    get by() {
      return by;
    },
    happens: () =>
      new Promise((resolve) => {
        if (by === null) controller.signal.addEventListener("abort", () => resolve());
        else resolve();
      }),
    check(what) {
      if (by !== null) throw interruptedFault(what);
    },
  };
}
