/** How a tool is defined: its texts, its schemas, and what it does in a session. */
import * as z from "zod";
import type { Json } from "../../lib/index.ts";
import { faultOf, ToolRefusal } from "./fault.ts";
import type { Session } from "./session.ts";
import type { Tool, ToolAnswer } from "./tool.ts";

/** A JSON Schema of one property of an answer. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a tool is, without an agent to call it. */
export type ToolDefinition = Omit<Tool, "run">;

/** A tool that waits for its session. */
export interface BindableTool extends ToolDefinition {
  bind(session: Session): Tool;
}

/** What a tool answers: its own fields, and what to do now. */
export type Reply = Readonly<Record<string, Json | undefined>> & { readonly next: string };

/** What a tool is made of. */
export interface ToolParts<I extends z.ZodObject> {
  readonly name: string;
  readonly description: string;
  readonly input: I;
  /** The properties of its answers beside `cursor`, `next`, `offline` and `error`. */
  readonly output: Readonly<Record<string, JsonSchema>>;
  readonly isReadOnly: boolean;
  run(session: Session, input: z.output<I>, signal: AbortSignal | undefined): Promise<Reply>;
}

/** The schema of a text. */
export const text: JsonSchema = { type: "string" };
/** The schema of a whole number. */
export const count: JsonSchema = { type: "integer" };
/** The schema of a quoted text, or of another object. */
export const object: JsonSchema = { type: "object" };
/** The schema of a list of objects. */
export const objects: JsonSchema = { type: "array", items: object };
/** The schema of one of some words. */
export const oneOf = (...words: readonly string[]): JsonSchema => ({ enum: words });
/** A task's id, as input. */
export const taskId: z.ZodString = z.string().min(1).max(256);

/** Defines a tool. */
export function defineTool<I extends z.ZodObject>(parts: ToolParts<I>): BindableTool {
  const { name, description, input, output, isReadOnly } = parts;
  const { $schema: _, ...inputSchema } = z.toJSONSchema(input, { io: "input" });
  const definition: ToolDefinition = {
    name,
    description,
    inputSchema: { ...inputSchema, type: "object" },
    outputSchema: {
      type: "object",
      properties: { ...output, error: object, cursor: text, next: text },
      required: ["cursor", "next"],
    },
    isReadOnly,
  };
  return {
    ...definition,
    bind: (session) => ({
      ...definition,
      async run(given, { signal } = {}) {
        const answer = await reply(parts, session, given, signal);
        const { status } = session.board;
        return {
          ...answer,
          ...(status === "synced" ? {} : { offline: true }),
          cursor: session.changes.cursor,
        };
      },
    }),
  };
}

async function reply<I extends z.ZodObject>(
  { name, input, run }: ToolParts<I>,
  session: Session,
  given: unknown,
  signal: AbortSignal | undefined,
): Promise<Omit<ToolAnswer, "cursor"> & { readonly next: string }> {
  try {
    const { board } = session;
    if (board.status === "closed")
      throw new ToolRefusal(
        "CONNECTION_CLOSED",
        "the connection to the board has ended for good",
        "start the tools anew",
      );
    return await run(session, parse(name, input, given), signal);
  } catch (error) {
    const fault = faultOf(error);
    return { error: fault, next: `Nothing was done; ${fault.remedy}.` };
  }
}

/** Reads arguments; models write null for what they leave out. */
function parse<I extends z.ZodObject>(name: string, input: I, given: unknown): z.output<I> {
  const isObject = typeof given === "object" && given !== null;
  const stated = isObject
    ? Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
    : (given ?? {});
  const read = input.safeParse(stated);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue?.path.join(".") || "the arguments";
  throw new ToolRefusal(
    "INPUT_INVALID",
    `${place} of ${name}: ${issue?.message ?? "does not fit"}`,
    `call ${name} again with arguments that fit its schema`,
  );
}
