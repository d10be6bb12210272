import { expect, test } from "@jest/globals";
import { openLogBook } from "../../property-tests/kit/log-book.ts";
import { type Contention, createContention } from "./contention.ts";
import type { AgentId, TaskId } from "./record.ts";
import { earliest, priority, type Rule, type RuleContext, rendezvous } from "./rule.ts";
import type { Task, TaskClaim } from "./task.ts";

const book = openLogBook();
book.add("ana");
const plain = book.task();

test("[X6] a live claim stands in the way of every other task whose resources overlap its own", () => {
  const held = taskOf("held", { resources: ["path:src"], claims: [claimOf("ana", 1)] });
  const wish = taskOf("wish", { resources: ["port:1", "path:src/a.ts"] });
  const contention = contentionOf([held, wish]);

  expect(contention.holderOf(wish)).toEqual({
    task: held,
    claim: held.claims[0],
    resource: "path:src/a.ts",
  });
  expect(contention.holderOf(held)).toBeNull();
  expect(contention.holderOf(taskOf("other", { resources: ["path:lib"] }))).toBeNull();
  expect(contention.holderOf(taskOf("plain"))).toBeNull();
});

test("[X6] a resource is free again once no claim of its task is live", () => {
  const wish = taskOf("wish", { resources: ["port:1"] });
  const contention = createContention(earliest);
  const isFree = (): boolean => contention.holderOf(wish) === null;
  const seen = [isFree()];
  const statuses = ["pending", "held", "released", "held", "superseded"] as const;
  for (const status of statuses) {
    const claims = [{ ...claimOf("ana", 1), status }];
    contention.update(taskOf("held", { resources: ["port:1"], claims }));
    seen.push(isFree());
  }
  contention.update(taskOf("held", { resources: ["port:1"], claims: [claimOf("ana", 1)] }));
  contention.update(taskOf("held", { claims: [claimOf("ana", 1)] }));
  seen.push(isFree());

  expect(seen).toEqual([true, false, false, true, false, true, true]);
});

test("[X6] the rivals of a task come in one order, whatever the order of the changes", () => {
  const tasks = ["a", "b", "c"].map((id, i) =>
    taskOf(id, {
      resources: ["port:1"],
      claims: [claimOf(`late-${id}`, 9 - i), claimOf(`gone-${id}`, 1, { status: "yielded" })],
    }),
  );
  const wish = taskOf("wish", { resources: ["port:1"], claims: [claimOf("ana", 1)] });
  const orders = [tasks, [...tasks].reverse()].map((order) =>
    contentionOf([wish, ...order])
      .rivalsOf(wish)
      .map(({ claim }) => claim.agent),
  );

  expect(orders[0]).toEqual(["late-c", "late-b", "late-a"]);
  expect(orders[1]).toEqual(orders[0]);
});

test("[X7] across tasks a confirmed claim goes before an optimistic one, that before a pending one", () => {
  const contention = createContention(earliest);
  const confirmed = claimOf("cyd", 9, { guarantee: "settled" });
  const optimistic = claimOf("bob", 8);
  const pending = claimOf("ana", 7, { guarantee: "settled", status: "pending" });
  const sorted = [pending, optimistic, confirmed].sort(contention.compare);

  expect(sorted).toEqual([confirmed, optimistic, pending]);
});

test("[X7] between equally firm claims of different tasks the rule decides, then agent and position", () => {
  const [early, late] = [claimOf("bob", 1), claimOf("ana", 2, { priority: 1 })];

  expect(createContention(earliest).compare(early, late)).toBeLessThan(0);
  expect(createContention(priority).compare(early, late)).toBeGreaterThan(0);
  expect(
    createContention(rendezvous).compare(claimOf("ana", 5, { n: 2 }), claimOf("ana", 1, { n: 3 })),
  ).toBeLessThan(0);
});

