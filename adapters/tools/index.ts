/** Every public name of `stigmergy/tools`: what an agent may do on a board, for any protocol that calls tools. */
export type { ToolDefinition } from "./definition.ts";
export { primeText } from "./prime.ts";
export type { QuotedText, Trust } from "./quoted-text.ts";
export type { ObjectSchema, Tool, ToolAnswer, ToolCall, ToolFault } from "./tool.ts";
export { createTools, type ToolKit, type ToolKitOptions, toolDefinitions } from "./tool-kit.ts";
