/** Whatever JSON others wrote, our entry gets into it and all else stays as it is. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { editJson } from "./json-entry.ts";

const entry = { command: "npx", args: ["a", "b"] };
const what = { section: "servers", entry, isForced: false };
const SEED = 20_261_123;

const names = fc.oneof(
  fc.constantFrom("servers", "stigmergy", 'a"b', "{", "]", "\\"),
  fc.string({ maxLength: 5 }),
);
const objects = fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
const files = fc.record({
  rest: objects,
  servers: fc.option(objects, { nil: undefined }),
  indent: fc.constantFrom(0, 2, 4, "\t"),
  eol: fc.constantFrom("\n", "\r\n"),
  mark: fc.constantFrom("", "\uFEFF"),
});

test("[C53] an entry gets into any JSON object, once, and nothing else changes", () => {
  fc.assert(
    fc.property(files, ({ rest, servers, indent, eol, mark }) => {
      const { servers: _, ...others } = rest;
      const value = servers === undefined ? others : { ...others, servers };
      const text = mark + JSON.stringify(value, null, indent).replaceAll("\n", eol);

      const edit = editJson(text, what);

      if (edit.outcome !== "written") {
        expect(servers).toHaveProperty("stigmergy");
        return;
      }
      const parsed: unknown = JSON.parse(edit.text.replace(mark, ""));
      expect(parsed).toEqual({ ...value, servers: { ...servers, stigmergy: entry } });
      expect(editJson(edit.text, what)).toEqual({ outcome: "unchanged" });
      if (text.includes("\r\n")) expect(edit.text).not.toMatch(/[^\r]\n/u);
      expect(isInOrderIn(text.replaceAll(/\s/gu, ""), edit.text)).toBe(true);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

/** Whether a text can be had from another by leaving characters out. */
function isInOrderIn(part: string, whole: string): boolean {
  let at = 0;
  for (const mark of whole) if (part.startsWith(mark, at)) at += mark.length;
  return at === part.length;
}
