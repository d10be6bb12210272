/** Tokens: signed words of the relay's owner about what an agent may do on a board, as JSON Web Tokens. */
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { type Denial, deny, isDenial } from "./denial.ts";
import {
  type Grant,
  isBoardName,
  isSubject,
  MAX_TOKEN_BYTES,
  type Quotas,
  quotaNames,
  type Role,
  roles,
} from "./grant.ts";
import { type Key, verifyingHalf } from "./key.ts";

/** What a token is to say. */
export interface TokenOptions {
  /** The agent's name: 1 to 32 characters without `/ : ~` or white space, and no `-` and digits at its end. */
  readonly subject: string;
  /** The board's name without its generation. */
  readonly board: string;
  readonly role: Role;
  /** When it ends, in milliseconds since the Unix epoch; rounded down to seconds. */
  readonly expiresAt: number;
  readonly quotas?: Quotas;
  /** Names this token, for the books of whoever made it. */
  readonly id?: string;
}

const ISSUER = "stigmergy";
const AUDIENCE = "stigmergy-relay";
const CLOCK_TOLERANCE_S = 5;
const MAX_DATE_S = 8_640_000_000_000;

/**
 * Makes a token.
 *
 * @throws TypeError when it would be refused, or the key cannot sign
 */
export async function createToken(key: Key, options: TokenOptions): Promise<string> {
  if (key.kind === "public")
    throw new TypeError("A public key cannot sign; use the private one, or a secret");
  const { subject, board, role, expiresAt, quotas = {}, id } = options;
  const payload = { sub: subject, board, role, quotas, exp: Math.floor(expiresAt / 1000) };
  const grant = readGrant(payload);
  if (isDenial(grant)) throw new TypeError(`No token can say that: ${grant.message}`);
  const token = new SignJWT(payload)
    .setProtectedHeader({ alg: algorithmOf(key), typ: "JWT" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt();
  if (id !== undefined) token.setJti(id);
  const signed = await token.sign(materialOf(key));
  if (signed.length <= MAX_TOKEN_BYTES) return signed;
  throw new TypeError(`The token would have more than ${MAX_TOKEN_BYTES} bytes; shorten its id`);
}

/**
 * Reads a token that one of the keys signed.
 *
 * @param now - milliseconds since the Unix epoch
 */
export async function verifyToken(
  token: string,
  keys: readonly Key[],
  now: number,
): Promise<Grant | Denial> {
  if (token.length > MAX_TOKEN_BYTES) return deny("malformed", "the token is too long");
  let denial = deny("bad-signature");
  for (const key of keys) {
    const judgement = await verifyWith(token, verifyingHalf(key), now);
    if (!isDenial(judgement)) return judgement;
    if (judgement.reason !== "bad-signature") denial = judgement;
  }
  return denial;
}

async function verifyWith(token: string, key: Key, now: number): Promise<Grant | Denial> {
  try {
    const { payload } = await jwtVerify(token, materialOf(key), {
      algorithms: [algorithmOf(key)], // what the header says only has to agree
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["sub", "exp"],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(now),
    });
    return readGrant(payload);
  } catch (error) {
    return denialOf(error);
  }
}

function denialOf(error: unknown): Denial {
  if (error instanceof errors.JWTExpired) return deny("expired");
  if (error instanceof errors.JWTClaimValidationFailed) return denialOfClaim(error);
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed
  )
    return deny("bad-signature");
  return deny("malformed"); // whatever else reading it ran into: nobody comes in by a fault
}

function denialOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): Denial {
  if (claim === "nbf" && reason === "check_failed") return deny("not-yet");
  if (claim === "aud" || claim === "iss")
    return deny("malformed", "the token is not meant for a relay");
  return deny("malformed");
}

/** Reads the claims strictly: what is not understood might be a limit. */
function readGrant({ sub, board, role, quotas, exp }: JWTPayload): Grant | Denial {
  if (typeof sub !== "string" || !isSubject(sub))
    return deny("malformed", "the token's agent is no name of an agent, or ends in a number");
  if (typeof board !== "string" || !isBoardName(board))
    return deny("malformed", "the token's board is no name of a board");
  const known = roles.find((one) => one === role);
  if (known === undefined) return deny("malformed", "the token's role is not known");
  if (!isQuotas(quotas)) return deny("malformed", "the token's quotas are not understood");
  if (!Number.isFinite(exp) || Math.abs(exp ?? 0) > MAX_DATE_S)
    return deny("malformed", "the token's end is no time");
  return { subject: sub, board, role: known, expiresAt: (exp ?? 0) * 1000, quotas: quotas ?? {} };
}

function isQuotas(value: unknown): value is Quotas | undefined {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, limit]) =>
      (quotaNames as readonly string[]).includes(name) && Number.isSafeInteger(limit) && limit > 0,
  );
}

function algorithmOf({ kind }: Key): "HS256" | "EdDSA" {
  return kind === "secret" ? "HS256" : "EdDSA";
}

function materialOf(key: Key): Uint8Array | Extract<Key, { kind: "public" | "private" }>["key"] {
  return key.kind === "secret" ? key.bytes : key.key;
}
