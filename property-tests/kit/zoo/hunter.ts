/**
 * One hunt, in a process of its own: plants a bug into one module while that is loaded, then runs a suite of the kit over
 * the library. Nothing here imports the library before the bug is in its place.
 */
import { readFileSync } from "node:fs";
import { register } from "node:module";
import type { RegisterTest } from "../contracts.ts";
import type { Edit, Hunt, Kill, Suite } from "./bug.ts";

/** What a hunter is told. */
export interface Order {
  readonly edits: readonly Edit[];
  readonly suite: Suite;
  readonly runs: number;
  readonly seed: number;
  readonly isShrunk: boolean;
}

/** Changed modules, by where they are loaded from. */
type Planted = Readonly<Record<string, string>>;

let planted: Planted = {};

/** Node's hook: takes over what is planted. */
export function initialize(data: Planted | undefined): void {
  planted = data ?? {};
}

/** Node's hook: gives changed modules in their new text, and all others as they are. */
export function load<Context, Loaded>(
  url: string,
  context: Context,
  nextLoad: (url: string, context: Context) => Loaded,
): Loaded | { readonly format: string; readonly source: string; readonly shortCircuit: true } {
  const source = planted[url];
  if (source === undefined) return nextLoad(url, context);
  return { format: "module", source, shortCircuit: true };
}

/** Four folders up from this file when compiled, as in the sources. */
const ROOT = new URL("../../../", import.meta.url);

/** Makes the new text of each module that is changed. */
function plant(edits: readonly Edit[]): Planted {
  const texts: Record<string, string> = {};
  for (const { file, find, replace } of edits) {
    const { href } = new URL(file.replace(/\.ts$/, ".js"), ROOT);
    const parts = (texts[href] ?? readFileSync(new URL(href), "utf8")).split(find);
    if (parts.length !== 2)
      throw new Error(
        `The text to change occurs ${parts.length - 1} times in ${file}, and must occur once; bring the bug in line with the code: ${find}`,
      );
    texts[href] = parts.join(replace);
  }
  return texts;
}

async function hunt({ edits, ...order }: Order): Promise<Hunt> {
  register(import.meta.url, { data: plant(edits) });
  const kill = await search(order);
  const { user, system } = process.cpuUsage();
  return { kill, cpuMs: Math.round((user + system) / 1000) };
}

function search({ suite, runs, seed, isShrunk }: Omit<Order, "edits">): Promise<Kill | null> {
  switch (suite.by) {
    case "verify":
      return playSchedules(suite, { runs, seed, isShrunk });
    case "checkRule":
      return tryLaws(suite, runs, seed);
    case "explore":
      return visitStates(suite);
    case "contract":
      return runContract(suite);
  }
}

type SuiteBy<By extends Suite["by"]> = Extract<Suite, { readonly by: By }>;

async function playSchedules(
  { by: _, program, ...options }: SuiteBy<"verify">,
  how: Pick<Order, "runs" | "seed" | "isShrunk">,
): Promise<Kill | null> {
  const { verify } = await import("../verify.ts");
  const { programs } = await import("./programs.ts");
  const found = programs.find(({ name }) => name === program);
  const played = found === undefined ? {} : { program: found };
  const { broken } = await verify({ ...options, ...played, ...how });
  if (broken === null) return null;
  const { violation, run, schedule } = broken;
  const { invariant, sentence } = violation;
  return { broken: invariant, sentence, run, size: schedule.steps.length };
}

async function tryLaws(
  { rule: name }: SuiteBy<"checkRule">,
  runs: number,
  seed: number,
): Promise<Kill | null> {
  const { checkRule } = await import("../rule/check-rule.ts");
  const { builtInRules } = await import("../../../lib/index.ts");
  const rule = builtInRules.find((one) => one.name === name);
  if (rule === undefined) throw new Error(`There is no built-in rule ${name}.`);
  const broken = checkRule(rule, { runs, seed }).laws.find(({ holds }) => !holds);
  if (broken === undefined) return null;
  const { law, sentence = "", runs: run, counterexample } = broken;
  return { broken: law, sentence, run, size: counterexample?.claims.length ?? null };
}

async function visitStates({ by: _, ...options }: SuiteBy<"explore">): Promise<Kill | null> {
  const { explore } = await import("../explore/explore.ts");
  const { settledModel } = await import("../explore/settled-model.ts");
  const { broken, states } = explore(settledModel(options));
  if (broken === null) return null;
  const { invariant, sentence, trace } = broken;
  return { broken: invariant, sentence, run: states, size: trace.length - 1 };
}

async function runContract({ of }: SuiteBy<"contract">): Promise<Kill | null> {
  const { describeMemoryTransport, describeLogFile } = await import("./contracts-at-work.ts");
  const tests: (readonly [string, () => Promise<void>])[] = [];
  const test: RegisterTest = (name, run) => tests.push([name, run]);
  if (of === "transport") describeMemoryTransport(test);
  else describeLogFile(test);
  for (const [i, [name, run]] of tests.entries()) {
    const sentence = await run().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (sentence !== null) return { broken: name, sentence, run: i + 1, size: null };
  }
  return null;
}

process.once("message", async (order: Order) => {
  process.send?.(await hunt(order));
  process.disconnect();
});
