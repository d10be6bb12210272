/** How much a relay logs; apart from the log, so that reading options does not load it. */

/** From which severity on events are logged. */
export type LogLevel = "error" | "warn" | "info" | "debug" | "silent";

/** All levels, the quiet ones first. */
export const logLevels: readonly LogLevel[] = ["silent", "error", "warn", "info", "debug"];
