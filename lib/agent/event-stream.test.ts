import { expect, test } from "@jest/globals";
import type { BoardEvent } from "../core/event.ts";
import type { TaskId } from "../core/record.ts";
import { createEventStream } from "./event-stream.ts";

const event = (task: string): BoardEvent => ({
  kind: "task-noted",
  task: task as TaskId,
  agent: null,
  attempt: 0,
});
const all = (): boolean => true;

test("[B5] a reader gets what came before it looked and what comes while it waits, in order", async () => {
  const stream = createEventStream(all, () => {});
  stream.push([event("1"), event("2")]);
  const seen: (string | null)[] = [];
  const reading = (async () => {
    for await (const { task } of stream) seen.push(task);
  })();
  await Promise.resolve();
  stream.push([event("3")]);
  stream.push([]);
  await Promise.resolve();
  stream.push([event("4")]);
  stream.end();
  await reading;

  expect(seen).toEqual(["1", "2", "3", "4"]);
});

test("[B5] several calls that wait at once are each answered", async () => {
  const stream = createEventStream(all, () => {});
  const waiting = [stream.next(), stream.next(), stream.next()];

  stream.push([event("1"), event("2")]);
  stream.end();

  expect(await Promise.all(waiting)).toEqual([
    { done: false, value: event("1") },
    { done: false, value: event("2") },
    { done: true, value: undefined },
  ]);
});

test("[B5] only events that pass the filter are kept", async () => {
  const stream = createEventStream(
    ({ task }) => task === "2",
    () => {},
  );

  stream.push([event("1"), event("2"), event("3")]);
  stream.end();

  expect(await stream.next()).toEqual({ done: false, value: event("2") });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test("[B5] leaving the loop ends the stream, once", async () => {
  let returns = 0;
  const stream = createEventStream(all, () => returns++);
  stream.push([event("1"), event("2")]);

  for await (const _ of stream) break;
  await stream.return?.();
  stream.end();

  expect(returns).toBe(1);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test("[B5] a reader too far behind is told so", async () => {
  let returns = 0;
  const stream = createEventStream(all, () => returns++);
  const many = Array.from({ length: 100_000 }, () => event("1"));
  stream.push(many);
  expect(await stream.next()).toEqual({ done: false, value: event("1") });
  stream.push([event("2"), event("3")]);

  for (let i = 0; i < 2; i++)
    await expect(stream.next()).rejects.toEqual(
      expect.objectContaining({ code: "EVENTS_OVERFLOW" }),
    );

  expect(returns).toBe(1);
});
