import { expect, test } from "@jest/globals";
import type { AgentId } from "../../../lib/index.ts";
import type { Fact, Line } from "../history.ts";
import { findBroadcastBreaks } from "./broadcast.ts";

const ANN = "ann~1" as AgentId;
const BOB = "bob~1" as AgentId;

/** Ann wrote three notes, of which the last was not acknowledged; Bob wrote one. */
const WRITTEN: readonly Line[] = [
  ...["a0", "a1"].flatMap((item) => written("w1.1", ANN, item, true)),
  ...written("w1.1", ANN, "a2", false),
  ...written("w2.1", BOB, "b0", true),
];

test("[Z32] whoever finished and saw every note once, each author's in order, is let through", () => {
  const history = [
    ...WRITTEN,
    ...told("w2.1", { saw: ["a0", "b0", "a1"] }),
    ...told("w3.1", { saw: ["b0", "a0", "a1", "a2"] }),
  ];

  expect(findBroadcastBreaks(history)).toEqual([]);
});

test("[Z32] a killed run that saw a first part, and one that found notes in its store, are let through", () => {
  const history = [
    ...WRITTEN,
    ...told("w2.1", { saw: ["a0"], isFinished: false }),
    ...told("w2.2", { had: ["a0", "b0"], saw: ["a1", "a2"] }),
  ];

  expect(findBroadcastBreaks(history)).toEqual([]);
});

test("[Z32] a note that one who finished never saw is refused, unless it was not acknowledged", () => {
  const history = [...WRITTEN, ...told("w2.1", { saw: ["a0", "a1"] })];

  expect(findBroadcastBreaks(history)).toEqual([
    "w2.1 was never told of b0, which was acknowledged",
  ]);
});

test("[Z32] a note that is told twice is refused, also one that was in the store", () => {
  const twice = [...WRITTEN, ...told("w2.1", { saw: ["a0", "a0", "a1", "b0"] })];
  const stored = [...WRITTEN, ...told("w2.1", { had: ["a0", "b0"], saw: ["a0", "a1"] })];

  expect(findBroadcastBreaks(twice)).toEqual(["w2.1 was told of a0 where ann~1 had written a1"]);
  expect(findBroadcastBreaks(stored)).toEqual(["w2.1 was told of a0 where ann~1 had written a1"]);
});

test("[Z32] an author's notes out of order, or with one left out, are refused, also of a killed run", () => {
  const swapped = [...WRITTEN, ...told("w2.1", { saw: ["b0", "a1", "a0"] })];
  const gap = [...WRITTEN, ...told("w2.1", { saw: ["a0", "a2"], isFinished: false })];

  expect(findBroadcastBreaks(swapped)).toEqual(["w2.1 was told of a1 where ann~1 had written a0"]);
  expect(findBroadcastBreaks(gap)).toEqual(["w2.1 was told of a2 where ann~1 had written a1"]);
});

test("[Z32] an event without a new note, one under another author, and a stored note of nobody are refused", () => {
  const history = [
    ...WRITTEN,
    ...told("w2.1", { saw: ["a0", "a1", "b0"] }),
    at("w2.1", { kind: "saw", item: "", author: ANN }),
    ...told("w3.1", { had: ["x0"], saw: ["a0", "a1"] }),
    at("w3.1", { kind: "saw", item: "b0", author: ANN }),
  ];

  expect(findBroadcastBreaks(history)).toEqual([
    'w2.1 was told of "" by ann~1, who wrote no such',
    'w3.1 found "x0" in its store, which nobody wrote',
    'w3.1 was told of "b0" by ann~1, who wrote no such',
  ]);
});

function at(run: string, fact: Fact): Line {
  return { run, at: 0, ...fact };
}

function written(run: string, agent: AgentId, item: string, isSynced: boolean): Line[] {
  const invoked = at(run, { kind: "invoked", item, agent });
  return isSynced ? [invoked, at(run, { kind: "synced", item })] : [invoked];
}

function told(
  run: string,
  {
    had = [],
    saw,
    isFinished = true,
  }: { readonly had?: readonly string[]; saw: readonly string[]; isFinished?: boolean },
): Line[] {
  const finished: Fact = { kind: "finished", clientIds: [], tasks: [], records: [] };
  return [
    at(run, { kind: "opened", clientId: 1, records: [], notes: had }),
    ...saw.map((item) => at(run, { kind: "saw", item, author: item.startsWith("a") ? ANN : BOB })),
    ...(isFinished ? [at(run, finished)] : []),
  ];
}
