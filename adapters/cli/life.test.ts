// A task's life by hand: every step a process of its own, several agents, over a relay and in a folder.

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { CliBench, type CliEnd, type CliProcess, dataOf, errorOf } from "./workbench/cli.ts";
import { until } from "./workbench/until.ts";

const TEST_MS = 60_000; // they take a few seconds; the rest is for a busy machine

let bench: CliBench;
beforeEach(() => {
  bench = new CliBench();
});
afterEach(() => bench.close());

/** The place of every command of a test, once it is known. */
let place: readonly string[] = [];

const onRelay = async (): Promise<void> => {
  place = ["--relay", `${(await bench.startRelay()).address}/work`];
};
const inFolder = (): void => {
  place = ["--folder", bench.path("board")];
};

/** Runs a command as the agent of this name, whose session is a file of that name. */
const as = (name: string, command: string, ...args: readonly string[]): Promise<CliEnd> =>
  bench.run([command, ...place, "--json", "--session", bench.path(name), ...whoIs(name), ...args]);

/** Starts a command that stays, as the agent whose session is there already. */
const stay = (name: string, command: string, ...args: readonly string[]): CliProcess =>
  bench.start([command, ...place, "--session", bench.path(name), ...args]);

const whoIs = (name: string): readonly string[] => (name === "nobody" ? [] : ["--name", name]);

/** Runs a command that is to succeed, and gives its data. */
const done = async (
  name: string,
  command: string,
  ...args: readonly string[]
): Promise<Record<string, unknown>> => {
  const end = await as(name, command, ...args);
  expect({ ...end, stdout: "" }).toEqual({ code: 0, stdout: "", stderr: "" });
  return dataOf(end);
};

/** Runs a command that is to be refused, and gives its code and message. */
const refused = async (
  name: string,
  command: string,
  ...args: readonly string[]
): Promise<readonly [string, string]> => {
  const end = await as(name, command, ...args);
  expect([end.code, end.stdout]).toEqual([3, ""]);
  const { code, message } = errorOf(end);
  return [code, message];
};

const add = async (...args: readonly string[]): Promise<string> => {
  const end = await bench.run(["add", ...place, "--json", ...args]);
  const { tasks } = dataOf(end) as { tasks: readonly { readonly id: string }[] };
  return tasks[0]?.id ?? "";
};

const read = async (command: string, id: string): Promise<Record<string, unknown>> =>
  dataOf(await bench.run([command, ...place, "--json", "--", id]));

test(
  "[C36] a task goes through its whole life by hand, from agent to agent, over a relay",
  async () => {
    await onRelay();
    const id = await add("roof", "--body", "all of it", "--review-by", "eve");

    const claimed = await done("ann", "claim", id);
    expect(claimed).toMatchObject({ state: "working", attempt: 1, guarantee: "settled" });
    await done("ann", "note", id, "it leaks", "--about", "finding");
    const asked = await done("ann", "ask", id, "which colour?");
    expect(asked).toMatchObject({ state: "input-required", answer: null });
    await done("bob", "answer", id, "red", "--question", String(asked["question"]));
    const packet = ["--summary", "half done", "--dead-end", "glue: too weak", "--decision", "red"];
    const artifact = ["--artifact", "report=out/report.md", "--question", "who pays?"];
    const offered = await done("ann", "handoff", id, ...packet, ...artifact, "--to", "bob");
    expect(offered).toMatchObject({ state: "working", offer: expect.stringMatching(/^1:ann~/u) });
    const accepted = await done("bob", "accept", id);
    expect(accepted).toMatchObject({
      attempt: 2,
      packet: {
        summary: "half done",
        decisions: ["red"],
        questions: ["who pays?"],
        deadEnds: [{ tried: "glue", why: "too weak" }],
        artifacts: [{ name: "report", mediaType: "text/markdown", uri: "out/report.md" }],
      },
    });
    const result = await done("bob", "done", id, '{"tiles":7}', "--as-json");
    expect(result).toMatchObject({ state: "input-required", is_in_review: true });
    const own = await refused("bob", "review", id, "--approve");
    expect(own).toEqual(["OWN_WORK", expect.stringContaining("somebody else has to say it")]);
    expect(await done("eve", "review", id, "--approve")).toMatchObject({ state: "completed" });

    const shown = await read("show", id);
    expect(shown).toMatchObject({ result: { tiles: 7 }, completed_by: accepted["agent"] });
    expect(shown["claims"]).toMatchObject([{ status: "handed-off" }, { status: "completed" }]);
    expect(shown["questions"]).toMatchObject([{ answers: [{ answer: "red" }] }]);
  },
  TEST_MS,
);

