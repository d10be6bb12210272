/** The proof that one knows the mesh's secret, which itself is never sent. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Which end of a connection: who dialed, or who was dialed. */
export type Role = "dialer" | "listener";

/** What both sides have drawn for this one connection. */
export interface Nonces {
  readonly dialer: Uint8Array;
  readonly listener: Uint8Array;
}

/** How many bytes a nonce has. */
export const NONCE_BYTES = 32;

const EMPTY = new Uint8Array(0);

/** Draws a nonce; from the platform whatever a replica's randomness is, since a foreseeable one could be answered before. */
export function createNonce(): Uint8Array {
  return new Uint8Array(randomBytes(NONCE_BYTES));
}

/** Proves the secret in a role: HMAC-SHA-256 over role and nonces; empty where there is no secret. */
export function proveSecret(secret: string | undefined, role: Role, nonces: Nonces): Uint8Array {
  return secret === undefined
    ? EMPTY
    : new Uint8Array(
        createHmac("sha256", secret)
          .update(`stigmergy-mesh 1 ${role}\n`)
          .update(nonces.dialer)
          .update(nonces.listener)
          .digest(),
      );
}

/** Tells whether the other side, in the given role, has proven the same secret, or has none as we have none. */
export function isProven(
  proof: Uint8Array,
  secret: string | undefined,
  role: Role,
  nonces: Nonces,
): boolean {
  const expected = proveSecret(secret, role, nonces);
  return proof.length === expected.length && timingSafeEqual(proof, expected);
}
