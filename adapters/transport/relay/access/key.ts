/** The keys that tokens are signed and verified with; what a key is decides the algorithm, never what a token says. */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from "node:crypto";

/** A secret that signs and verifies, with HS256. */
export interface SecretKey {
  readonly kind: "secret";
  readonly bytes: Uint8Array;
}

/** Half of an Ed25519 pair, for EdDSA. */
export interface HalfKey {
  readonly kind: "private" | "public";
  readonly key: KeyObject;
}

/** A key as its text says. */
export type Key = SecretKey | HalfKey;

const MIN_SECRET_BYTES = 32;
const SECRET_RANDOM_BYTES = 32;

/** Makes a secret of 256 random bits, as text. */
export function createSecret(): string {
  return randomBytes(SECRET_RANDOM_BYTES).toString("base64url");
}

/**
 * Reads a key: an Ed25519 key as PEM or JWK, else the text itself is the secret, without white space around it.
 * A PEM or JWK is never taken for a secret, so that a public key cannot be used to forge.
 *
 * @throws TypeError when it is none; the message holds nothing of the text
 */
export function parseKey(text: string): Key {
  const trimmed = text.trim();
  if (trimmed.includes("-----BEGIN")) return parsePem(trimmed);
  if (trimmed.startsWith("{")) return parseJwk(trimmed);
  return secretOf(Buffer.from(trimmed));
}

/** The half that verifies; of a secret, the secret. */
export function verifyingHalf(key: Key): Key {
  if (key.kind !== "private") return key;
  return { kind: "public", key: createPublicKey(key.key) };
}

function secretOf(bytes: Uint8Array): SecretKey {
  if (bytes.length >= MIN_SECRET_BYTES) return { kind: "secret", bytes };
  throw new TypeError(
    `The secret has ${bytes.length} bytes; it needs ${MIN_SECRET_BYTES}: make one with \`stigmergy token secret\``,
  );
}

function parsePem(text: string): HalfKey {
  const kind = text.includes("PRIVATE KEY-----") ? "private" : "public";
  return halfOf(kind, () => (kind === "private" ? createPrivateKey(text) : createPublicKey(text)));
}

function parseJwk(text: string): Key {
  let jwk: Record<string, unknown>;
  try {
    jwk = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new TypeError("The key begins as a JWK, but is no JSON; correct the file"); // the cause would quote it
  }
  if (jwk["kty"] === "oct" && typeof jwk["k"] === "string")
    return secretOf(Buffer.from(jwk["k"], "base64url"));
  const input = { key: jwk as import("node:crypto").JsonWebKey, format: "jwk" } as const;
  return jwk["d"] === undefined
    ? halfOf("public", () => createPublicKey(input))
    : halfOf("private", () => createPrivateKey(input));
}

function halfOf(kind: HalfKey["kind"], read: () => KeyObject): HalfKey {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw new TypeError(
      `The ${kind} key cannot be read; use an Ed25519 key as unencrypted PEM or JWK`,
    );
  }
  if (key.asymmetricKeyType === "ed25519") return { kind, key };
  throw new TypeError(
    `The ${kind} key is of type ${key.asymmetricKeyType}; use an Ed25519 key, as \`openssl genpkey -algorithm ed25519\` makes it`,
  );
}
