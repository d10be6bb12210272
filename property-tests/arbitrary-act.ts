/**
 * What an agent may write about a task in an arbitrary history: every kind of record, on half the steps what fits the
 * task as all records together show it, else what a careless or hostile peer might write.
 */
import {
  type AgentId,
  type Audience,
  formatRef,
  type LogEntry,
  type RecordRef,
  type TaskId,
  type TaskRecord,
} from "../lib/core/record.ts";
import type { Task } from "../lib/core/task.ts";
import { PACKET, TASK } from "./kit/log-book.ts";

/** Everybody who may write in a history. */
export const AGENTS: readonly AgentId[] = ["ana", "bob", "cyd", "dan", "eve"] as AgentId[];

/** What the agents, the third first, joined with; what tasks require. */
export const TAGS = [[], ["ts"], ["sql"], ["ts", "sql"]] as const;

/** What an agent has before it when it writes. */
export interface Scene {
  readonly agent: AgentId;
  /** Any number, from which an act takes all that is arbitrary in it. */
  readonly pick: number;
  readonly entries: readonly LogEntry[];
  /** The task as all entries together show it. */
  readonly task: Task | null;
}

type Act = (scene: Scene) => object;

/** Numbers that a peer may write where an attempt belongs. */
const ATTEMPTS = [1, 2, 3, 4, 5, 7, 1000, Number.MAX_SAFE_INTEGER] as const;

type Theme = "rounds" | "results" | "talk";

/** The acts: how often each is to be drawn, and of what theme it is. */
const WEIGHTED: readonly (readonly [times: number, act: Act, theme?: Theme])[] = [
  [10, plausibleClaim],
  [4, anyClaim],
  [7, (scene) => ({ kind: "confirmed", claim: own(scene).at(-1)?.n ?? scene.pick })],
  [1, (scene) => ({ kind: "confirmed", claim: ownClaim(scene) })],
  [2, (scene) => ({ kind: "yielded", claim: ownClaim(scene) })],
  [2, release],
  [5, failure, "rounds"],
  [2, rejection],
  [6, completion, "results"],
  [3, adoption, "results"],
  [4, expiry, "rounds"],
  [3, cancellation],
  [6, reopening, "rounds"],
  [2, (scene) => ({ kind: "waited", attempt: attemptNear(scene, 1) })],
  [2, (scene) => ({ kind: "need-failed", need: "need", attempt: attemptNear(scene, 0) })],
  [4, offer, "talk"],
  [1, (scene) => ({ kind: "withdrawn", claim: ownClaim(scene), offer: place(scene, "offered") })],
  [2, (scene) => aboutOthers(scene, "offered", "declined", "offer"), "talk"],
  [3, question, "talk"],
  [2, (scene) => ({ ...aboutOthers(scene, "asked", "answered", "ask"), answer: "yes" }), "talk"],
  [9, review, "results"],
  [1, ({ pick }) => ({ kind: "noted", text: `note ${pick}` })],
  [2, edit],
  [3, again],
  [1, child],
  [1, ({ pick }) => ({ kind: pick & 1 ? "queued" : "unqueued" })],
];

/** The acts, each as often as it is to be drawn; those of one theme, if any, four times as often. */
function deckOf(theme: Theme | null): readonly Act[] {
  return WEIGHTED.flatMap(([times, act, of]) =>
    Array<Act>(of !== undefined && of === theme ? 4 * times : times).fill(act),
  );
}

/** Acts of every kind to draw from. */
export const ACTS: readonly Act[] = deckOf(null);

/** The same, and with more of one theme, so that what is rare comes together now and then. */
export const DECKS: readonly (readonly Act[])[] = [
  ACTS,
  deckOf("rounds"),
  deckOf("results"),
  deckOf("talk"),
];

/** Everything that an `added` may ask for beside a title; which of it, the bits of a number say. */
export function wishOf(bits: number): object {
  return {
    ...(bits & 1 ? { guarantee: "settled" } : {}),
    ...(bits & 2 ? { requires: TAGS[(bits >> 2) % 4] } : {}),
    ...(bits & 4 ? { review: { by: { capability: "ts" }, approvals: 1 + ((bits >> 3) % 2) } } : {}),
    ...(bits & 16 ? { maxAttempts: 1 + ((bits >> 1) % 3) } : {}),
    ...(bits & 32 ? { ifNeedFails: "fail" } : {}),
  };
}

/** Claims what is open, as this version does; the offer that is open to it first. */
function plausibleClaim({ agent, task }: Scene): object {
  const offer = task?.thread.offers.find((one) => one.status === "open" && one.agent !== agent);
  return {
    kind: "claimed",
    attempt: offer === undefined ? (task?.nextAttempt ?? 1) : offer.attempt + 1,
    guarantee: task?.guarantee ?? "optimistic",
    ...(offer === undefined ? {} : { offer: formatRef(offer) }),
    ...(task?.version ? { version: formatRef(task.version) } : {}),
  };
}

function anyClaim({ pick, entries }: Scene): object {
  const named = entries[pick % entries.length];
  const ref = named && formatRef({ agent: named.agent, n: named.record.n });
  return {
    kind: "claimed",
    attempt: pick % 16 === 5 ? ATTEMPTS[pick % 8] : 1 + (pick % 4),
    guarantee: pick & 4 ? "settled" : "optimistic",
    ...(pick & 8 && ref ? { version: ref } : {}),
    ...(pick & 16 && ref ? { offer: ref } : {}),
    ...(pick & 32 ? { text: ref ?? "", inputs: ["1:nobody:1"] } : {}),
  };
}

