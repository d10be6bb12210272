import { expect, test } from "@jest/globals";
import { PACKET } from "../../property-tests/kit/log-book.ts";
import { checkPacket } from "./packet.ts";
import type { Packet } from "./record.ts";

const whole: Packet = {
  summary: "half done",
  decisions: ["no cache"],
  questions: ["which format?"],
  deadEnds: [{ tried: "a cache", why: "too slow" }],
  artifacts: [
    { name: "draft", mediaType: "text/markdown", content: "# Draft" },
    { name: "log", mediaType: "text/plain", uri: "file:///tmp/log" },
  ],
};

test("[H1] a packet that has every part passes, empty lists included", () => {
  expect(() => checkPacket(whole)).not.toThrow();
  expect(() => checkPacket(PACKET)).not.toThrow();
});

for (const part of ["summary", "decisions", "questions", "deadEnds", "artifacts"] as const) {
  test(`[H1] a packet that lacks its ${part} is refused, naming that`, () => {
    const { [part]: _, ...rest } = whole;

    expect(() => checkPacket(rest as unknown as Packet)).toThrow(TypeError);
    expect(() => checkPacket(rest as unknown as Packet)).toThrow(`lacks its ${part}`);
    expect(() => checkPacket({ ...whole, [part]: null } as unknown as Packet)).toThrow(part);
  });
}

const flawed: readonly (readonly [change: object, part: string])[] = [
  [{ summary: " \n" }, "lacks its summary"],
  [{ summary: 7 }, "lacks its summary"],
  [{ decisions: "none" }, "lacks its decisions"],
  [{ deadEnds: [{ tried: "a cache", why: "too slow" }, { tried: "b" }] }, "deadEnds[1].why"],
  [{ deadEnds: [{ why: "too slow" }] }, "deadEnds[0].tried"],
  [{ deadEnds: [null] }, "deadEnds[0]"],
  [{ artifacts: [{ mediaType: "text/plain", uri: "x:" }] }, "artifacts[0].name"],
  [{ artifacts: [undefined] }, "artifacts[0].name"],
  [{ artifacts: [{ name: "a", uri: "x:" }] }, "artifacts[0].mediaType"],
  [{ artifacts: [{ name: "a", mediaType: "b" }] }, "artifacts[0]"],
  [{ artifacts: [{ name: "a", mediaType: "b", uri: "x:", content: "" }] }, "either uri or content"],
];

for (const [change, part] of flawed) {
  test(`[H1] a packet with ${JSON.stringify(change)} is refused`, () => {
    const packet = { ...whole, ...change } as unknown as Packet;

    expect(() => checkPacket(packet)).toThrow(TypeError);
    expect(() => checkPacket(packet)).toThrow(part);
  });
}

for (const nothing of [null, undefined, "done", 7]) {
  test(`[H1] ${nothing} is no packet`, () => {
    expect(() => checkPacket(nothing as unknown as Packet)).toThrow("lacks its packet itself");
  });
}
