import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Fact, followHistories, openHistory } from "./history.ts";

const FACTS: readonly Fact[] = [
  { kind: "synced", item: "w1.1/0" },
  { kind: "fault", message: "ein Müßiggänger\nschläft" },
  { kind: "stopped" },
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmergy-history-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("[Z35] each line is there as soon as it is written, with its run and a time that does not fall", () => {
  const read = followHistories(folder);
  const note = openHistory(folder, "w1.1");
  for (const [i, fact] of FACTS.entries()) {
    note(fact);

    expect(read()).toHaveLength(i + 1);
  }

  expect(read()).toEqual(FACTS.map((fact) => ({ run: "w1.1", at: expect.any(Number), ...fact })));
  const times = read().map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("[Z35] a last line that is torn at any byte is left out, and read once it is whole", () => {
  const lines = FACTS.map((fact) => ({ run: "w1.1", at: 1, ...fact }));
  const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const ends = [...bytes.keys()].filter((i) => bytes[i] === 10);
  const read = followHistories(folder);
  for (let i = 0; i < bytes.length; i++) {
    appendFileSync(join(folder, "w1.1.jsonl"), bytes.subarray(i, i + 1));

    expect(read()).toEqual(lines.slice(0, ends.filter((end) => end <= i).length));
  }
});

test("[Z35] the runs of all processes are read, each in its order", () => {
  const notes = ["w2.1", "w1.1", "w1.2"].map((run) => openHistory(folder, run));
  for (const fact of FACTS) for (const note of notes) note(fact);

  const history = followHistories(folder)();

  for (const run of ["w1.1", "w1.2", "w2.1"])
    expect(history.filter((line) => line.run === run)).toMatchObject(FACTS);
});
