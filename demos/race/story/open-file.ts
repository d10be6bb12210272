/** Files saved by `stigmergy verify`: read without any trust, and turned into a story, or into the reason why not. */
import { builtInRules, earliest, formatRule, type Rule } from "../../../lib/index.ts";
import {
  readSaved,
  type SavedFailure,
  type SavedSchedule,
} from "../../../property-tests/kit/index.ts";
import type { Story } from "./story.ts";

/** What became of a file. */
export type OpenedFile =
  | { readonly ok: true; readonly story: Story; readonly notes: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** Reads a file's text. */
export function openFile(text: string): OpenedFile {
  const saved = readTrusting(text);
  if (typeof saved === "string") return { ok: false, reason: `This is no saved story: ${saved}.` };
  if (!("steps" in saved))
    return {
      ok: false,
      reason:
        "This file holds broken laws of a rule, which are checked and not played: run `stigmergy replay` on it.",
    };
  if (saved.agent !== undefined)
    return {
      ok: false,
      reason: `It was played by the agent ${saved.agent} of a module of yours, which a page cannot load: run \`stigmergy replay\` on it.`,
    };
  const rule = saved.rule === undefined ? earliest : findRule(saved.rule);
  if (rule === undefined)
    return {
      ok: false,
      reason: `It was played by the rule ${saved.rule} of a module of yours, which a page cannot load, and the library has none of that name: run \`stigmergy replay\` on it.`,
    };
  return { ok: true, story: storyOfFile(saved, rule), notes: notesOn(saved, rule) };
}

function readTrusting(text: string): SavedFailure | string {
  try {
    return readSaved(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function findRule(name: string): Rule | undefined {
  return builtInRules.find((rule) => formatRule(rule) === name);
}

function storyOfFile({ setup, steps, violation, hash }: SavedSchedule, rule: Rule): Story {
  const isRelay = setup.topology === "relay";
  return {
    ...{ setup, steps, rule, scene: null, saved: { violation, hash } },
    guarantee: isRelay ? "settled" : "optimistic",
  };
}

function notesOn({ module, rule }: SavedSchedule, played: Rule): readonly string[] {
  if (module === undefined || rule === undefined) return [];
  return [
    `A page cannot load ${module}; the library's own ${formatRule(played)} plays in its place, so another trace may come of it.`,
  ];
}
