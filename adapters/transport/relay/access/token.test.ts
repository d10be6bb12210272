// Tokens against everything that a forger, a careless signer or a wrong clock could make of them.

import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { CompactEncrypt, type JWTPayload, SignJWT } from "jose";
import { isDenial } from "./denial.ts";
import { MAX_TOKEN_BYTES } from "./grant.ts";
import { createSecret, type Key, parseKey } from "./key.ts";
import { createToken, verifyToken } from "./token.ts";

const NOW = Date.now();
const HOUR = 3_600_000;
const secretText = createSecret();
const secret = parseKey(secretText);
const pair = generateKeyPairSync("ed25519");
const privateKey = parseKey(pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string);
const publicPem = pair.publicKey.export({ type: "spki", format: "pem" }) as string;
const publicKey = parseKey(publicPem);
const publicJwk = JSON.stringify(pair.publicKey.export({ format: "jwk" }));

const wish = {
  subject: "ada",
  board: "docs",
  role: "write",
  expiresAt: NOW + HOUR,
  quotas: { recordsPerSecond: 50, agents: 4 },
} as const;

const claims = {
  sub: "ada",
  board: "docs",
  role: "write",
  quotas: {},
  iss: "stigmergy",
  aud: "stigmergy-relay",
  exp: Math.floor((NOW + HOUR) / 1000),
};

/** Signs whatever it is told, as somebody would who has the secret and another program. */
const sign = (payload: object, alg = "HS256", key: Uint8Array | KeyObject = bytesOf(secret)) =>
  new SignJWT(payload as JWTPayload).setProtectedHeader({ alg }).sign(key);

const reasonOf = async (token: string, keys: readonly Key[] = [secret]): Promise<string> => {
  const judgement = await verifyToken(token, keys, NOW);
  return isDenial(judgement) ? judgement.reason : "granted";
};

test.each([
  ["a secret", secret, secret],
  ["an Ed25519 pair in PEM", privateKey, publicKey],
  ["an Ed25519 pair in JWK", parseKey(jwkOf(pair.privateKey)), parseKey(publicJwk)],
  ["a private key alone", privateKey, privateKey],
  ["a secret in JWK", parseKey(oct(secretText)), secret],
])("[J2] what %s signs is granted as it was made", async (_name, signing, verifying) => {
  const token = await createToken(signing, { ...wish, id: "t-1" });

  const grant = await verifyToken(token, [verifying], NOW);

  expect(grant).toEqual({ ...wish, expiresAt: Math.floor(wish.expiresAt / 1000) * 1000 });
});

test("[J2] of several keys any one may have signed", async () => {
  const [old, strange] = [parseKey(createSecret()), parseKey(createSecret())];
  const keys = [old, publicKey, secret];

  expect(await reasonOf(await createToken(secret, wish), keys)).toBe("granted");
  expect(await reasonOf(await createToken(privateKey, wish), keys)).toBe("granted");
  expect(await reasonOf(await createToken(strange, wish), keys)).toBe("bad-signature");
  const expired = await sign({ ...claims, exp: claims.exp - 7200 });
  expect(await reasonOf(expired, keys)).toBe("expired");
});

test("[J3] the key decides the algorithm, whatever the token's header says", async () => {
  const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
  const head = (alg: string): string =>
    Buffer.from(JSON.stringify({ alg, typ: "JWT" })).toString("base64url");
  const hmac = (alg: string, key: string, hash: string): string => {
    const input = `${head(alg)}.${body}`;
    return `${input}.${createHmac(hash, key).update(input).digest("base64url")}`;
  };
  const secretKeyText = secretText;

  for (const none of ["none", "None", "NONE", ""]) {
    expect(await reasonOf(`${head(none)}.${body}.`)).not.toBe("granted");
    expect(await reasonOf(`${head(none)}.${body}.`, [publicKey])).not.toBe("granted");
  }
  for (const known of [
    publicPem,
    publicPem.trim(),
    publicJwk,
    pair.publicKey.export({ format: "jwk" }).x,
  ])
    expect(await reasonOf(hmac("HS256", known ?? "", "sha256"), [publicKey])).toBe("bad-signature");
  expect(await reasonOf(hmac("HS256", secretKeyText, "sha256"))).toBe("granted"); // the forger's tools work
  expect(await reasonOf(hmac("HS512", secretKeyText, "sha512"))).toBe("bad-signature");
  expect(await reasonOf(hmac("EdDSA", secretKeyText, "sha256"))).toBe("bad-signature");
  expect(await reasonOf(hmac("EdDSA", publicPem, "sha256"), [publicKey])).toBe("bad-signature");
  expect(await reasonOf(await sign(claims, "EdDSA", pair.privateKey))).toBe("bad-signature");
  expect(await reasonOf(await sign(claims, "EdDSA", pair.privateKey), [publicKey])).toBe("granted");
});

test("[J3] a key that the token brings along is not used", async () => {
  const own = generateKeyPairSync("ed25519");
  const jwk = own.publicKey.export({ format: "jwk" });
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: "EdDSA", jwk, kid: "any", jku: "http://127.0.0.1:1/keys" } as never)
    .sign(own.privateKey);

  expect(await reasonOf(token, [publicKey])).toBe("bad-signature");
});

test("[J3] any change of any character is refused", async () => {
  const tokens = [
    [await createToken(secret, wish), secret],
    [await createToken(privateKey, wish), publicKey],
  ] as const;

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...tokens),
      fc.nat(1000),
      fc.constantFrom(..."Aa0_-.=é "),
      async ([token, key], place, char) => {
        const at = place % token.length;
        const changed = token.slice(0, at) + char + token.slice(at + 1);
        fc.pre(!isSameToken(changed, token));
        expect(await reasonOf(changed, [key])).not.toBe("granted");
      },
    ),
    { seed: 5, numRuns: 400 },
  );
});

