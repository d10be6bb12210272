// What the index of logs costs its callers.

import { expect, test } from "@jest/globals";
import type { AgentId } from "../../../../lib/index.ts";
import { LogIndex } from "./log-index.ts";

test("[T82] however often it is asked how many logs somebody has, each log is looked at once", () => {
  const index = new LogIndex();
  let looks = 0;
  const owner = {
    owns(agent: AgentId) {
      looks++;
      return agent.startsWith("mal~");
    },
  };

  for (let i = 0; i < 1_000; i++) {
    const agent = `${i % 2 === 0 ? "mal" : "ada"}~${i}` as AgentId;
    index.advance({ agent, length: 1, lastAt: i, end: { client: i, clock: 0 } }, i);
    index.advance({ agent, length: 2, lastAt: i, end: { client: i, clock: 1 } }, i);
    expect(index.countOf(owner)).toBe(Math.ceil((i + 1) / 2));
  }

  expect(looks).toBe(1_000);
});
