/** The options of `stigmergy relay`: where it listens, whom it lets in, what it keeps, and how much it bears. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_LIMITS, type RelayLimits } from "../../transport/relay/limits.ts";
import { type LogLevel, logLevels } from "../../transport/relay/observe/log-level.ts";
import { option, repeatable, whole } from "../flags.ts";

/** What they say. */
export interface RelayFlags extends AccessFlags {
  readonly port: number;
  /** Whether boards may hold shared text beside their records. */
  readonly text: boolean;
  /** Whether boards begin anew where the store has lost them. */
  readonly fresh: boolean;
  readonly logLevel: LogLevel;
  readonly store?: string;
  readonly storeKind: "log" | "sqlite";
  readonly limit?: readonly (readonly [name: keyof RelayLimits, most: number])[];
}

/** Those of them that say who may connect. */
export interface AccessFlags {
  readonly host: string;
  readonly open: boolean;
  readonly secretFile?: string;
  /** Paths of files. */
  readonly publicKey?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly hostName?: readonly string[];
}

const asIs = (text: string): string => text;

/** Adds them. */
export function withRelay(command: Command): Command {
  return withAccess(command)
    .option("--text", "let boards hold shared text too", false)
    .option("--store <dir>", "keep the boards here")
    .addOption(
      new Option("--store-kind <kind>", "as what").choices(["log", "sqlite"]).default("log"),
    )
    .addOption(repeatable("--limit <name=n>", `repeatable; ${LIMIT_NAMES.join(", ")}`, readLimit))
    .option("--fresh", "go on without what the store has lost", false)
    .addOption(
      new Option("--log-level <level>", "what to log to stderr").choices(logLevels).default("warn"),
    );
}

function withAccess(command: Command): Command {
  return command
    .option("--host <host>", "the interface to listen on", "127.0.0.1")
    .addOption(option("--port <port>", "0 takes a free one", whole(0, 65_535), 0))
    .option("--open", "let everybody in who reaches it; on this machine only", false)
    .option("--secret-file <file>", "let in tokens of this secret; or $STIGMERGY_SECRET")
    .addOption(
      repeatable("--public-key <file>", "let in tokens of this Ed25519 key; repeatable", asIs),
    )
    .addOption(
      repeatable("--allow-origin <origin>", "let pages from there connect; repeatable", asIs),
    )
    .addOption(
      repeatable("--host-name <name>", "a name that clients reach it by; repeatable", asIs),
    );
}

const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as readonly (keyof RelayLimits)[];

/** Reads `boards=100`. */
function readLimit(text: string): [name: keyof RelayLimits, most: number] {
  const [given = "", most = ""] = text.split("=");
  const name = LIMIT_NAMES.find((one) => one === given);
  if (name !== undefined && /^[1-9]\d{0,14}$/u.test(most)) return [name, Number(most)];
  throw new InvalidArgumentError(
    `Use the name of a limit, = and a whole number from 1 on, such as boards=100.`,
  );
}
