/** A tool: one thing that an agent may do on a board, in the neutral form that every tool-calling protocol can take. */
import type { Json } from "../../lib/index.ts";

/** A JSON Schema of draft 2020-12 for an object. */
export interface ObjectSchema {
  readonly type: "object";
  readonly [keyword: string]: unknown;
}

/** Why a call had no effect; in our own words, so that they may be shown as they are. */
export interface ToolFault {
  /** Stable, for programs. */
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
}

/** What a call gives back; what else is in it, the tool's schema says. */
export interface ToolAnswer {
  /** Only where the call had no effect. */
  readonly error?: ToolFault;
  /** Where the board stood when this was written: hand it to `wait_for_change` to miss nothing since. */
  readonly cursor: string;
  /** What to do now, in one sentence of ours. */
  readonly next: string;
  readonly [field: string]: Json | ToolFault | undefined;
}

/** How a tool is called. */
export interface ToolCall {
  /** Gives up a wait; a claim that is still being decided is given back. */
  readonly signal?: AbortSignal;
}

/** One tool, bound to an agent on its board. */
export interface Tool {
  /** In snake case, at most 32 characters. */
  readonly name: string;
  /** What it does and when to call it, for a model to read. */
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  /** Holds for every answer, with or without an error. */
  readonly outputSchema: ObjectSchema;
  /** Whether it writes nothing to the board. */
  readonly isReadOnly: boolean;
  /** Calls it; never rejects: whatever goes wrong is an answer with an error. */
  run(input: unknown, call?: ToolCall): Promise<ToolAnswer>;
}
