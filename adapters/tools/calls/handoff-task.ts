/** `handoff_task`: passes a task on with all that was learned. */
import * as z from "zod";
import type { Packet } from "../../../lib/index.ts";
import { type BindableTool, defineTool, oneOf, taskId, text } from "../definition.ts";
import { ToolRefusal } from "../fault.ts";
import { refusalOf } from "../refusal.ts";
import { claimOf } from "../session.ts";

const line = z.string().max(4000);
const lines = z.array(line).max(50);
const name = z.string().min(1).max(256);

/** The tool. */
export const handoffTask: BindableTool = defineTool({
  name: "handoff_task",
  description:
    "Passes a task that you hold on, with what you learned; lists may be empty. With to_agent or to_capability it is offered and stays yours, at rest, until accepted; else it goes back to everybody.",
  input: z.strictObject({
    task_id: taskId,
    summary: line,
    decisions: lines,
    questions: lines,
    dead_ends: z.array(z.strictObject({ tried: line, why: line })).max(50),
    artifacts: z
      .array(z.strictObject({ name, media_type: name, uri: line }))
      .max(50)
      .default([]),
    to_agent: name.optional(),
    to_capability: name.optional(),
  }),
  output: { status: oneOf("offered", "released"), task_id: text },
  isReadOnly: false,
  async run(session, { task_id, to_agent, to_capability, ...stated }) {
    if (to_agent !== undefined && to_capability !== undefined)
      throw new ToolRefusal(
        "INPUT_INVALID",
        "both to_agent and to_capability are given",
        "give one of them, or none for everybody",
      );
    const claim = claimOf(session, task_id);
    const packet = packetOf(stated);
    if (to_agent === undefined && to_capability === undefined) {
      const closed = await claim.release("handed off", packet);
      if (!closed.ok) throw refusalOf(closed);
      session.claims.drop(claim.task.id);
      return {
        status: "released",
        task_id,
        next: "Whoever takes it next reads what you passed on: call claim_task for another one.",
      };
    }
    const to = to_agent === undefined ? { capability: to_capability ?? "" } : { agent: to_agent };
    const offered = await claim.offer(packet, to);
    if (!offered.ok) throw refusalOf(offered);
    return {
      status: "offered",
      task_id,
      next: "Do not work on it meanwhile: wait_for_change tells when it is accepted or declined; release_task gives it back to everybody.",
    };
  },
});

function packetOf(stated: {
  readonly summary: string;
  readonly decisions: readonly string[];
  readonly questions: readonly string[];
  readonly dead_ends: Packet["deadEnds"];
  readonly artifacts: readonly {
    readonly name: string;
    readonly media_type: string;
    readonly uri: string;
  }[];
}): Packet {
  const { dead_ends: deadEnds, artifacts, ...rest } = stated;
  return {
    ...rest,
    deadEnds,
    artifacts: artifacts.map(({ media_type: mediaType, ...artifact }) => ({
      ...artifact,
      mediaType,
    })),
  };
}
