/** What `stigmergy prime` prints: ours alone, short, and naming only what exists. */
import { expect, test } from "@jest/globals";
import { primeText } from "../../tools/prime.ts";
import { CliBench, dataOf } from "../workbench/cli.ts";

test("[C55] it prints the text that MCP clients get too, at most 2,000 bytes, and nothing of a board", async () => {
  const bench = new CliBench();
  await bench.run(["init"]);
  await bench.run(["add", "canary-7f3a"]);

  const text = await bench.run(["prime"]);
  const data = await bench.run(["prime", "--json"]);

  expect(text).toEqual({ code: 0, stdout: primeText, stderr: "" });
  expect(Buffer.byteLength(text.stdout)).toBeLessThanOrEqual(2000);
  expect(dataOf(data)).toEqual({ text: primeText });
  await bench.close();
}, 20_000);
