/** The options that make a packet. */
import { type Command, InvalidArgumentError } from "commander";
import type { Artifact, Packet } from "../../../lib/index.ts";
import { repeatable } from "../flags.ts";

/** A packet from a file, or its parts. */
export interface PacketFlags {
  readonly packet?: string;
  readonly summary?: string;
  readonly decision?: readonly string[];
  readonly question?: readonly string[];
  readonly deadEnd?: Packet["deadEnds"];
  readonly artifact?: readonly Artifact[];
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  md: "text/markdown",
  txt: "text/plain",
  log: "text/plain",
  diff: "text/x-diff",
  patch: "text/x-diff",
  html: "text/html",
  json: "application/json",
  pdf: "application/pdf",
  png: "image/png",
};

/** Adds the options. */
export function withPacket(command: Command): Command {
  return command
    .option("--packet <file>", "the packet as JSON; - for stdin")
    .option("--summary <text>", "where the work stands")
    .addOption(repeatable("--decision <text>", "what was decided", String))
    .addOption(repeatable("--question <text>", "what is open", String))
    .addOption(repeatable("--dead-end <tried: why>", "what failed, and why", readDeadEnd))
    .addOption(repeatable("--artifact <name=uri>", "what was made, and where it is", readArtifact));
}

function readDeadEnd(text: string): Packet["deadEnds"][number] {
  const [tried = "", ...why] = text.split(": ");
  if (tried.trim() !== "" && why.join("").trim() !== "") return { tried, why: why.join(": ") };
  throw new InvalidArgumentError('Use "what was tried: why it failed".');
}

function readArtifact(text: string): Artifact {
  const at = text.indexOf("=");
  const [name, uri] = [text.slice(0, at), text.slice(at + 1)];
  if (at <= 0 || uri === "")
    throw new InvalidArgumentError("Use name=uri; --packet takes all other forms.");
  const ending = /\.([a-z]+)$/u.exec(uri)?.[1] ?? "";
  return { name, mediaType: MEDIA_TYPES[ending] ?? "application/octet-stream", uri };
}