test.each([
  ["expired", { exp: seconds(-3600) }],
  ["expired", { exp: seconds(-6) }],
  ["granted", { exp: seconds(-3) }],
  ["not-yet", { nbf: seconds(60) }],
  ["granted", { nbf: seconds(3) }],
  ["granted", { nbf: seconds(-60), extra: { any: true }, jti: "7" }],
  ["malformed", { exp: undefined }],
  ["malformed", { exp: String(claims.exp) }],
  ["malformed", { exp: 1e300 }],
  ["malformed", { nbf: "soon" }],
  ["malformed", { aud: "another-relay" }],
  ["malformed", { aud: undefined }],
  ["granted", { aud: ["other", "stigmergy-relay"] }],
  ["malformed", { iss: "somebody" }],
  ["malformed", { iss: undefined }],
  ["malformed", { sub: undefined }],
  ["malformed", { sub: "" }],
  ["malformed", { sub: "ada-1" }],
  ["malformed", { sub: "ada~0a1b2c3d" }],
  ["malformed", { sub: "a b" }],
  ["malformed", { sub: "x".repeat(33) }],
  ["malformed", { sub: ["ada"] }],
  ["malformed", { sub: "a\u0000b" }],
  ["granted", { sub: "日本語-👩‍🚀" }],
  ["malformed", { board: "docs#1" }],
  ["malformed", { board: "" }],
  ["malformed", { board: ["docs"] }],
  ["malformed", { board: undefined }],
  ["malformed", { role: "owner" }],
  ["malformed", { role: "toString" }],
  ["malformed", { role: undefined }],
  ["granted", { quotas: undefined }],
  ["malformed", { quotas: null }],
  ["malformed", { quotas: [] }],
  ["malformed", { quotas: 5 }],
  ["malformed", { quotas: { recordsPerSecond: 0 } }],
  ["malformed", { quotas: { recordsPerSecond: 1.5 } }],
  ["malformed", { quotas: { recordsPerSecond: "9" } }],
  ["malformed", { quotas: { recordsPerMinute: 5 } }],
])("[J5] a signed token is %s with %j", async (reason, change) => {
  const token = await sign({ ...claims, ...change });

  expect(await reasonOf(token)).toBe(reason);
});

test("[J7] a giant token is refused unread, and one of the greatest length is read", async () => {
  const base = await sign({ ...claims, pad: "" });
  const fill = Math.floor(((MAX_TOKEN_BYTES - base.length) * 3) / 4) - 4;
  const longest = await sign({ ...claims, pad: "x".repeat(fill) });
  const tooLong = await sign({ ...claims, pad: "x".repeat(fill + 16) });
  const huge = `${"A".repeat(50_000_000)}.e30.e30`;
  expect([longest.length <= MAX_TOKEN_BYTES, tooLong.length > MAX_TOKEN_BYTES]).toEqual([
    true,
    true,
  ]);

  expect(await reasonOf(longest)).toBe("granted");
  expect(await reasonOf(tooLong)).toBe("malformed");
  const before = process.cpuUsage();
  expect(await reasonOf(huge)).toBe("malformed");
  expect(process.cpuUsage(before).user).toBeLessThan(20_000); // microseconds; to decode it takes 100,000
});

test("[J7] whatever text comes, it is refused and not echoed", async () => {
  const encrypted = await new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
    .encrypt(Buffer.alloc(32, 7));
  const odd = [
    "",
    ".",
    "..",
    "a.b.c",
    "e30.e30.e30",
    encrypted,
    '{"alg":"HS256"}',
    "\u0000.\ud800.x",
  ];
  for (const token of odd) expect([token, await reasonOf(token)]).not.toEqual([token, "granted"]);

  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", minLength: 9 }), async (token) => {
      const judgement = await verifyToken(token, [secret, publicKey], NOW);
      expect(isDenial(judgement) && !judgement.message.includes(token)).toBe(true);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test("[J5] a token that would be refused is not made", async () => {
  for (const wrong of [
    { subject: "ada-1" },
    { subject: "a b" },
    { board: "docs#1" },
    { role: "owner" as "admin" },
    { quotas: { agents: 0 } },
    { quotas: { wishes: 3 } as object },
    { expiresAt: Number.NaN },
    { id: "x".repeat(MAX_TOKEN_BYTES) },
  ])
    await expect(createToken(secret, { ...wish, ...wrong })).rejects.toThrow(TypeError);
  await expect(createToken(publicKey, wish)).rejects.toThrow("A public key cannot sign");
});

function seconds(fromNow: number): number {
  return Math.floor(NOW / 1000) + fromNow;
}

function bytesOf(key: Key): Uint8Array {
  if (key.kind !== "secret") throw new Error("no secret");
  return key.bytes;
}

function jwkOf(key: KeyObject): string {
  return JSON.stringify(key.export({ format: "jwk" }));
}

function oct(text: string): string {
  return JSON.stringify({ kty: "oct", k: Buffer.from(text).toString("base64url") });
}

/** The last character of a part of base64url may have bits that mean nothing. */
function isSameToken(a: string, b: string): boolean {
  const [left, right] = [a, b].map((token) =>
    token.split(".").map((part) => Buffer.from(part, "base64url").toString("hex")),
  );
  return String(left) === String(right);
}
