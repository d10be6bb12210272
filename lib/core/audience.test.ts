import { expect, test } from "@jest/globals";
import { formatAudience, isAddressed } from "./audience.ts";
import type { AgentId } from "./record.ts";

const run = "ana~0a1b2c3d" as AgentId;

test("[H3] an agent is addressed by its id, or by the name of which it is a run", () => {
  const names = ["ana~0a1b2c3d", "ana", "an", "anaa", "ana~", "ANA", ""];

  const addressed = names.filter((agent) => isAddressed({ agent }, run, []));

  expect(addressed).toEqual(["ana~0a1b2c3d", "ana"]);
});

test("[V1] whoever joined with a capability is addressed by it, and nobody of whom that is not known", () => {
  const audience = { capability: "review" };

  expect(isAddressed(audience, run, ["ts", "review"])).toBe(true);
  expect(isAddressed(audience, run, ["reviews"])).toBe(false);
  expect(isAddressed(audience, run, undefined)).toBe(false);
});

test("[W6] an audience reads as a name, or as anyone with a capability", () => {
  expect(formatAudience({ agent: "ana" })).toBe("ana");
  expect(formatAudience({ capability: "review" })).toBe("anyone with #review");
});