test("[X8] five who hold one fork and wait for the next are a circle with one victim, in any order", () => {
  const table = diningTable(5);
  const orders = [table, [...table].reverse(), [...table.slice(3), ...table.slice(0, 3)]];
  const found = orders.flatMap((order) => {
    const contention = contentionOf(order);
    return [0, 1, 2, 3, 4].map((i) => contention.deadlockOf(agentOf(i)));
  });

  expect(found[0]).toEqual({
    cycle: [0, 1, 2, 3, 4].map(agentOf),
    victim: agentOf(3), // it sat down last
    task: "right-3",
  });
  for (const other of found) expect(other).toEqual(found[0]);
});

test("[X8] once the victim waits no longer the circle is open", () => {
  const contention = contentionOf(diningTable(5));
  contention.update(taskOf("right-3", { resources: ["fork:4"] }));

  expect([0, 1, 2, 3, 4].map((i) => contention.deadlockOf(agentOf(i)))).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});

test("[X7] the rule is told the same context for all claims, that of no task", () => {
  const contexts: RuleContext[] = [];
  const rule: Rule = {
    ...earliest,
    compare(a, b, context) {
      contexts.push(context);
      return earliest.compare(a, b, context);
    },
  };

  expect(createContention(rule).compare(claimOf("ana", 1), claimOf("bob", 2))).toBeLessThan(0);
  expect(contexts).toEqual([{ task: "", attempt: 0 }]);
});

test("[X8] who waits for nobody, or only for others in a circle, is in none", () => {
  const contention = contentionOf([
    taskOf("a", { claims: [claimOf("ana", 1)], waiters: [waitOf("bob", 5), waitOf("cyd", 9)] }),
    taskOf("b", { claims: [claimOf("bob", 2)], waiters: [waitOf("ana", 6)] }),
    taskOf("free", {
      claims: [claimOf("dan", 1, { status: "released" })],
      waiters: [waitOf("dan", 7)],
    }),
  ]);

  expect(contention.deadlockOf("ana" as AgentId)).toMatchObject({ victim: "ana", task: "b" });
  expect(contention.deadlockOf("cyd" as AgentId)).toBeNull();
  expect(contention.deadlockOf("dan" as AgentId)).toBeNull();
  expect(contention.deadlockOf("eve" as AgentId)).toBeNull();
});

test("[X8] an agent that waits for what it holds itself is a circle of one", () => {
  const contention = contentionOf([
    taskOf("held", { resources: ["path:src"], claims: [claimOf("ana", 1)] }),
    taskOf("wish", { resources: ["path:src/a.ts"], waiters: [waitOf("ana", 2)] }),
  ]);

  expect(contention.deadlockOf("ana" as AgentId)).toEqual({
    cycle: ["ana"],
    victim: "ana",
    task: "wish",
  });
});

test("[X8] of circles that touch one is broken at a time, and the same for all", () => {
  const bobs = taskOf("b", {
    claims: [claimOf("bob", 2)],
    waiters: [waitOf("ana", 4), waitOf("cyd", 6)],
  });
  const contention = contentionOf([
    taskOf("a", { claims: [claimOf("ana", 1)], waiters: [waitOf("bob", 5)] }),
    bobs,
    taskOf("c", { claims: [claimOf("cyd", 3)], waiters: [waitOf("bob", 5)] }),
  ]);
  const agents = ["ana", "bob", "cyd"] as AgentId[];
  const found = agents.map((agent) => contention.deadlockOf(agent));
  contention.update({ ...bobs, thread: { ...bobs.thread, waiters: [waitOf("ana", 4)] } });
  const next = agents.map((agent) => contention.deadlockOf(agent)?.victim);

  expect(found[0]).toEqual({ cycle: ["bob", "cyd"], victim: "cyd", task: "b" });
  expect(found).toEqual([found[0], found[0], found[0]]);
  expect(next).toEqual(["bob", "bob", undefined]);
});

