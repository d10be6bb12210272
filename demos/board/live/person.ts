/** The person in front of the page: a reader, until the first action makes an agent of them like every other. */
import type { Agent, Board, TaskId } from "../../../lib/index.ts";

/** How long the person's silence is borne: a page in the background is let run once a minute only. */
export const PERSON_LEASE_MS = 120_000;

/** The person, joined or not. */
export interface Person {
  readonly name: string;
  /** The agent that the person is; null before the first action. */
  readonly agent: Agent | null;
  /** Milliseconds that the person's own claims took. */
  readonly claimMs: readonly number[];
  /** What is under way by the person, task by task: a claim that waits for the relay, or an offer. */
  readonly pending: ReadonlyMap<TaskId, Pending>;
  /** Joins, at the first call, and gives the agent. */
  join(): Promise<Agent>;
  noteClaim(durationMs: number): void;
  /** Says that something is under way; returns the way to end that. */
  begin(task: TaskId, kind: Pending["kind"]): Pending & { readonly end: () => void };
  /** Calls back when any of this is another than before; returns the way to stop it. */
  subscribe(listener: () => void): () => void;
}

/** Something that has not been answered yet, and the way to give it up. */
export interface Pending {
  readonly kind: "claim" | "offer";
  readonly stop: AbortController;
}

/** Makes the person, not joined yet. */
export function createPerson(board: Board, name: string): Person {
  const listeners = new Set<() => void>();
  const pending = new Map<TaskId, Pending>();
  const claimMs: number[] = [];
  let agent: Agent | null = null;
  let joining: Promise<Agent> | null = null;
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const join = async (): Promise<Agent> => {
    agent = await board.join({ name, leaseMs: PERSON_LEASE_MS });
    tell();
    return agent;
  };
  return {
    name,
    get agent() {
      return agent;
    },
    claimMs,
    pending,
    join() {
      joining ??= join().catch((fault: unknown) => {
        joining = null; // another attempt may do better
        throw fault;
      });
      return joining;
    },
    noteClaim: (durationMs) => void claimMs.push(durationMs),
    begin(task, kind) {
      const one = { kind, stop: new AbortController() };
      pending.set(task, one);
      tell();
      return {
        ...one,
        end() {
          if (pending.get(task) !== one) return;
          pending.delete(task);
          tell();
        },
      };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
