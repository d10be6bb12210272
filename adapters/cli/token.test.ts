// Tokens on the command line, and what a relay that asks for them makes of commands.

import { generateKeyPairSync } from "node:crypto";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { chooseMedium, mediumArgs } from "./board/medium.ts";
import { CliBench, type CliEnd, dataOf, errorOf } from "./workbench/cli.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

const secretFile = async (name = "secret"): Promise<string> => {
  const end = await bench.run(["token", "secret", bench.path(name)]);
  expect(end).toEqual({ code: 0, stdout: `${bench.path(name)}\n`, stderr: "" });
  return bench.path(name);
};

const create = async (key: string, ...more: readonly string[]): Promise<string> => {
  const wish = ["--agent", "ada", "--board", "docs", ...more];
  const { code, stdout, stderr } = await bench.run(["token", "create", "--key", key, ...wish]);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout.trim();
};

const faultOf = (end: CliEnd): readonly unknown[] => {
  const { code, message } = errorOf(end);
  return [end.code, end.stdout, code, message];
};

test(
  "[J15] a token is made with a key of a file, and printed alone",
  async () => {
    const key = await secretFile();

    const token = await create(
      key,
      "--role",
      "read",
      "--expires",
      "12h",
      "--records-per-second",
      "9",
    );
    const shown = await bench.run(["token", "show", "--key", key, "--json"], {
      stdin: `${token}\n`,
    });

    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/u);
    expect(dataOf(shown)).toEqual({
      verified: true,
      agent: "ada",
      board: "docs",
      role: "read",
      expires_at: expect.any(String),
      quotas: { recordsPerSecond: 9 },
    });
    const left = Date.parse(String(dataOf(shown)["expires_at"])) - Date.now();
    expect(Math.abs(left - 12 * 3_600_000)).toBeLessThan(60_000);
    expect(statSync(key).mode & 0o777).toBe(0o600);
    const again = await bench.run(["token", "secret", key, "--json"]);
    expect(faultOf(again)).toEqual([2, "", "USAGE", expect.stringContaining("is there already")]);
  },
  TEST_MS,
);

test(
  "[J15] the key comes from a file or the environment, and one that others may read is warned of",
  async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    const wish = ["token", "create", "--agent", "ada", "--board", "docs", "--json"];
    const file = bench.write("private.pem", pem);
    chmodSync(file, 0o644);
    const publicFile = bench.write(
      "public.pem",
      publicKey.export({ type: "spki", format: "pem" }) as string,
    );
    const env = { STIGMERGY_SECRET: "0123456789abcdef0123456789abcdef" };

    const [none, weak, given, warned, halved] = await Promise.all([
      bench.run(wish),
      bench.run(wish, { env: { STIGMERGY_SECRET: "hunter2" } }),
      bench.run(wish, { env }),
      bench.run(["token", "create", "--agent", "ada", "--board", "docs", "--key", file]),
      bench.run([...wish, "--key", publicFile]),
    ]);

    expect(faultOf(none)).toEqual([2, "", "USAGE", expect.stringContaining("no key: give --key")]);
    expect(faultOf(weak)).toEqual([2, "", "USAGE", expect.stringContaining("it needs 32")]);
    expect(weak.stderr).not.toContain("hunter2");
    expect(faultOf(halved)).toEqual([2, "", "USAGE", expect.stringContaining("cannot sign")]);
    expect(warned.stderr).toContain("warning: others on this machine may read the key file");
    const stdin = String(dataOf(given)["token"]);
    const [right, wrong] = await Promise.all([
      bench.run(["token", "show"], { stdin, env }),
      bench.run(["token", "show", "--json", "--key", publicFile], { stdin }),
    ]);
    expect([right.code, right.stdout]).toEqual([
      0,
      expect.stringContaining("ada may write on docs"),
    ]);
    expect(faultOf(wrong)).toEqual([3, "", "BAD_SIGNATURE", expect.stringContaining("no key")]);
    const signed = await bench.run(["token", "show", "--key", publicFile], {
      stdin: warned.stdout,
    });
    expect(signed.stdout).toContain("ada may write on docs");
  },
  TEST_MS,
);

test(
  "[J15] show tells an unverified token without its signature, and nothing of what is none",
  async () => {
    const token = await create(await secretFile());
    const signature = token.split(".")[2] ?? "";

    const [text, json, junk, giant] = await Promise.all([
      bench.run(["token", "show"], { stdin: token }),
      bench.run(["token", "show", "--json"], { stdin: token }),
      bench.run(["token", "show", "--json"], { stdin: "hunter2" }),
      bench.run(["token", "show", "--json"], { stdin: "x".repeat(100_000) }),
    ]);

    expect(text.stdout).toContain('"sub":"ada"');
    expect(text.stderr).toContain("not verified");
    expect(dataOf(json)).toMatchObject({ verified: false, header: { alg: "HS256" } });
    expect(text.stdout + text.stderr + json.stdout).not.toContain(signature);
    expect(faultOf(junk)).toEqual([
      2,
      "",
      "USAGE",
      expect.stringContaining("stdin holds no token"),
    ]);
    expect(junk.stderr).not.toContain("hunter2");
    expect(faultOf(giant)).toEqual([2, "", "USAGE", "stdin holds more than a token"]);
  },
  TEST_MS,
);