test(
  "[C36] a question is waited for, and so is an offer, by a command that stays",
  async () => {
    await onRelay();
    const id = await add("roof");
    await done("ann", "claim", id);

    const asking = stay("ann", "ask", id, "which colour?", "--wait", "--of", "bob");
    await until("it is asked", () => asking.stderr.includes("waiting for the answer"));
    expect((await refused("cid", "answer", id, "blue"))[0]).toBe("NOT_ADDRESSED");
    await done("bob", "answer", id, "red");
    expect((await asking.ended).stdout).toMatch(/^\S+ {2}bob~\S+ answers: red\n$/u);

    const late = await as("ann", "ask", id, "why?", "--wait", "--timeout-ms", "50");
    expect([late.code, dataOf(late)["answer"]]).toEqual([3, null]);

    const offering = stay("ann", "handoff", id, "--wait", "--to", "bob", "--summary", "take it");
    await until("it is offered", () => offering.stderr.includes("waiting until it is accepted"));
    const { agent } = await done("bob", "accept", id);
    expect((await offering.ended).stdout).toBe(`${id}  accepted by ${agent}\n`);
  },
  TEST_MS,
);

test(
  "[C36] failing, giving back, calling off and starting over go by hand, in a folder",
  async () => {
    inFolder();
    const id = await add("roof", "--max-attempts", "1", "--timeout-ms", "60000");
    await done("ann", "claim", id);
    expect(await done("ann", "fail", id, "it rains")).toMatchObject({ state: "failed" });
    expect(await read("show", id)).toMatchObject({ waits_for: "redrive", spent_attempts: 1 });

    expect(await done("nobody", "redrive", id, "sun")).toMatchObject({ state: "submitted" });
    expect(await done("ann", "claim", id)).toMatchObject({ attempt: 3 });
    expect(await done("ann", "release", id, "lunch")).toMatchObject({ state: "submitted" });
    await done("ann", "claim", id);
    expect(await done("ann", "reject", id, "no roof")).toMatchObject({ state: "rejected" });
    expect(await done("nobody", "reopen", id)).toMatchObject({ state: "submitted" });
    await done("nobody", "edit", id, "--title", "new roof", "--priority", "7");
    const canceled = await done("ann", "cancel", id, "moved out");
    expect(canceled).toMatchObject({ state: "canceled", title: "new roof" });
  },
  TEST_MS,
);

test(
  "[C36] an offer is declined, a handoff to nobody gives the task back, a result is sent back and adopted",
  async () => {
    inFolder();
    const id = await add("roof", "--review-by", "eve");
    await done("ann", "claim", id);
    const packet = { summary: "s", decisions: [], questions: [], deadEnds: [], artifacts: [] };
    const file = bench.write("packet.json", JSON.stringify(packet));
    await done("ann", "handoff", id, "--packet", file, "--capability", "rust");
    await done("cid", "decline", id, "busy", "--can", "rust");
    const given = await done("ann", "handoff", id, "--packet", file);
    expect(given).toMatchObject({ state: "submitted" });

    expect(await done("bob", "claim", id)).toMatchObject({ attempt: 2, packet });
    await done("bob", "done", id, "tin");
    const sent = await done("eve", "review", id, "--send-back", "too loud");
    expect(sent).toMatchObject({ state: "submitted" });
    const shown = await read("show", id);
    const [alternate] = shown["alternates"] as { ref: string }[];
    expect(alternate).toMatchObject({ result: "tin", reviews: [{ reason: "too loud" }] });
    expect(shown["offers"]).toMatchObject([{ declined: [{ reason: "busy" }] }]);
    const adopted = await done("cid", "adopt", id, alternate?.ref ?? "");
    expect(adopted).toMatchObject({ state: "input-required", is_in_review: true });
  },
  TEST_MS,
);

