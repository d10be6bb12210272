import { expect, test } from "@jest/globals";
import { CoordinationError } from "./error.ts";

test("a fault carries its code, the ids involved, and the error behind it", () => {
  const cause = new Error("disk full");
  const bare = new CoordinationError("BOARD_CLOSED", "The board is closed; open it again.");
  const full = new CoordinationError("STORAGE_FAILED", "The file a is not written; free space.", {
    details: { file: "a" },
    cause,
  });

  expect(bare).toMatchObject({ name: "CoordinationError", code: "BOARD_CLOSED", details: {} });
  expect("cause" in bare).toBe(false);
  expect(full).toMatchObject({ code: "STORAGE_FAILED", details: { file: "a" }, cause });
});