test.each([
  [["--agent", "ada-1"], "no number behind a dash"],
  [["--agent", "a/b"], "1 to 32 characters"],
  [["--board", "docs#1"], "without # /"],
  [["--role", "owner"], "Allowed choices are read, write, admin"],
  [["--expires", "0d"], "such as 30d"],
  [["--expires", "4000d"], "at most 3650d"],
  [["--expires", "soon"], "such as 30d"],
  [["--max-agents", "0"], "whole number"],
])("[J15] %j is refused", async (flags, message) => {
  const usual = ["--agent", "ada", "--board", "docs"].filter(
    (_, i, all) => all[i - (i % 2)] !== flags[0],
  );

  const end = await bench.run(["token", "create", "--json", ...usual, ...flags]);

  expect(faultOf(end)).toEqual([2, "", "USAGE", expect.stringContaining(message)]);
});

test(
  "[J10] a relay that was not told whom to let in does not start",
  async () => {
    const key = await secretFile();
    const ends = await Promise.all(
      [
        [],
        ["--open", "--host", "0.0.0.0"],
        ["--open", "--secret-file", key],
        ["--secret-file", bench.write("weak", "hunter2")],
        ["--public-key", key],
        ["--secret-file", key, "--allow-origin", "board.example"],
      ].map((flags) => bench.run(["relay", "--json", ...flags])),
    );

    expect(ends.map((end) => faultOf(end).slice(0, 3))).toEqual(ends.map(() => [2, "", "USAGE"]));
    expect(ends.map((end) => errorOf(end).message)).toEqual([
      expect.stringContaining("whom to let in"),
      expect.stringContaining("will not be open at 0.0.0.0"),
      expect.stringContaining("leave out one"),
      expect.stringContaining("it needs 32"),
      expect.stringContaining("where a public key belongs"),
      expect.stringContaining("is no origin"),
    ]);
  },
  TEST_MS,
);

test(
  "[J16] commands show the token of a file or of the environment, and a relay lets in no other",
  async () => {
    const key = await secretFile();
    const relay = await bench.startRelay(["--secret-file", key]);
    const list = ["list", "--json", "--relay", `${relay.address}/docs`];
    const file = bench.write("token", `${await create(key)}\n`);
    const forged = bench.write("forged", await create(await secretFile("other")));
    const elsewhere = bench.write("elsewhere", await create(key, "--board", "plans"));
    const env = { STIGMERGY_TOKEN: readFileSync(file, "utf8") };

    const [given, inherited, none, bad, wrong, broken, missing] = await Promise.all([
      bench.run([...list, "--token-file", file]),
      bench.run(list, { env }),
      bench.run(list),
      bench.run([...list, "--token-file", forged], { env }),
      bench.run([...list, "--token-file", elsewhere], { env }),
      bench.run(list, { env: { STIGMERGY_TOKEN: "hunter2" } }),
      bench.run([...list, "--token-file", bench.path("none")]),
    ]);

    expect([given.stderr, given.code, inherited.stderr, inherited.code]).toEqual(["", 0, "", 0]);
    expect([none.code, bad.code, wrong.code]).toEqual([5, 5, 5]);
    expect(errorOf(none).message).toContain("asks for a token");
    expect(errorOf(bad).message).toContain("signed");
    expect(errorOf(wrong).message).toContain("another board");
    expect(faultOf(broken)).toEqual([
      2,
      "",
      "USAGE",
      expect.stringContaining("$STIGMERGY_TOKEN holds no"),
    ]);
    expect(broken.stderr).not.toContain("hunter2");
    expect(faultOf(missing)).toEqual([2, "", "USAGE", expect.stringContaining("cannot be read")]);
  },
  TEST_MS,
);

test("[J16] what is passed on names the token's file, never the token", async () => {
  const token = await create(await secretFile());
  const tokenFile = bench.write("token", token);

  const medium = chooseMedium({ relay: "ws://127.0.0.1:1/docs", tokenFile });

  expect(medium.subject).toBe("ada");
  expect(mediumArgs(medium.named)).toEqual([
    "--relay",
    "ws://127.0.0.1:1/docs",
    "--token-file",
    tokenFile,
  ]);
  expect(JSON.stringify(medium)).not.toContain(token);
  expect(() => chooseMedium({ folder: bench.folder, tokenFile })).toThrow("asks for no token");
});

test(
  "[J16] a session remembers the token's file, and the option overrules it",
  async () => {
    const key = await secretFile();
    const relay = await bench.startRelay(["--secret-file", key]);
    const place = ["--relay", `${relay.address}/docs`];
    const token = await create(key);
    const tokenFile = bench.write("token", token);
    const adder = bench.write("adder", await create(key, "--agent", "ben"));
    const added = await bench.run(["add", "roof", "--json", ...place, "--token-file", adder]);
    const [{ id = "" } = {}] = dataOf(added)["tasks"] as { id: string }[];

    const claimed = await bench.run([
      "claim",
      id,
      ...place,
      "--name",
      "ada",
      "--token-file",
      tokenFile,
    ]);
    const noted = await bench.run(["note", id, "half done"]);
    const forged = bench.write("forged", await create(await secretFile("other")));
    const refused = await bench.run(["note", id, "more", "--json", "--token-file", forged]);

    expect([claimed.code, noted.code, refused.code]).toEqual([0, 0, 5]);
    const session = readFileSync(bench.path(".stigmergy/session.json"), "utf8");
    expect(JSON.parse(session)).toMatchObject({ tokenFile });
    expect(session).not.toContain(token);
    expect(statSync(bench.path(".stigmergy/session.json")).mode & 0o777).toBe(0o600);
  },
  TEST_MS,
);
