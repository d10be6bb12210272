import { expect, test } from "@jest/globals";
import { agentLeft, boardClosed, CoordinationError, taskUnknown } from "./error.ts";

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

test("the faults of an unknown task, of a closed board and of an agent that left name what they are about", () => {
  expect(taskUnknown("t1")).toMatchObject({
    code: "TASK_UNKNOWN",
    message: expect.stringContaining("t1"),
    details: { task: "t1" },
  });
  expect(boardClosed("docs")).toMatchObject({
    code: "BOARD_CLOSED",
    message: expect.stringContaining("docs"),
    details: { board: "docs" },
  });
  expect(agentLeft("ann-1")).toMatchObject({
    code: "AGENT_LEFT",
    message: expect.stringContaining("ann-1"),
    details: { agent: "ann-1" },
  });
});