test("[X8] the circle runs through the victim's last wait, the shortest way, and by the lowest ids", () => {
  const contention = contentionOf([
    taskOf("early", { claims: [claimOf("bob", 1)], waiters: [waitOf("ana", 5)] }),
    taskOf("late", {
      claims: [claimOf("eve", 1), claimOf("dan", 1), claimOf("cyd", 1)],
      waiters: [waitOf("ana", 9)],
    }),
    taskOf("hers", {
      claims: [claimOf("ana", 1)],
      waiters: [waitOf("bob", 6), waitOf("dan", 8), waitOf("cyd", 7)],
    }),
    taskOf("his", { claims: [claimOf("bob", 2)], waiters: [waitOf("eve", 4)] }),
  ]);

  expect(contention.deadlockOf("eve" as AgentId)).toEqual({
    cycle: ["ana", "cyd"],
    victim: "ana",
    task: "late",
  });
});

test("[X8] who waits for others beside those in its circle is in it all the same", () => {
  const contention = contentionOf([
    taskOf("a", { claims: [claimOf("ana", 1)], waiters: [waitOf("bob", 5)] }),
    taskOf("b", { claims: [claimOf("bob", 2), claimOf("dan", 3)], waiters: [waitOf("ana", 6)] }),
  ]);

  expect(contention.deadlockOf("bob" as AgentId)).toMatchObject({ victim: "ana", task: "b" });
});

test("[X8] nobody waits for a task that has ended", () => {
  const ends = [taskOf("a", { waiters: [waitOf("bob", 5)], claims: [claimOf("bob", 1)] })];
  const contention = contentionOf(ends);
  const before = contention.deadlockOf("bob" as AgentId)?.cycle;
  for (const task of ends) contention.update({ ...task, state: "canceled" });

  expect(before).toEqual(["bob"]);
  expect(contention.deadlockOf("bob" as AgentId)).toBeNull();
});

test("[X8] what must end before a task counts as in its way where the caller says what that is", () => {
  const need = taskOf("need", { claims: [claimOf("bob", 1)] });
  const blocked = { ...taskOf("blocked", { waiters: [waitOf("ana", 3)] }), needs: [need.id] };
  const held = taskOf("held", { claims: [claimOf("ana", 2)], waiters: [waitOf("bob", 4)] });
  const contention = contentionOf([need, blocked, held]);
  const circle = new Map([
    [blocked.id, [need]],
    [need.id, [blocked]],
  ]);
  const furtherOf = (task: Task): Task[] => circle.get(task.id) ?? [];

  expect(contention.deadlockOf("ana" as AgentId)).toBeNull();
  expect(contention.deadlockOf("ana" as AgentId, furtherOf)).toEqual({
    cycle: ["ana", "bob"],
    victim: "bob",
    task: "held",
  });
});

/** Each philosopher holds the fork on the left, in one task, and waits for the one on the right, in another. */
function diningTable(size: number): Task[] {
  return Array.from({ length: size }, (_, i) => [
    taskOf(`left-${i}`, { resources: [`fork:${i}`], claims: [claimOf(agentOf(i), i + 1)] }),
    taskOf(`right-${i}`, {
      resources: [`fork:${(i + 1) % size}`],
      waiters: [waitOf(agentOf(i), 10 + ((i * 3) % size) + (i === 3 ? size : 0))],
    }),
  ]).flat();
}

function agentOf(i: number): AgentId {
  return `agent-${i}` as AgentId;
}

function contentionOf(tasks: readonly Task[]): Contention {
  const contention = createContention(earliest);
  for (const task of tasks) contention.update(task);
  return contention;
}

function claimOf(agent: string, at: number, fields: Partial<TaskClaim> = {}): TaskClaim {
  const base = { n: 1, attempt: 1, guarantee: "optimistic", status: "held" } as const;
  return { agent: agent as AgentId, at, ...base, ...fields };
}

function waitOf(agent: string, at: number): Task["thread"]["waiters"][number] {
  return { agent: agent as AgentId, at, n: at };
}

function taskOf(
  id: string,
  fields: {
    readonly resources?: readonly string[];
    readonly claims?: readonly TaskClaim[];
    readonly waiters?: Task["thread"]["waiters"];
  } = {},
): Task {
  const { resources, claims = [], waiters = [] } = fields;
  const policy = resources === undefined ? {} : { resources };
  const thread = { ...plain.thread, waiters };
  return { ...plain, id: id as TaskId, policy, claims, thread };
}
