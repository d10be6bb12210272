/** `claim_task`: makes a task this agent's, and answers only once that is certain for as long as its guarantee says. */
import * as z from "zod";
import type { Claim, ClaimOutcome, ClaimRefusal, Task, TaskId } from "../../../lib/index.ts";
import { adviseNext } from "../advice.ts";
import type { Claiming } from "../claim-desk.ts";
import {
  type BindableTool,
  count,
  defineTool,
  object,
  oneOf,
  type Reply,
  taskId,
  text,
} from "../definition.ts";
import { refusalOf } from "../refusal.ts";
import type { Session } from "../session.ts";

const MAX_BODY = 12_000;

/** The tool. */
export const claimTask: BindableTool = defineTool({
  name: "claim_task",
  description:
    "Takes the task with task_id, or without it the best one for you (offers first). Start work only on held. lost: another agent has it. pending: not decided yet, call again with the same arguments. none: nothing is left for you now. token fences writes to outside systems.",
  input: z.strictObject({
    task_id: taskId.optional(),
    wait_s: z.number().min(0).max(50).default(20).describe("How long to wait for the decision"),
  }),
  output: {
    status: oneOf("held", "lost", "pending", "none"),
    task_id: { type: ["string", "null"] },
    owner: { type: ["string", "null"] },
    token: count,
    expires_in_s: { type: "number" },
    guarantee: text,
    task: object,
  },
  isReadOnly: false,
  async run(session, { task_id, wait_s }, signal) {
    const id = task_id === undefined ? null : session.task(task_id).id;
    const held = id === null ? undefined : session.agent.held().find((one) => one.task.id === id);
    if (held !== undefined) return holding(session, held);
    const claiming = session.claims.claiming(id, (stop) =>
      id === null
        ? session.agent.claimNext({ signal: stop })
        : session.agent.claim(id, { signal: stop }),
    );
    const until = performance.now() + wait_s * 1000;
    const outcome = await decided(claiming, wait_s * 1000, signal);
    if (outcome === "pending") return pending(session, id, claiming);
    session.claims.settle(id);
    if (signal?.aborted && outcome?.ok) await outcome.claim.release("its client gave up the call");
    if (outcome === null)
      return { status: "none", task_id: null, owner: null, next: adviseNext(session) };
    if (outcome.ok) return holding(session, outcome.claim);
    if (id !== null && isTaken(outcome)) await contestOver(session, id, { until, signal });
    return refused(session, id, outcome);
  },
});

/** Waits for the decision; whoever gives up the call gives up the claim with it. */
async function decided(
  { outcome, abort }: Claiming,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<ClaimOutcome | null | "pending"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"pending">((resolve) => {
    timer = setTimeout(resolve, waitMs, "pending");
  });
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

function pending(session: Session, id: TaskId | null, { outcome }: Claiming): Reply {
  const tell = (): void =>
    session.changes.push({ what: "claim-decided", task_id: id, by: session.agent.id });
  outcome.then(tell, tell);
  return {
    status: "pending",
    task_id: id,
    owner: null,
    next: "Do not start: the claim is not decided, because the board or a rival cannot be reached. Call claim_task again with the same arguments.",
  };
}

function holding(session: Session, claim: Claim): Reply {
  const { board, agent } = session;
  const task = session.task(claim.task.id);
  const leaseMs = board.snapshot().agents[agent.id]?.leaseMs ?? 0;
  return {
    status: "held",
    task_id: task.id,
    owner: agent.id,
    token: claim.attempt,
    expires_in_s: leaseMs / 1000,
    guarantee: claim.guarantee,
    task: {
      title: session.quote(task.title, task.added.agent),
      body: session.quote(task.body, task.added.agent, MAX_BODY),
      inputs: claim.inputs.length,
    },
    next: hasHistory(task, claim)
      ? "It is yours. Others have worked on this or on what it needs: read get_brief with its task_id before you start."
      : "It is yours: do it now, note decisions by add_note, and end it by complete_task, release_task or handoff_task.",
  };
}

function hasHistory(task: Task, claim: Claim): boolean {
  return claim.attempt > 1 || claim.inputs.length > 0 || task.notes.length > 0;
}

function refused(session: Session, id: TaskId | null, refusal: ClaimRefusal): Reply {
  if (!isTaken(refusal)) throw refusalOf(refusal);
  const winner = id === null ? null : session.task(id).winner;
  return {
    status: "lost",
    task_id: id,
    owner: winner?.status === "pending" ? null : (winner?.agent ?? refusal.by),
    next: "Another agent has it: do not work on it. Call claim_task without task_id for another one.",
  };
}

type Taken = Extract<ClaimRefusal, { readonly reason: "held" | "lost" }>;

function isTaken(refusal: ClaimRefusal): refusal is Taken {
  return refusal.reason === "held" || refusal.reason === "lost";
}

/** Whoever leads a contest that is not decided may still lose it: waits until somebody holds the task, or the call's time is over. */
async function contestOver(
  session: Session,
  id: TaskId,
  { until, signal }: { readonly until: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  while (session.task(id).winner?.status === "pending" && !signal?.aborted) {
    const leftMs = until - performance.now();
    if (leftMs <= 0) return;
    await session.changes.next(leftMs, signal);
  }
}
