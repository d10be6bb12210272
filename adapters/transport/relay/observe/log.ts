/** The relay's log: one line of JSON per event with a fixed list of fields; no payloads, no tokens, no queries. */
import { type DestinationStream, destination, pino } from "pino";
import type { LogLevel } from "./log-level.ts";

export type { LogLevel } from "./log-level.ts";

/** What may be said of an event. */
export interface LogFields {
  readonly board?: string;
  readonly subject?: string | null;
  /** The connection's number. */
  readonly connection?: number;
  readonly code?: number | string;
  readonly reason?: string;
  readonly bytes?: number;
}

/** Writes events; an event is a constant name in kebab-case, such as `connection-opened`. */
export type RelayLog = Readonly<
  Record<Exclude<LogLevel, "silent">, (event: string, fields?: LogFields) => void>
>;

/** How a log is made. */
export interface LogOptions {
  readonly level: LogLevel;
  /** Takes the lines; stderr by default. */
  readonly stream?: DestinationStream;
}

const MAX_TEXT = 256;
const STDERR = 2;

/** What begins as the header of a token does, or has three long parts of base64url as tokens have. */
const TOKEN = /eyJ[\w-]{4,}(?:\.[\w-]*){0,4}|[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/gu;
const BEARER = /bearer[ .]+\S+/giu;
const QUERY = /\?[^\s"']*/gu;

/** Makes a log. */
export function createRelayLog({ level, stream }: LogOptions): RelayLog {
  const logger = pino(
    { level, base: null, formatters: { level: (label) => ({ level: label }) } },
    stream ?? destination({ dest: STDERR, sync: true }),
  );
  const write =
    (at: Exclude<LogLevel, "silent">) =>
    (event: string, fields: LogFields = {}): void => {
      if (logger.isLevelEnabled(at)) logger[at]({ event: clean(event), ...pick(fields) });
    };
  return { error: write("error"), warn: write("warn"), info: write("info"), debug: write("debug") };
}

/** Takes the listed fields only: what else an object carries is not for the log. */
function pick({ board, subject, connection, code, reason, bytes }: LogFields): LogFields {
  const listed = { board, subject, connection, code, reason, bytes };
  return Object.fromEntries(
    Object.entries(listed)
      .filter(([, value]) => isLoggable(value))
      .map(([name, value]) => [name, typeof value === "string" ? clean(value) : value]),
  );
}

function isLoggable(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "number";
}

/** A text of a client may hold what it should not have sent; names that it chose are cut to a length. */
function clean(text: string): string {
  const safe = text
    .slice(0, 4 * MAX_TEXT)
    .replace(BEARER, "[token]")
    .replace(TOKEN, "[token]")
    .replace(QUERY, "?[query]");
  return safe.slice(0, MAX_TEXT);
}
