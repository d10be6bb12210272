/** The bug zoo's animals: mistakes that a colleague could make, each as a small change of the library's own text. */
import type { SettledOptions } from "../explore/settled-model.ts";
import type { ScheduleOptions } from "../simulator/any-schedule.ts";

/** The part of the kit that has to notice a bug, and what it is let loose on. */
export type Suite =
  /** Schedules over the real library, with or without agents that work by themselves. */
  | ({ readonly by: "verify"; readonly program?: string } & Omit<ScheduleOptions, "hasProgram">)
  /** The laws for rules, on one of the built-in ones. */
  | { readonly by: "checkRule"; readonly rule: string }
  /** All states of settled claims. */
  | ({ readonly by: "explore" } & Omit<SettledOptions, "decide">)
  /** A contract suite over the adapter of our own that carries the mistake. */
  | { readonly by: "contract"; readonly of: "storage" | "transport" };

/** One change of one module. */
export interface Edit {
  /** The module in the sources, such as `lib/core/rule.ts`; it is changed as compiled. */
  readonly file: `${"lib" | "adapters" | "property-tests"}/${string}.ts`;
  /** Text that occurs exactly once in the compiled module. */
  readonly find: string;
  readonly replace: string;
}

/** A planted bug. */
export interface Bug {
  readonly name: string;
  /** What was planted, in one line for people. */
  readonly what: string;
  /** What is changed; nothing where the bug is the program that the suite runs. */
  readonly edits: readonly Edit[];
  readonly suite: Suite;
  /** The invariants, laws or rules of the contract of which the suite has to find one broken, and no other. */
  readonly expect: readonly string[];
}

/** What a suite found. */
export interface Kill {
  /** The broken invariant or law, or the failed test. */
  readonly broken: string;
  readonly sentence: string;
  /** In which run, from 1 on: a schedule, a case, a state, or a test. */
  readonly run: number;
  /** How small it was made: steps of a schedule or of a trace, claims of a case; null for a test. */
  readonly size: number | null;
}

/** What came of a hunt. */
export interface Hunt {
  /** Null where the suite held. */
  readonly kill: Kill | null;
  /** Processor time of the suite, its start included. */
  readonly cpuMs: number;
}
