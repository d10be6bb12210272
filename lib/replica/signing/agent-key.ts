/** Keys of agents: Ed25519 by WebCrypto, and the end of an agent's id that its public key gives. */
import { fromBase64UrlEncoded, fromHexString, toBase64UrlEncoded } from "lib0/buffer";
import { digest } from "lib0/hash/sha256";
import type { AgentId } from "../../core/record.ts";

/**
 * The key pair of one agent on boards with signatures: plain JSON, so that a session file can hold it. Whoever has it can
 * write in the agent's name; no two processes may write with it at a time.
 */
export interface AgentKey {
  /** The 32 bytes of the public key in base64url. */
  readonly publicKey: string;
  /** The 32 bytes of the private key in base64url. Secret. */
  readonly privateKey: string;
}

/** A private key that is ready to sign. */
export interface SigningKey {
  readonly publicKey: string;
  /** Signs, and gives the signature's 64 bytes in base64url. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
}

/** Says whether a signature in base64url is valid over the bytes. */
export type Verifier = (signature: string, bytes: Uint8Array<ArrayBuffer>) => Promise<boolean>;

const ALGORITHM = "Ed25519";
const SUFFIX_LENGTH = 8;
const SUFFIX_BYTES = 5;
/** Digits `0-9a-v`, as everywhere in ids. */
const SUFFIX_RADIX = 32;

// biome-ignore lint/style/noRestrictedGlobals: WebCrypto draws the randomness of a key itself and takes none from outside
const { subtle } = crypto;

/** Makes a key pair; the platform's WebCrypto draws it, whatever `random` a board was opened with. */
export async function createAgentKey(): Promise<AgentKey> {
  const pair = (await subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as CryptoKeyPair;
  const { x = "", d = "" } = await subtle.exportKey("jwk", pair.privateKey);
  return { publicKey: x, privateKey: d };
}

/**
 * Makes a key pair ready to sign.
 *
 * @throws RangeError when it is no Ed25519 key pair, or its halves do not belong together
 */
export async function openSigningKey({ publicKey, privateKey }: AgentKey): Promise<SigningKey> {
  const jwk = { kty: "OKP", crv: ALGORITHM, x: publicKey, d: privateKey };
  const refuse = (cause?: unknown): never => {
    throw new RangeError(
      `The key with the public half ${publicKey} is no Ed25519 key pair in base64url; make one with createAgentKey()`,
      { cause },
    );
  };
  const key = await subtle.importKey("jwk", jwk, ALGORITHM, false, ["sign"]).catch(refuse);
  const sign = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
    toBase64UrlEncoded(new Uint8Array(await subtle.sign(ALGORITHM, key, bytes)));
  const verify = await openVerifier(publicKey).catch(refuse);
  const probe = new TextEncoder().encode("probe");
  if (!(await verify(await sign(probe), probe))) refuse();
  return { publicKey, sign };
}

/**
 * The points of small order without their sign, in every spelling that WebCrypto takes: a key of them lets anybody sign
 * anything in its owner's name, as far as chance allows.
 */
const WEAK_KEYS: ReadonlySet<string> = new Set(
  [
    "00".repeat(32),
    `01${"00".repeat(31)}`,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ...["ec", "ed", "ee"].map((low) => `${low}${"ff".repeat(30)}7f`),
  ].map((hex) => toBase64UrlEncoded(fromHexString(hex))),
);

/** Makes a public key in base64url ready to verify; rejects where it is none, or of small order. */
export async function openVerifier(publicKey: string): Promise<Verifier> {
  const unsigned = decode(publicKey);
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
  if (WEAK_KEYS.has(toBase64UrlEncoded(unsigned)))
    throw new RangeError(`The public key ${publicKey} is of small order; make another`);
  const key = await subtle.importKey("raw", decode(publicKey), ALGORITHM, false, ["verify"]);
  return (signature, bytes) => subtle.verify(ALGORITHM, key, decode(signature), bytes);
}

/** The end of the id of the agent with this key: the first 40 bits of the key's SHA-256, five to a character. */
export function suffixOfKey(publicKey: string): string {
  const hash = digest(decode(publicKey));
  let bits = 0n;
  for (const byte of hash.subarray(0, SUFFIX_BYTES)) bits = bits * 256n + BigInt(byte);
  return bits.toString(SUFFIX_RADIX).padStart(SUFFIX_LENGTH, "0");
}

/** Whether an agent's id and a key belong together. */
export function fitsKey(agent: AgentId, publicKey: string): boolean {
  return agent.slice(agent.lastIndexOf("~") + 1) === suffixOfKey(publicKey);
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fromBase64UrlEncoded(text));
}