function release(scene: Scene): object {
  const { pick } = scene;
  return {
    kind: "released",
    claim: ownClaim(scene),
    ...(pick & 1 ? { reason: `reason ${pick}` } : {}),
    ...(pick & 2 ? { packet: PACKET } : {}),
  };
}

function failure(scene: Scene): object {
  const { pick } = scene;
  return {
    kind: "failed",
    claim: ownClaim(scene),
    error: "broken",
    retryable: pick % 3 !== 0,
    ...(pick & 4 ? { retryAfterMs: 1000 } : {}),
  };
}

function completion(scene: Scene): object {
  const basis = scene.pick & 8 ? { basis: { inputs: ["1:nobody:1"] } } : {};
  return { kind: "completed", claim: ownClaim(scene), result: scene.entries.length, ...basis };
}

/** Adopts some result: its own, one that adopts another, one that is not there. */
function adoption(scene: Scene): object {
  const result = refIn(scene, "completed");
  return { kind: "completed", claim: ownClaim(scene), adopts: formatRef(result) };
}

function expiry(scene: Scene): object {
  const { agent, n } = refIn(scene, "claimed");
  return { kind: "expired", holder: agent, claim: n };
}

function rejection(scene: Scene): object {
  return { kind: "rejected", claim: ownClaim(scene), reason: `reason ${scene.pick}` };
}

function cancellation(scene: Scene): object {
  const { pick } = scene;
  return {
    kind: "cancelled",
    ...(pick & 16 ? {} : { attempt: attemptNear(scene, 0) }),
    ...(pick & 32 ? { reason: `reason ${pick}` } : {}),
  };
}

function offer(scene: Scene): object {
  return { kind: "offered", claim: ownClaim(scene), to: anybody(scene), packet: PACKET };
}

/** Starts over what has ended, or may not have, knowing of all attempts or not. */
function reopening(scene: Scene): object {
  return { kind: "reopened", attempt: attemptNear(scene, scene.pick & 8 ? 0 : 1) };
}

function question(scene: Scene): object {
  const of = scene.pick & 1 ? {} : { of: anybody(scene) };
  return { kind: "asked", claim: ownClaim(scene), question: "which?", ...of };
}

/** A verdict on the result in review, or on any record that is taken for a result. */
function review(scene: Scene): object {
  const { pick, task } = scene;
  const result = (pick % 4 === 3 ? null : task?.inReview) ?? refIn(scene, "completed");
  return {
    kind: "reviewed",
    author: result.agent,
    completion: result.n,
    verdict: pick & 4 ? "rejected" : "approved",
  };
}

function edit({ pick }: Scene): object {
  const edits = [
    { title: `title ${pick}` },
    { body: `body ${pick}`, priority: pick },
    { requires: TAGS[(pick >> 2) % 4] },
    { needs: [TASK] },
  ];
  return { kind: "edited", ...edits[pick % 4] };
}

/** Adds the task once more, with other wishes; now and then as its own child. */
function again({ pick }: Scene): object {
  const parent = pick % 8 === 7 ? { parent: TASK } : {};
  return { kind: "added", title: `again ${pick}`, ...wishOf(pick), ...parent };
}

/** Adds a child: what it asks for concerns its parent in nothing. */
function child({ pick }: Scene): object {
  return {
    kind: "added",
    task: `child ${pick % 2}` as TaskId,
    title: `child ${pick}`,
    parent: TASK,
    ...wishOf(pick),
    requires: TAGS[pick % 4],
  };
}

/** Answers a record of another's: its own, somebody's, or one that is not there. */
function aboutOthers(
  scene: Scene,
  about: TaskRecord["kind"],
  kind: "declined" | "answered",
  field: "offer" | "ask",
): object {
  const { agent, n } = refIn(scene, about);
  return { kind, holder: agent, [field]: n };
}

function place(scene: Scene, kind: TaskRecord["kind"]): number {
  return refIn(scene, kind).n;
}

/** An attempt as the author of a plausible record would name it, or now and then any. */
function attemptNear({ pick, task }: Scene, ahead: number): number {
  if (pick % 4 === 3) return ATTEMPTS[(pick >> 2) % 8] ?? 1;
  return (task?.nextAttempt ?? 1) + ahead;
}

function anybody({ pick }: Scene): Audience {
  const audiences = [
    { agent: AGENTS[(pick >> 2) % 5] ?? "" },
    { capability: "ts" },
    { capability: "sql" },
    { agent: "nobody" },
  ];
  return audiences[pick % 4] ?? { capability: "ts" };
}

/** The claim of its own that an agent writes about, or now and then any number. */
function ownClaim(scene: Scene): number {
  const { pick } = scene;
  const claims = own(scene);
  return pick % 8 === 7 ? pick : (claims[pick % (claims.length || 1)]?.n ?? pick);
}

function own({ agent, entries }: Scene): readonly RecordRef[] {
  return refsIn(entries, "claimed").filter((one) => one.agent === agent);
}

/** One of the records of a kind, or now and then one that is not there. */
function refIn({ entries, pick }: Scene, kind: TaskRecord["kind"]): RecordRef {
  const refs = refsIn(entries, kind);
  const nowhere = { agent: AGENTS[pick % 5] ?? ("nobody" as AgentId), n: pick % 9 };
  return pick % 16 === 15 ? nowhere : (refs[pick % (refs.length || 1)] ?? nowhere);
}

function refsIn(entries: readonly LogEntry[], kind: TaskRecord["kind"]): readonly RecordRef[] {
  return entries
    .filter(({ record }) => record.kind === kind)
    .map(({ agent, record }) => ({ agent, n: record.n }));
}
