import { expect, test } from "@jest/globals";
import { hashText, mixHashes } from "./hash.ts";

test("[D5] [U2] texts have the same hashes on every machine and in every version", () => {
  expect(["", "a", "agent-0", "漢字"].map(hashText)).toEqual([
    2_872_998_923, 444_641_715, 3_641_960_893, 920_954_693,
  ]);
  expect(mixHashes(hashText("agent-0"), hashText("t1"))).toBe(1_659_513_246);
});
