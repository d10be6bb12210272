/** The bytes that a signature is over: equal on every machine for equal records, whatever order their fields came in. */
import { toBase64UrlEncoded } from "lib0/buffer";
import { digest } from "lib0/hash/sha256";
import type { AgentId, Json } from "../../core/record.ts";

/** What one signature covers. */
export interface Batch {
  /** The board's document name with its generation, such as `docs#1`. */
  readonly board: string;
  readonly agent: AgentId;
  /** Position of the first of the records in the agent's log. */
  readonly from: number;
  /** {@link hashBytes} of the agent's batch before this one; empty for its first. */
  readonly prev: string;
  /** As they lie in the log; signatures among them are left out, as `prev` stands for what they cover. */
  readonly records: readonly unknown[];
}

/** A `signed` record, or what claims to be one. */
export function isSigned(value: unknown): value is { readonly kind: "signed" } {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "signed";
}

/** The canonical bytes of a batch; its records must be plain JSON. */
export function batchToBytes({
  board,
  agent,
  from,
  prev,
  records,
}: Batch): Uint8Array<ArrayBuffer> {
  const whole = [
    board,
    agent,
    from,
    prev,
    ...(records.filter((one) => !isSigned(one)) as readonly Json[]),
  ];
  return new TextEncoder().encode(canonicalJson(whole));
}

/** SHA-256 in base64url without padding. */
export function hashBytes(bytes: Uint8Array): string {
  return toBase64UrlEncoded(digest(bytes));
}

/** JSON as in RFC 8785: no white space, and the keys of every object sorted by their UTF-16 code units. */
export function canonicalJson(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = value as { readonly [key: string]: Json };
  let text = "";
  for (const key of Object.keys(fields).sort())
    text += `${text === "" ? "{" : ","}${JSON.stringify(key)}:${canonicalJson(fields[key] as Json)}`;
  return text === "" ? "{}" : `${text}}`;
}