test(
  "[C31] what the board refuses ends with exit code 3, its reason as the code, and what to do",
  async () => {
    inFolder();
    const wall = await add("wall");
    const roof = await add("roof", "--need", wall, "--require", "tall");
    const { agent } = await done("ann", "claim", wall);

    const ends = await Promise.all([
      refused("bob", "claim", wall),
      refused("cid", "claim", roof),
      refused("dan", "review", wall, "--approve"),
      refused("eve", "answer", wall, "yes"),
      refused("nobody", "redrive", wall),
      refused("fay", "accept", wall),
    ]);

    expect(ends).toEqual([
      ["HELD", `${wall}: ${agent} holds it; take another task, or stay with --wait`],
      ["BLOCKED", expect.stringContaining(`it waits for ${wall}`)],
      ["NOT_IN_REVIEW", expect.stringContaining("no result of it awaits review")],
      ["NO_QUESTION", expect.stringContaining("no such question is open")],
      ["NOT_ENDED", expect.stringContaining("it is working")],
      ["NOT_OFFERED", expect.stringContaining("no open offer")],
    ]);
    await done("nobody", "edit", wall, "--body", "of stone");
    const stale = await refused("ann", "done", wall, "brick", "--if-stale", "refuse");
    expect(stale).toEqual(["STALE", expect.stringContaining("has changed (text)")]);
    const fresh = await done("ann", "done", wall, "stone", "--if-stale", "refresh");
    expect(fresh).toMatchObject({ state: "completed", accepted: true });
    expect(await refused("cid", "claim", roof)).toEqual([
      "INCAPABLE",
      `${roof}: it requires tall; start a session with --can`,
    ]);
    expect(await refused("ann", "fail", wall, "no")).toEqual([
      "COMPLETED",
      expect.stringContaining(`it was completed by ${agent}`),
    ]);
  },
  TEST_MS,
);

test(
  "[C36] input that lacks something is refused before the board is opened",
  async () => {
    place = ["--folder", bench.path("nowhere")];

    const ends = await Promise.all([
      as("ann", "review", "id"),
      as("ann", "review", "id", "--send-back", " "),
      as("ann", "adopt", "id", "first"),
      as("ann", "edit", "id"),
      as("ann", "done", "id", "{", "--as-json"),
      as("ann", "handoff", "id", "--decision", "red"),
      as("ann", "handoff", "id", "--summary", "s", "--wait"),
      as("ann", "handoff", "id", "--summary", "s", "--dead-end", "glue"),
      as("ann", "note", "id"),
    ]);

    expect(ends.map((end) => [end.code, errorOf(end).message])).toEqual([
      [2, "give one verdict: --approve, or --send-back REASON"],
      [2, "give one verdict: --approve, or --send-back REASON"],
      [2, expect.stringContaining('"first" is no reference of a record')],
      [2, expect.stringContaining("say what to change")],
      [2, expect.stringContaining("the result is not JSON")],
      [2, expect.stringContaining("The packet lacks its summary")],
      [2, expect.stringContaining("name somebody")],
      [2, expect.stringContaining('Use "what was tried: why it failed"')],
      [2, expect.stringContaining("missing required argument 'text'")],
    ]);
  },
  TEST_MS,
);
