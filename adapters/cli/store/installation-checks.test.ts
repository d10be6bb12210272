import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { checkClock, checkNode, checkYjs } from "./installation-checks.ts";

test("[S33] the doctor wants Node 20.19 or later, and says so", () => {
  const isOkByVersion = ["20.19.0", "22.0.0", "100.1.2", "20.18.3", "18.20.8"].map(
    (version) => checkNode(version).isOk,
  );

  expect(isOkByVersion).toEqual([true, true, true, false, false]);
  expect(checkNode("18.20.8").message).toBe("Node 18.20.8; install Node 20.19 or later");
});

test("[S33] the doctor names every copy of yjs where the program beside it finds another one", () => {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-doctor-"));
  try {
    const own = checkYjs(join(folder, "alone"));
    const program = join(folder, "program");
    const copy = join(program, "node_modules/yjs");
    mkdirSync(copy, { recursive: true });
    cpSync("node_modules/yjs/package.json", join(copy, "package.json"));
    writeFileSync(join(program, "package.json"), "{}");
    const both = checkYjs(program);

    expect([own.isOk, both.isOk]).toEqual([true, false]);
    expect(own.message).toContain("one copy of yjs, ");
    expect(both.message).toContain(`2 copies of yjs (${realpathSync("node_modules/yjs")}, `);
    expect(both.message).toContain(realpathSync(copy));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("[S33] the doctor finds a clock that is before the installation, or jumps while it looks", async () => {
  const monotonic = (): number => performance.now();
  let looks = 0;
  const jumping = (): number => Date.now() + (looks++ > 5 ? 3_600_000 : 0);

  const [right, early, jumped] = [
    await checkClock({ now: () => Date.now(), monotonic }),
    await checkClock({ now: () => 0, monotonic }),
    await checkClock({ now: jumping, monotonic }),
  ];

  expect([right.isOk, early.isOk, jumped.isOk]).toEqual([true, false, false]);
  expect(early.message).toContain("1970-01-01T00:00:00.000Z, before this program was installed");
  expect(jumped.message).toMatch(/jumped by 3[56]\d{5} ms/);
});
