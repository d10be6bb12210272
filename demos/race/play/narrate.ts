/** What is happening right now, in at most two plain sentences; told from what the replicas hold, whatever the story is. */
import type { AgentSeen, View } from "./view.ts";

/** Tells it. */
export function narrate(view: View): readonly string[] {
  const trouble = tellTrouble(view.agents);
  return [...(trouble === null ? [] : [trouble]), tellWork(view)].map((one) =>
    one.replace(/^task/u, "Task"),
  );
}

function tellTrouble(agents: readonly AgentSeen[]): string | null {
  for (const state of ["crashed", "stands still"] as const) {
    const silent = agents.filter((one) => one.state === state);
    if (silent.length === 0) continue;
    const isMissed = agents.some(({ tasks }) =>
      tasks.some(({ kind, by }) => kind === "held" && silent.some(({ node }) => node === by)),
    );
    const remedy = isMissed ? "; once it has been silent for 2 s, others free what it holds" : "";
    const what = state === "crashed" ? "crashed" : "stood still";
    return `${list(silent.map(({ name }) => name))} ${what}${remedy}.`;
  }
  const off = list(agents.filter((one) => one.state === "cut off").map(({ name }) => name));
  return off === "" ? null : `${off} cannot reach anybody: no news gets in or out.`;
}

function tellWork(view: View): string {
  const { agents, taskCount } = view;
  if (taskCount === 0) return "There is no task yet.";
  const task = mostContested(view);
  const t = `task t${task}`;
  const names = (has: (agent: AgentSeen) => readonly number[]): string[] =>
    agents.filter((one) => has(one).includes(task)).map(({ name }) => name);
  const works = names((one) => one.works);
  const waits = names((one) => one.waits);
  const lost = names((one) => one.lost).filter((name) => !works.includes(name));
  if (works.length > 1)
    return `${list(works)} ${works.length === 2 ? "both" : "all"} work on ${t}: each was the first as far as it knows. When they hear of each other, one goes on.`;
  if (works.length === 1 && waits.length > 0)
    return `${works[0]} works on ${t}. ${list(waits)} claimed it too, but must not start before that is confirmed.`;
  if (works.length === 1)
    return lost.length > 0
      ? `${works[0]} works on ${t}; ${list(lost)} heard of the better claim and gave way.`
      : `${works[0]} works on ${t}.`;
  if (waits.length > 0)
    return `${list(waits)} claimed ${t} and ${waits.length > 1 ? "wait" : "waits"} for the claim to be confirmed before starting.`;
  return tellState(view, task, t);
}

function tellState({ agents }: View, task: number, t: string): string {
  const seen = agents.flatMap((one) => one.tasks.filter((row) => row.task === task));
  const first = seen[0];
  if (first === undefined) return "Nobody is there.";
  if (seen.some((one) => one.isDisputed)) return `News of ${t} is on its way: replicas differ.`;
  if (first.kind === "free") return `${t} is free: everybody knows of it, nobody has claimed it.`;
  if (first.kind === "unknown") return `Nobody has heard of ${t}.`;
  return `All replicas agree on ${t}: ${first.text}.`;
}

/** The task that most agents are busy with; of equals the latest. */
function mostContested({ agents, taskCount }: View): number {
  const interest = (task: number): number =>
    agents.reduce(
      (sum, { works, waits }) =>
        sum + (works.includes(task) ? 10 : 0) + (waits.includes(task) ? 3 : 0),
      0,
    );
  let best = taskCount - 1;
  for (let task = taskCount - 1; task >= 0; task--)
    if (interest(task) > interest(best)) best = task;
  return best;
}

function list(names: readonly string[]): string {
  return names.length < 2
    ? (names[0] ?? "")
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
