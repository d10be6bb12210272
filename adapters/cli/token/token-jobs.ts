/** `token create`, `token secret` and `token show`. */
import { resolve } from "node:path";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { isDenial } from "../../transport/relay/access/denial.ts";
import type { Grant, Quotas, Role } from "../../transport/relay/access/grant.ts";
import { createSecret, type Key, parseKey } from "../../transport/relay/access/key.ts";
import { readKey, writeSecretFile } from "../../transport/relay/access/key-file.ts";
import { createToken, verifyToken } from "../../transport/relay/access/token.ts";
import { type ExitCode, exitCode, refusedFault, usageFault } from "../fault.ts";
import type { Output } from "../output/output.ts";
import { printable, printableJson } from "../output/printable.ts";
import { readTokenFrom } from "./token-source.ts";

/** Which key. */
export interface KeyOptions {
  readonly key?: string;
}

/** What a token is to grant. */
export interface CreateOptions extends KeyOptions {
  readonly agent: string;
  readonly board: string;
  readonly role: Role;
  /** In seconds from now. */
  readonly expires: number;
  readonly recordsPerSecond?: number;
  readonly bytesPerSecond?: number;
  readonly maxAgents?: number;
  readonly maxConnections?: number;
  readonly id?: string;
}

/** What `token show` is given; the token comes by stdin. */
export type ShowOptions = KeyOptions;

/** Prints a new token, and nothing else. */
export async function createTokenJob(options: CreateOptions, output: Output): Promise<ExitCode> {
  const key = await findKey(options, output.talk);
  if (key === null)
    throw usageFault(
      "no key: give --key FILE or $STIGMERGY_SECRET; `stigmergy token secret FILE` makes one",
    );
  const { agent, board, role, expires, id } = options;
  const expiresAt = (Math.floor(Date.now() / 1000) + expires) * 1000;
  const quotas = quotasOf(options);
  const named = id === undefined ? {} : { id };
  const wish = { subject: agent, board, role, expiresAt, quotas, ...named };
  const token = await createToken(key, wish).catch((error: unknown) => {
    throw error instanceof TypeError ? usageFault(error.message) : error;
  });
  output.data({ token, agent, board, role, expires_at: iso(expiresAt), quotas }, () => token);
  return exitCode.ok;
}

/** Makes a secret. */
export async function secretJob(
  { file }: { readonly file?: string },
  output: Output,
): Promise<ExitCode> {
  const secret = createSecret();
  if (file === undefined) {
    output.data({ secret }, () => secret);
    output.talk("whoever knows it can make tokens: keep it in a file of mode 0600");
    return exitCode.ok;
  }
  const path = resolve(file);
  await writeSecretFile(path, secret).catch((error: NodeJS.ErrnoException) => {
    const cause = error.code === "EEXIST" ? "it is there already" : error.message;
    throw usageFault(`the secret cannot be written to ${path}: ${cause}; name another file`);
  });
  output.data({ file: path }, () => path);
  return exitCode.ok;
}

/** Says what a token grants; with a key, whether it would be let in. */
export async function showTokenJob(options: ShowOptions, output: Output): Promise<ExitCode> {
  const token = await readTokenFrom(process.stdin, "stdin");
  const key = await findKey(options, output.talk);
  if (key === null) return showUnverified(token, output);
  const grant = await verifyToken(token, [key], Date.now());
  if (isDenial(grant)) throw refusedFault(grant.reason, grant.message);
  const { subject, board, role, quotas, expiresAt } = grant;
  output.data(
    { verified: true, agent: subject, board, role, expires_at: iso(expiresAt ?? 0), quotas },
    () => sentenceOf(grant),
  );
  return exitCode.ok;
}

/** What an unverified token claims could be anything; it is shown as it is, without the signature. */
function showUnverified(token: string, output: Output): ExitCode {
  let header: object;
  let claims: object;
  try {
    header = decodeProtectedHeader(token);
    claims = decodeJwt(token);
  } catch {
    throw refusedFault("malformed", "stdin holds no token; make one with `stigmergy token create`");
  }
  output.data({ verified: false, header, claims }, () => printableJson(claims));
  output.talk("not verified: anybody can write that. Give --key FILE or $STIGMERGY_SECRET");
  return exitCode.ok;
}

async function findKey({ key }: KeyOptions, talk: (line: string) => void): Promise<Key | null> {
  const secret = process.env["STIGMERGY_SECRET"];
  try {
    if (key === undefined) return secret ? parseKey(secret) : null;
    const read = await readKey(key);
    if (read.warning !== null) talk(`warning: ${read.warning}`);
    return read.key;
  } catch (error) {
    throw error instanceof TypeError ? usageFault(error.message) : error;
  }
}

function quotasOf(options: CreateOptions): Quotas {
  const { recordsPerSecond, bytesPerSecond, maxAgents, maxConnections } = options;
  const limits = {
    recordsPerSecond,
    bytesPerSecond,
    agents: maxAgents,
    connections: maxConnections,
  };
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

function sentenceOf({ subject, board, role, expiresAt, quotas }: Grant): string {
  const limits = Object.entries(quotas).map(([name, limit]) => `, ${name} ${limit}`);
  return `${printable(subject ?? "")} may ${role} on ${printable(board)} until ${iso(expiresAt ?? 0)}${limits.join("")}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
