import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createSecret, parseKey } from "./key.ts";
import { readKey, writeSecretFile } from "./key-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmergy-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string, mode = 0o600): string => {
  const path = join(folder, "key");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

const pair = generateKeyPairSync("ed25519");

test("[J12] keys are read from files as PEM, JWK or the text of a secret", async () => {
  const kinds = [];
  for (const text of [
    pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    pair.publicKey.export({ type: "spki", format: "pem" }) as string,
    JSON.stringify(pair.privateKey.export({ format: "jwk" })),
    JSON.stringify(pair.publicKey.export({ format: "jwk" })),
    `\n${createSecret()}\n`,
  ]) {
    const { key, warning } = await readKey(write(text));
    kinds.push([key.kind, warning]);
  }

  expect(kinds.map(([kind]) => kind)).toEqual(["private", "public", "private", "public", "secret"]);
  expect(kinds.filter(([, warning]) => warning !== null)).toEqual([]);
});

test("[J12] a key that others may read is a warning, but not where it is public", async () => {
  const publicPem = pair.publicKey.export({ type: "spki", format: "pem" }) as string;

  expect((await readKey(write(createSecret(), 0o640))).warning).toContain("chmod 600");
  expect((await readKey(write(createSecret(), 0o604))).warning).toContain("may read the key file");
  expect((await readKey(write(publicPem, 0o644))).warning).toBe(null);
});

test("[J12] what is no key is refused by the file's name, without its content", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsa = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const sealed = pair.privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "x",
  }) as string;
  for (const [text, cause] of [
    ["hunter2", "it needs 32"],
    ["", "it needs 32"],
    ['{"hunter2', "is no JSON"],
    ['{"kty":"OKP","crv":"Ed25519","x":"hunter2"}', "cannot be read"],
    ['{"kty":"oct","k":"aHVudGVyMg"}', "it needs 32"],
    ["-----BEGIN PUBLIC KEY-----\nhunter2\n-----END PUBLIC KEY-----", "cannot be read"],
    ["x".repeat(16_385), "longer than 16384"],
    [rsa, "type rsa"],
    [sealed, "unencrypted"],
  ] as const) {
    const path = write(text);
    const refusal = await readKey(path).catch((error: Error) => error);
    expect(refusal).toBeInstanceOf(TypeError);
    expect(String(refusal)).toContain(path);
    expect(String(refusal)).toContain(cause);
    expect(String(refusal)).not.toContain("hunter2");
  }
  await expect(readKey(join(folder, "none"))).rejects.toThrow("ENOENT");
});

test("[J12] a secret has 256 random bits, and its file is its owner's alone", async () => {
  const [one, two] = [createSecret(), createSecret()];
  const path = join(folder, "secret");
  await writeSecretFile(path, one);

  expect(one).not.toBe(two);
  expect(Buffer.from(one, "base64url")).toHaveLength(32);
  expect(parseKey(one).kind).toBe("secret");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).toBe(`${one}\n`);
  await expect(writeSecretFile(path, two)).rejects.toThrow("EEXIST");
});
