/**
 * Schedules as data: who does what, and what befalls them, in small JSON steps. Every number is taken modulo what there is
 * and a step that does not apply changes nothing, so each part of a schedule is a schedule too, and can be kept for ever.
 */

/** What one agent does, or what befalls it, its disk, its clock or a message. */
export type Step =
  /** Adds a task; one of a few keys makes it the same task on every replica, `after` makes it wait for another. */
  | {
      readonly do: "add";
      readonly node: number;
      readonly key?: number;
      readonly after?: number;
      readonly isSettled?: boolean;
    }
  /** Claims a task, by default with the strongest guarantee that the network gives. */
  | {
      readonly do: "claim";
      readonly node: number;
      readonly task: number;
      readonly isOptimistic?: boolean;
    }
  /** Ends one of the claims that the agent holds. */
  | { readonly do: "complete" | "release"; readonly node: number; readonly hand: number }
  | {
      readonly do: "fail";
      readonly node: number;
      readonly hand: number;
      readonly isFinal?: boolean;
    }
  | {
      readonly do: "cancel" | "reopen" | "edit" | "note";
      readonly node: number;
      readonly task: number;
    }
  /** Asks for everything to be safe with the medium; once that is answered, it must be. */
  | { readonly do: "sync"; readonly node: number }
  /** Decides over one message under way. */
  | { readonly do: "deliver" | "drop" | "duplicate"; readonly message: number }
  /** Cuts a node off another, or, around a relay, off the relay; one way only where that is asked for. */
  | {
      readonly do: "cut";
      readonly node: number;
      readonly from: number;
      readonly isOneWay?: boolean;
    }
  | { readonly do: "heal" }
  /** Kills a process; with `tail` its disk loses what was not flushed. */
  | { readonly do: "crash"; readonly node: number; readonly loses?: "tail" }
  | { readonly do: "restart"; readonly node: number }
  /** The relay comes back without its memory. */
  | { readonly do: "forget" }
  /** Time passes, and what is due happens. */
  | { readonly do: "tick"; readonly ms: number }
  /** The node's clock runs at so many hundredths of the true pace from now on. */
  | { readonly do: "skew"; readonly node: number; readonly percent: number }
  /** The process stands still, or goes on: its timers and all that comes for it wait. */
  | { readonly do: "stall" | "wake"; readonly node: number }
  /** A peer that keeps no rule writes something into the document. */
  | { readonly do: "hostile"; readonly act: number; readonly task: number };

/** What a schedule is played in. */
export interface Setup {
  /** How many processes, each with one board and one agent; 1 to 7. */
  readonly nodes: number;
  readonly topology: "relay" | "mesh";
  /** Feeds all that is drawn: ids, latencies, losses. */
  readonly seed: number;
  /** The least and the most that a message is under way. */
  readonly latencyMs: readonly [min: number, max: number];
  /** How long a disk takes to flush; 0 is at once. */
  readonly flushMs: number;
  /** Probabilities; where links are streams, as around a relay, a loss breaks the connection. */
  readonly lossRate?: number;
  readonly duplicateRate?: number;
  readonly reorderRate?: number;
  /** How fast each node's clock runs, in hundredths; 100 where left out. */
  readonly pace?: readonly number[];
}

/** A whole story. */
export interface Schedule {
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

/** The agents' names, in the order of their nodes. */
export const NODE_NAMES: readonly string[] = ["ann", "ben", "cat", "dan", "eve", "fay", "gus"];

/** How long the silence of a simulated agent is borne. */
export const LEASE_MS = 2000;

/** A step in a few words, for people. */
export function tellStep(step: Step, nodeCount: number): string {
  const node = "node" in step ? `${nameOf(step.node, nodeCount)} ` : "";
  switch (step.do) {
    case "add":
      return `${node}adds a task${step.key === undefined ? "" : ` with key ${step.key}`}${step.after === undefined ? "" : ` after task ${step.after}`}${step.isSettled ? ", settled" : ""}`;
    case "claim":
      return `${node}claims task ${step.task}${step.isOptimistic ? ", optimistic" : ""}`;
    case "complete":
      return `${node}completes`;
    case "release":
      return `${node}gives back`;
    case "fail":
      return `${node}fails${step.isFinal ? " for good" : ""}`;
    case "cancel":
    case "reopen":
    case "edit":
    case "note":
      return `${node}${step.do}s task ${step.task}`.replace("notes task", "notes on task");
    case "sync":
      return `${node}syncs`;
    case "deliver":
    case "drop":
    case "duplicate":
      return `message ${step.message}: ${step.do}`;
    case "cut": {
      const way = step.isOneWay ? " (one way)" : "";
      return `${node}is cut off ${nameOf(step.from, nodeCount)}, or the relay${way}`;
    }
    case "heal":
      return "the network heals";
    case "crash":
      return `${node}crashes${step.loses ? ", its unflushed tail is lost" : ""}`;
    case "restart":
      return `${node}restarts`;
    case "forget":
      return "the relay forgets everything";
    case "tick":
      return `${step.ms} ms pass`;
    case "skew":
      return `${node}has a clock at ${step.percent} %`;
    case "stall":
      return `${node}stands still`;
    case "wake":
      return `${node}goes on`;
    case "hostile":
      return `a hostile peer writes (${step.act})`;
  }
}

function nameOf(node: number, nodeCount: number): string {
  return NODE_NAMES[node % nodeCount] ?? "nobody";
}
