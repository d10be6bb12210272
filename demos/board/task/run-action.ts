/** Carries out what the person chose to do with a task. */
import type { Agent, Json, Packet, Task } from "../../../lib/index.ts";
import type { Person } from "../live/person.ts";
import { type ActionKind, openQuestion } from "./available.ts";
import type { ActOutcome } from "./use-act.ts";

/** What the person wrote, field by field. */
export type Words = Readonly<Record<string, string>>;

/** How long an offer stands before it is taken back. */
const PATIENCE_MS = 300_000;

/** What an action works on. */
interface Work {
  readonly task: Task;
  readonly words: Words;
  readonly person: Person;
}

/** Gives the action, and what to say once it is done. */
export function runAction(
  kind: ActionKind,
  work: Work,
): { readonly done: string; readonly action: (agent: Agent) => Promise<ActOutcome> } {
  const { task, words, person } = work;
  const { id } = task;
  const { reason = "" } = words;
  const why = reason === "" ? undefined : reason;
  const held = (agent: Agent): ReturnType<Agent["held"]>[number] | undefined =>
    agent.held().find((one) => one.task.id === id);
  const gone: ActOutcome = { ok: false, reason: "closed" };
  switch (kind) {
    case "claim":
      return { done: "You hold the task.", action: (agent) => claim(agent, work, {}) };
    case "claim-now":
      return {
        done: "You hold the task by an optimistic claim; a rival may show up once you are online.",
        action: (agent) => claim(agent, work, { guarantee: "optimistic" }),
      };
    case "accept":
      return {
        done: "You hold the task now; what its holder passed on is in the thread.",
        action: (agent) => timed(person, id, (signal) => agent.accept(id, { signal })),
      };
    case "decline":
      return { done: "Declined.", action: (agent) => agent.decline(id, why) };
    case "complete":
      return {
        done: "Your result is handed in.",
        action: async (agent) =>
          (await held(agent)?.complete(readResult(words["result"] ?? ""))) ?? gone,
      };
    case "hand-over":
      return { done: "Handed over.", action: (agent) => handOver(agent, work) };
    case "ask":
      return {
        done: "Your question was answered.",
        action: async (agent) => {
          const of = words["of"] ?? "";
          const options = of === "" ? {} : { of: { agent: of } };
          return (await held(agent)?.ask(words["question"] ?? "", options)) ?? gone;
        },
      };
    case "release":
      return {
        done: "You gave the task back.",
        action: async (agent) => (await held(agent)?.release(why)) ?? gone,
      };
    case "answer":
      return {
        done: "Answered.",
        action: (agent) => agent.answer(id, words["answer"] ?? "", openQuestion(task, person)),
      };
    case "approve":
      return { done: "Approved.", action: (agent) => agent.review(id, { verdict: "approved" }) };
    case "send-back":
      return {
        done: "Sent back.",
        action: (agent) => agent.review(id, { verdict: "rejected", reason }),
      };
    case "note":
      return { done: "Noted.", action: (agent) => silent(agent.note(id, words["note"] ?? "")) };
    case "cancel":
      return { done: "Called off.", action: (agent) => silent(agent.cancel(id, why)) };
    case "reopen":
      return { done: "Reopened.", action: (agent) => agent.reopen(id, why) };
  }
}

async function silent(done: Promise<void>): Promise<undefined> {
  await done;
  return undefined;
}

function claim(
  agent: Agent,
  { task, person }: Work,
  options: { readonly guarantee?: "optimistic" },
): Promise<ActOutcome> {
  return timed(person, task.id, (signal) => agent.claim(task.id, { ...options, signal }));
}

async function timed(
  person: Person,
  task: Task["id"],
  claiming: (signal: AbortSignal) => Promise<ActOutcome>,
): Promise<ActOutcome> {
  const pending = person.begin(task, "claim");
  const start = performance.now();
  try {
    const outcome = await claiming(pending.stop.signal);
    if (outcome?.ok === true) person.noteClaim(performance.now() - start);
    return outcome;
  } finally {
    pending.end();
  }
}

async function handOver(agent: Agent, { task, words, person }: Work): Promise<ActOutcome> {
  const claim = agent.held().find((one) => one.task.id === task.id);
  if (claim === undefined) return { ok: false, reason: "closed" };
  const packet: Packet = {
    summary: words["summary"] ?? "",
    decisions: linesOf(words["decisions"]),
    questions: linesOf(words["questions"]),
    deadEnds: [],
    artifacts: [],
  };
  const pending = person.begin(task.id, "offer");
  try {
    return await claim.handoff(packet, {
      to: { agent: words["to"] ?? "" },
      patienceMs: PATIENCE_MS,
      signal: pending.stop.signal,
    });
  } finally {
    pending.end();
  }
}

function linesOf(text = ""): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** What looks like JSON is JSON; everything else is a text. */
function readResult(text: string): Json {
  if (text === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
