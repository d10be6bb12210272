import { expect, test } from "@jest/globals";
import { systemRandom } from "../../../lib/index.ts";
import { createMedium } from "./medium.ts";
import type { Message } from "./message.ts";
import { createVirtualClock } from "./virtual-clock.ts";

test("[N9] a stream keeps its order on a clock that cuts delays to whole milliseconds, as Node's does", async () => {
  const virtual = createVirtualClock();
  const clock = {
    now: virtual.now,
    schedule: (delayMs: number, callback: () => void) =>
      virtual.schedule(Math.trunc(delayMs), callback),
  };
  const medium = createMedium({
    clock,
    random: systemRandom,
    latencyMs: { min: 1, max: 4 },
    canReach: () => true,
    trace: () => {},
  });
  const arrived: Message[] = [];
  const channel = medium.openChannel<Message>({
    from: "a",
    to: "relay",
    board: "docs#1",
    deliver: (message) => arrived.push(message),
    onBroken: () => {},
  });
  const sent: Message[] = [];

  for (let number = 0; number < 200; number++) {
    const message: Message = { kind: "marker", marker: number };
    sent.push(message);
    channel.send(message);
    virtual.advance(0.3);
  }
  virtual.advance(10);

  expect(arrived).toEqual(sent);
});
