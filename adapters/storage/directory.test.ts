import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { boardToFileName, hasCode, makeDirectory, syncDirectory } from "./directory.ts";

test("[S6] a board's file has a name that any file system can tell apart", () => {
  expect(boardToFileName("docs-1_a")).toBe("docs-1_a");
  expect(boardToFileName("Docs#1 ü\n")).toBe("%44ocs%231%20%C3%BC%0A");
  expect(boardToFileName("a.b/c")).toBe("a%2Eb%2Fc");
});

test("[S6] a name of up to 120 characters stands whole, a longer one is cut before its SHA-256", () => {
  expect(boardToFileName("a".repeat(120))).toBe("a".repeat(120));
  expect(boardToFileName("a".repeat(121))).toBe(
    `${"a".repeat(40)}.e9615320128cc7a3d6078e9af05603188e5ccbf0d07d8b735d3df5e8e0c1281f`,
  );
  expect(boardToFileName(`${"a".repeat(121)}ü`)).not.toBe(boardToFileName(`${"a".repeat(121)}u`));
});

test("[S15] a board without a name, or with half a character in it, is a RangeError", () => {
  for (const name of ["", "docs\ud800"]) expect(() => boardToFileName(name)).toThrow(RangeError);
});

test("[S15] directories are made with all above them, and may be there already", async () => {
  const directory = await mkdtemp(join(tmpdir(), "stigmergy-directory-"));
  try {
    const path = join(directory, "a", "b", "c");
    await makeDirectory(path);
    await makeDirectory(path);

    expect((await stat(path)).isDirectory()).toBe(true);
    await expect(syncDirectory(path)).resolves.toBeUndefined();
    await expect(syncDirectory(join(path, "nowhere"))).rejects.toMatchObject({ code: "ENOENT" });
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("an error of the file system has one code, and what is no such error has none", () => {
  expect(hasCode({ code: "ENOENT" }, "ENOENT")).toBe(true);
  for (const other of [{ code: "EEXIST" }, {}, null, undefined, "ENOENT"])
    expect(hasCode(other, "ENOENT")).toBe(false);
});
