/** The work loop: choose a ready task, claim it, run the handler, hand in what it gives, and again. */
import type { Guarantee } from "../core/record.ts";
import type { Task } from "../core/task.ts";
import { withFirstAbort } from "./abort.ts";
import type { Claim } from "./claim/claim.ts";
import { type ClaimOutcome, claimTask } from "./claim/claiming.ts";
import { comesTo } from "./claim/waiting.ts";
import type { BoardHost, LocalAgent } from "./host.ts";
import { chooseNext } from "./next.ts";

/** How an agent works. */
export interface WorkOptions {
  /** Takes only tasks for which this says true; all that the agent is able to do by default. */
  readonly where?: (task: Task) => boolean;
  /** How many tasks at once, 1 to 1000; 1 by default. */
  readonly concurrency?: number;
  /** The guarantee wanted of each claim; see `ClaimOptions`. */
  readonly guarantee?: Guarantee;
  /** How long silence is borne for each claim; the agent's lease by default. */
  readonly ttlMs?: number;
  /** What the rule `priority` weighs of each claim; 0 by default. */
  readonly priority?: number;
  /** Ends the work: claims that are held get their signal aborted and are given back. */
  readonly signal?: AbortSignal;
  /** Told of each claim's outcome, won or not. */
  readonly onClaim?: (outcome: ClaimOutcome) => void;
}

/** Does the work of one claim; its value is the result, what it throws a failure (`retryable: false` on it is honoured). */
export type WorkHandler = (claim: Claim) => unknown;

/** Works until the signal aborts or the agent leaves; rejects only when a claim cannot be had at all. */
export async function work(
  host: BoardHost,
  agent: LocalAgent,
  handler: WorkHandler,
  options: WorkOptions,
): Promise<void> {
  const { concurrency = 1 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 1000)
    throw new RangeError(`concurrency is ${concurrency}; use 1 to 1000`);
  const failed = new AbortController();
  agent.slots += concurrency;
  host.announce();
  // one slot that cannot go on ends them all, and none is left behind
  const runSlot = (): Promise<void> =>
    withFirstAbort([failed.signal, options.signal], (signal) =>
      workSlot(host, agent, handler, { ...options, signal }),
    ).catch((error: unknown) => {
      failed.abort();
      throw error;
    });
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, runSlot));
  agent.slots -= concurrency;
  if (!options.signal?.aborted) host.announce();
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function workSlot(
  host: BoardHost,
  agent: LocalAgent,
  handler: WorkHandler,
  options: WorkOptions,
): Promise<void> {
  const isOver = (): boolean => options.signal?.aborted === true || !host.agents.has(agent.id);
  while (!isOver()) {
    const choice = chooseNext(host, agent, options.where);
    if (choice === null) {
      await host.nextChange(undefined, options.signal);
      continue;
    }
    const { task, rank } = choice;
    if (!(await comesTo(host, agent, { taskId: task.id, rank }, options.signal))) continue;
    if (isOver()) return;
    const outcome = await claimTask(host, agent, task.id, {
      ...(options.guarantee === undefined ? {} : { guarantee: options.guarantee }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.ttlMs === undefined ? {} : { ttlMs: options.ttlMs }),
      ...(options.priority === undefined ? {} : { priority: options.priority }),
    });
    options.onClaim?.(outcome);
    if (outcome.ok) await run(outcome.claim, handler, options.signal);
    await host.durable();
    await nextTurn(host);
  }
}

async function run(
  claim: Claim,
  handler: WorkHandler,
  stop: AbortSignal | undefined,
): Promise<void> {
  try {
    const result = await handler(claim);
    if (claim.signal.reason !== "handed-off") await claim.complete(result);
  } catch (error) {
    if (stop?.aborted) await claim.release("its agent was told to stop");
    else await claim.fail(textOf(error), { retryable: isRetryable(error) });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isRetryable(error: unknown): boolean {
  return !(
    typeof error === "object" &&
    error !== null &&
    "retryable" in error &&
    error.retryable === false
  );
}

function nextTurn(host: BoardHost): Promise<void> {
  return new Promise((resolve) => {
    host.clock.schedule(0, resolve);
  });
}
