import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { createSecret, parseKey } from "../access/key.ts";
import { createToken } from "../access/token.ts";
import { createRelayLog, type LogFields, type LogLevel } from "./log.ts";

const logTo = (level: LogLevel = "debug") => {
  const lines: string[] = [];
  const log = createRelayLog({ level, stream: { write: (line: string) => void lines.push(line) } });
  return { log, lines, text: () => lines.join("") };
};

test("[J14] an event is one line of JSON with exactly the listed fields", () => {
  const { log, lines } = logTo();

  log.info("connection-opened", { board: "docs#1", subject: "ada", connection: 7 });
  log.warn("update-refused", { board: "a\nb", reason: "foreign-log", bytes: 120, code: 4409 });
  log.error("store-failed", { code: "ENOSPC", subject: null });

  expect(lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    {
      level: "info",
      time: expect.any(Number),
      event: "connection-opened",
      board: "docs#1",
      subject: "ada",
      connection: 7,
    },
    {
      level: "warn",
      time: expect.any(Number),
      event: "update-refused",
      board: "a\nb",
      reason: "foreign-log",
      bytes: 120,
      code: 4409,
    },
    {
      level: "error",
      time: expect.any(Number),
      event: "store-failed",
      code: "ENOSPC",
      subject: null,
    },
  ]);
});

test("[J14] payloads, tokens and queries do not get into the log, whatever a caller hands over", async () => {
  const { log, text } = logTo();
  const secret = createSecret();
  const token = await createToken(parseKey(secret), {
    subject: "ada",
    board: "docs",
    role: "admin",
    expiresAt: Date.now() + 60_000,
  });
  const [head = "", body = "", signature = ""] = token.split(".");
  const payload = "the plans of the heist";
  const error = Object.assign(new Error(payload), { secret, token });
  for (const carrier of [
    `/docs?token=${token}`,
    `ws://h/docs%231?token=${encodeURIComponent(token)}&x=${secret}`,
    `Bearer ${token}`,
    `authorization: bearer ${secret}`,
    `stigmergy, bearer.${token}`,
    token,
    `${head}.${body}`,
    `unexpected "${token}" (${token})`,
    "x".repeat(200) + token,
    "x".repeat(1020) + token,
  ])
    for (const at of ["error", "warn", "info", "debug"] as const) {
      log[at](carrier, { board: carrier, subject: carrier, reason: carrier, code: carrier });
      const more = { url: carrier, token, headers: { authorization: token }, payload, err: error };
      log[at]("denied", {
        ...more,
        reason: error,
        board: { payload },
        bytes: [payload],
      } as unknown as LogFields);
    }

  expect(text().length).toBeGreaterThan(10_000);
  for (const part of [token, head, body, signature, secret, payload, "url", "headers", '"err"'])
    expect([part, text().includes(part)]).toEqual([part, false]);
});

test("[J14] whatever the text around it, a token in a query or a header is not logged", async () => {
  const token = await createToken(parseKey(createSecret()), {
    subject: "ada",
    board: "docs",
    role: "read",
    expiresAt: Date.now() + 60_000,
  });
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, behind) => {
      const { log, text } = logTo();
      log.warn("denied", {
        reason: `${before} ${token}${behind}`,
        board: `${before}?token=${token}`,
      });
      expect(text()).not.toContain(token.slice(0, 20));
      expect(text()).not.toContain(token.split(".")[2]);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test("[J14] long names are cut, and quiet levels say nothing", () => {
  const loud = logTo();
  loud.log.info("connection-opened", { board: "x".repeat(5_000_000) });
  const quiet = logTo("warn");
  quiet.log.info("connection-opened");
  const silent = logTo("silent");
  silent.log.error("store-failed");

  expect(loud.text().length).toBeLessThan(400);
  expect([quiet.lines, silent.lines]).toEqual([[], []]);
});
