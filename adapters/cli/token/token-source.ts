/** Where a command has its token from: a file, or the environment; never its arguments, which everybody can list. */
import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { MAX_TOKEN_BYTES } from "../../transport/relay/access/grant.ts";
import { usageFault } from "../fault.ts";

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/u;

/**
 * Gives the token of the file that the option names, else that of `$STIGMERGY_TOKEN`; undefined where there is none.
 *
 * @throws CliFault `USAGE` when there is no token in it; what is there instead is not told
 */
export function findToken(file: string | undefined): string | undefined {
  if (file !== undefined) return checkToken(readTokenFile(file), `the token file ${file}`);
  const token = process.env["STIGMERGY_TOKEN"];
  return token ? checkToken(token, "$STIGMERGY_TOKEN") : undefined;
}

/** The agent that a token says it is for, unverified; the relay lets no other in. Null where it says none. */
export function subjectOf(token: string): string | null {
  try {
    const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
    const { sub } = JSON.parse(payload) as { readonly sub?: unknown };
    return typeof sub === "string" ? sub : null;
  } catch {
    return null; // the relay says what is wrong with it
  }
}

/** Reads a token that somebody pipes in. */
export async function readTokenFrom(stream: Readable, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MAX_TOKEN_BYTES + 2) throw usageFault(`${name} holds more than a token`); // and its line's end
  }
  return checkToken(Buffer.concat(chunks).toString("utf8"), name);
}

function readTokenFile(file: string): string {
  const buffer = Buffer.alloc(MAX_TOKEN_BYTES + 2);
  try {
    const fd = openSync(resolve(file), "r");
    try {
      return buffer.toString("utf8", 0, readSync(fd, buffer));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usageFault(`the token file ${file} cannot be read (${cause}); check --token-file`);
  }
}

function checkToken(text: string, name: string): string {
  const token = text.trim();
  if (JWT.test(token)) return token;
  throw usageFault(`${name} holds no token; make one with \`stigmergy token create\``);
}
