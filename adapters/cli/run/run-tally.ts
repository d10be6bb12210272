/** Gathers what a run measures: from its agents' reports, and from the changes that its own replica shows. */
import type { BoardChange } from "../../../lib/index.ts";
import { type FromWorker, wallMs } from "../work/message.ts";

/** What an agent does now. */
export interface Activity {
  readonly name: string;
  readonly task: string | null;
  readonly sinceMs: number;
}

/** The measurements so far. */
export interface RunTally {
  hear(name: string, message: FromWorker): void;
  /** Takes in a change of the run's replica. */
  see(change: BoardChange): void;
  /** Every agent that ever joined. */
  readonly agents: readonly { readonly id: string; readonly name: string; readonly lost: number }[];
  readonly activities: ReadonlyMap<string, Activity>;
  readonly started: number;
  /** Starts beyond the first of the same attempt of the same task. */
  readonly doubleStarted: number;
  readonly claimMs: readonly number[];
  readonly convergeMs: readonly number[];
  readonly bytesSent: number;
}

interface MemberTally {
  id: string | null;
  readonly name: string;
  lost: number;
  bytesSent: number;
  activity: Activity;
}

/** Measures from zero. */
export function createRunTally(): RunTally {
  const members = new Map<string, MemberTally>();
  const startsByAttempt = new Map<string, number>();
  const writtenAtMs = new Map<string, number>();
  const shownAtMs = new Map<string, number>();
  const claimMs: number[] = [];
  const convergeMs: number[] = [];
  let started = 0;

  const memberOf = (name: string): MemberTally => {
    const known = members.get(name);
    if (known !== undefined) return known;
    const activity = { name, task: null, sinceMs: wallMs() };
    const fresh = { id: null, name, lost: 0, bytesSent: 0, activity };
    members.set(name, fresh);
    return fresh;
  };
  const meet = (completion: string): void => {
    const from = writtenAtMs.get(completion);
    const to = shownAtMs.get(completion);
    if (from === undefined || to === undefined) return;
    convergeMs.push(Math.max(0, to - from));
    writtenAtMs.delete(completion);
    shownAtMs.delete(completion);
  };

  return {
    hear(name, message) {
      const member = memberOf(name);
      switch (message.kind) {
        case "joined":
          member.id = message.agent;
          break;
        case "claimed":
          claimMs.push(message.waitedMs);
          break;
        case "lost":
          member.lost++;
          break;
        case "started": {
          const attempt = `${message.task} ${message.attempt}`;
          startsByAttempt.set(attempt, (startsByAttempt.get(attempt) ?? 0) + 1);
          started++;
          member.activity = { name, task: message.task, sinceMs: wallMs() };
          break;
        }
        case "ended":
          member.activity = { name, task: null, sinceMs: wallMs() };
          break;
        case "completed":
          writtenAtMs.set(`${message.task} ${member.id}`, message.atMs);
          meet(`${message.task} ${member.id}`);
          break;
        case "traffic":
          member.bytesSent = message.bytesSent;
          break;
        case "fault":
          break;
      }
    },
    see({ tasks }) {
      for (const { before, after } of tasks) {
        if (after.completion === null || after.completion === before?.completion) continue;
        const completion = `${after.id} ${after.completion.agent}`;
        shownAtMs.set(completion, wallMs());
        meet(completion);
      }
    },
    get agents() {
      return [...members.values()].flatMap(({ id, name, lost }) =>
        id === null ? [] : [{ id, name, lost }],
      );
    },
    get activities() {
      return new Map([...members].map(([name, { activity }]) => [name, activity]));
    },
    get started() {
      return started;
    },
    get doubleStarted() {
      return started - startsByAttempt.size;
    },
    claimMs,
    convergeMs,
    get bytesSent() {
      return [...members.values()].reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    },
  };
}
