/** The rule or agent that a user's module exports: loaded from its file, and checked before anything is played with it. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { AgentProgram, SavedSubject, Subject } from "../../../property-tests/kit/index.ts";
import { type CliFault, usageFault } from "../fault.ts";
import { printable, shorten } from "../output/printable.ts";
import type { Kit } from "./kit.ts";

/** What is played with, and what it is called. */
export interface LoadedSubject extends Subject {
  /** Such as `rule first-come@1`. */
  readonly title: string;
  /** The names under which it is saved. */
  readonly named: Pick<SavedSubject, "rule" | "agent">;
}

const WHAT_TO_EXPORT =
  "export `rule = { name, version, compare(a, b, context) }`, or `agent = { name, run({ agent, board, clock }) }`, or both";
const MOST_NAME = 100;

/**
 * Loads a module and takes its rule, its agent or both.
 *
 * @throws CliFault `USAGE` when it cannot be loaded, or exports nothing of the kind
 */
export async function loadSubject(path: string, kit: Kit): Promise<LoadedSubject> {
  const module = await importModule(path);
  const hasRule = Reflect.get(module, "rule") !== undefined;
  const hasAgent = Reflect.get(module, "agent") !== undefined;
  if (!hasRule && !hasAgent)
    throw unusable(path, `exports neither \`rule\` nor \`agent\`; ${WHAT_TO_EXPORT}`);
  const rule = hasRule ? ruleOf(module, path, kit) : undefined;
  const program = hasAgent ? agentOf(Reflect.get(module, "agent"), path) : undefined;
  const named = {
    ...(rule === undefined ? {} : { rule: `${rule.name}@${rule.version}` }),
    ...(program === undefined ? {} : { agent: program.name }),
  };
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(program === undefined ? {} : { program }),
    named,
    title: titleOf(named),
  };
}

/** What is verified, in a few words. */
export function titleOf({ rule, agent }: Pick<SavedSubject, "rule" | "agent">): string {
  if (agent !== undefined)
    return rule === undefined ? `agent ${agent}` : `agent ${agent} under rule ${rule}`;
  return rule === undefined ? "the library" : `rule ${rule}`;
}

async function importModule(path: string): Promise<object> {
  if (!/\.m?js$/u.test(path))
    throw unusable(path, "is no JavaScript module; give a file that ends in .js or .mjs");
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as object;
  } catch (error) {
    throw unusable(path, `cannot be loaded (${sayError(error)}); correct it, or its path`);
  }
}

function ruleOf(module: object, path: string, kit: Kit): NonNullable<Subject["rule"]> {
  try {
    const rule = kit.readRule(module);
    if (rule.name.length > MOST_NAME)
      throw new TypeError(`A rule's \`name\` has at most ${MOST_NAME} characters.`);
    return rule;
  } catch (error) {
    throw unusable(path, `exports a rule that is none: ${sayError(error)}`);
  }
}

function agentOf(given: unknown, path: string): AgentProgram {
  const parts = typeof given === "object" && given !== null ? given : {};
  const { name, run, isDiligent }: Partial<Record<keyof AgentProgram, unknown>> = parts;
  const wrong =
    typeof name !== "string" || name.trim() === "" || name.length > MOST_NAME
      ? `its \`name\` is a text of 1 to ${MOST_NAME} characters`
      : typeof run !== "function"
        ? "its `run` is a function of { agent, board, clock }"
        : isDiligent !== undefined && typeof isDiligent !== "boolean"
          ? "its `isDiligent` is true, false or left out"
          : null;
  if (wrong !== null) throw unusable(path, `exports an agent that is none: ${wrong}`);
  return given as AgentProgram;
}

/** Whatever was thrown, in one line. */
export function sayError(error: unknown): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return shorten(printable(said), 500);
}

function unusable(path: string, what: string): CliFault {
  return usageFault(`the module ${printable(path)} ${what}`);
}
