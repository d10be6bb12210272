/** Judges who may connect: by their token, or everybody where the relay is open. */
import type { TokenCarrier } from "./bearer.ts";
import { takeToken } from "./bearer.ts";
import { type Denial, deny, isDenial } from "./denial.ts";
import { boardNameOf, type Grant } from "./grant.ts";
import { type Key, parseKey } from "./key.ts";
import { verifyToken } from "./token.ts";

/** The judge at the relay's door. */
export interface Access {
  readonly isOpen: boolean;
  /**
   * Judges a request to connect, before anything of the board is told.
   *
   * @param board - as the path names it, decoded: with its generation (`docs#1`) or without
   */
  judge(request: TokenCarrier, board: string): Promise<Grant | Denial>;
  /** Judges a request for what concerns the relay as a whole; null when it may go on. */
  judgeOperator(request: TokenCarrier): Promise<Denial | null>;
}

/** By what a closed relay knows its tokens. */
export interface AccessKeys {
  /** At least 32 bytes, for HS256. */
  readonly secret?: string;
  /** Ed25519 public keys as PEM or JWK; a token may be signed by any of them. */
  readonly publicKey?: string | readonly string[];
  /** Gives milliseconds since the Unix epoch; the machine's clock by default. */
  readonly now?: () => number;
}

/**
 * Makes the judge of a closed relay.
 *
 * @throws TypeError when there is no key, or one of another kind than it is given for
 */
export function createAccess({ secret, publicKey = [], now = Date.now }: AccessKeys): Access {
  const publicKeys = typeof publicKey === "string" ? [publicKey] : publicKey;
  const keys = [
    ...(secret === undefined ? [] : [readAs("secret", secret)]),
    ...publicKeys.map((text) => readAs("public", text)),
  ];
  if (keys.length === 0) throw new TypeError("A closed relay needs a secret or a public key");
  const verify = async (request: TokenCarrier): Promise<Grant | Denial> => {
    const token = takeToken(request);
    return typeof token === "string" ? verifyToken(token, keys, now()) : token;
  };
  return {
    isOpen: false,
    async judge(request, board) {
      const grant = await verify(request);
      if (isDenial(grant)) return grant;
      return grant.board === boardNameOf(board) ? grant : deny("wrong-board");
    },
    async judgeOperator(request) {
      const grant = await verify(request);
      if (isDenial(grant)) return grant;
      return grant.role === "admin" ? null : deny("wrong-role");
    },
  };
}

/** Makes the judge of an open relay, which lets everybody do everything. */
export function openAccess(): Access {
  return {
    isOpen: true,
    judge: async (_request, board) => ({
      subject: null,
      board: boardNameOf(board),
      role: "admin",
      expiresAt: null,
      quotas: {},
    }),
    judgeOperator: async () => null,
  };
}

function readAs(kind: "secret" | "public", text: string): Key {
  const key = parseKey(text);
  if (key.kind === kind) return key;
  const remedy =
    kind === "public"
      ? "a relay only verifies: keep what signs elsewhere, and give it the public key"
      : "give it as the public key";
  throw new TypeError(`This is a ${key.kind} key where a ${kind} key belongs; ${remedy}`);
}
