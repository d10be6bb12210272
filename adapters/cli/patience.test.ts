// A wait that ends after a time, whatever else the process does meanwhile.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { patienceSignal } from "./patience.ts";

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));

test("[C36] a wait ends after its time, though rubbish is collected meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const end = aborted(patienceSignal(new AbortController().signal, 50));
  await new Promise((resolve) => setTimeout(resolve, 1));
  collect();

  expect(await end).toBe("timeout");
});

test("[C36] a wait ends with what interrupts it, before its time and without one", async () => {
  const controller = new AbortController();
  const ends = [
    patienceSignal(controller.signal, 60_000),
    patienceSignal(controller.signal, undefined),
  ].map(aborted);

  controller.abort("interrupted");

  expect(await Promise.all(ends)).toEqual(["interrupted", "interrupted"]);
  expect(patienceSignal(controller.signal, 60_000).reason).toBe("interrupted");
});
