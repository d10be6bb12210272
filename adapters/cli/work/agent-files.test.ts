// The directory of an attempt: real commands on a board in a real folder leave results, notes and handoffs, whole or broken.

import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  type Agent,
  type Board,
  brief,
  getTask,
  isEnded,
  listTasks,
  type NewTask,
  openBoard,
  type Task,
  type TaskId,
} from "../../../lib/index.ts";
import { createFolderTransport } from "../../transport/folder.ts";
import { until } from "../workbench/until.ts";
import { makeAttemptDirectory } from "./files/attempt-directory.ts";
import { followNotes, MAX_NOTES } from "./files/follow-notes.ts";
import { MAX_HANDOFFS } from "./hand-on.ts";
import { type WorkEnd, workOn } from "./work-on.ts";

const AGENT = join(import.meta.dirname, "files/coding-agent.mjs");
const PACKET = { summary: "s", decisions: ["d"], questions: [], deadEnds: [], artifacts: [] };

let folder = "";
let board: Board;
let ann: Agent;
let ends: WorkEnd[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "stigmergy-files-"));
  const transport = createFolderTransport({ directory: join(folder, "boards") });
  board = await openBoard({ board: "work", transport });
  ann = await board.join({ name: "ann" });
  ends = [];
});
afterEach(async () => {
  await board.close();
  rmSync(folder, { recursive: true, force: true });
});

const taskOf = (id: TaskId): Task => {
  const task = getTask(board.snapshot(), id);
  if (task === undefined) throw new Error(`there is no task ${id}`);
  return task;
};

interface Shift {
  readonly timeoutMs?: number;
  readonly retries?: number;
  /** The agent works until then; until all its tasks have ended where nothing is said. */
  readonly lasts?: (ids: readonly TaskId[]) => boolean;
}

const hasEnded = (ids: readonly TaskId[]): boolean => ids.every((id) => isEnded(taskOf(id)));

/** Adds the tasks and lets ann work on them by the command. */
async function work(
  tasks: readonly NewTask[],
  command: readonly string[],
  { timeoutMs, retries = 0, lasts = hasEnded }: Shift = {},
): Promise<readonly TaskId[]> {
  const ids = await ann.add(tasks);
  for (const id of ids) await ann.note(id, "Mind the linter");
  const stop = new AbortController();
  const working = workOn(ann, {
    ...{ board, command, timeoutMs, retries, guarantee: undefined, signal: stop.signal },
    where: ({ id }) => ids.includes(id),
    listener: {
      asked: () => {},
      started: () => {},
      ended: (_claim, _pid, how) => ends.push(how),
    },
  });
  try {
    await until("the work is done", () => lasts(ids));
  } finally {
    stop.abort();
    await working;
  }
  return ids;
}

/** Runs the stand-in on one task. */
async function workAs(mode: string, shift?: Shift): Promise<Task> {
  const command = [process.execPath, AGENT, mode, "--folder", folder, "-p", "{brief}"];
  const [id = "" as TaskId] = await work([{ title: "Port the parser" }], command, shift);
  return taskOf(id);
}

/** Runs scripts, one a task, which find a good packet in `$PACKET`, and in `$OTHER` the place of another directory. */
async function workBy(scripts: readonly string[], shift?: Shift): Promise<readonly Task[]> {
  const tasks = scripts.map((body) => ({ title: "a script", body }));
  const packet = `PACKET='${JSON.stringify(PACKET)}'; OTHER='${folder}'; cd "$STIGMERGY_DIR"; `;
  const ids = await work(tasks, ["sh", "-c", `${packet}eval "$0"`, "{body}"], shift);
  return ids.map(taskOf);
}

const notesOf = ({ notes }: Task): readonly (readonly [string, string])[] =>
  notes.slice(1).map(({ about, text }) => [about, text] as const);

const directoryOf = (): string => readFileSync(join(folder, "at-work"), "utf8").split(" ")[2] ?? "";

test("[C41] [C42] [C43] an agent gets its brief and its files, notes while it works, and its result.json is the result", async () => {
  const working = workAs("works");
  await until("the first note is there, and the command is at work", () => {
    const [task] = listTasks(board.snapshot());
    return task?.notes.length === 2 && existsSync(join(folder, "at-work"));
  });
  expect(ends).toEqual([]);
  const directory = directoryOf();
  expect(existsSync(directory)).toBe(true);

  writeFileSync(join(folder, "go"), "");
  const task = await working;

  expect(task.completion?.result).toEqual({ files: ["draft.txt"] });
  expect(notesOf(task)).toEqual([
    ["decision", "Use tabs"],
    ["progress", "nearly done"],
  ]);
  expect(readFileSync(join(folder, "draft.txt"), "utf8")).toBe("tabs");
  expect(existsSync(directory)).toBe(false);
});

test("[C43] the notes of an attempt that fails, is killed or runs out of time are kept, and its result is not taken", async () => {
  const failed = await workAs("fails");
  const killed = await workAs("is-killed");
  const hung = await workAs("hangs", { timeoutMs: 3000 });

  expect([failed, killed, hung].map(({ state, failures }) => [state, failures[0]?.error])).toEqual([
    ["failed", "exit code 3: out of ideas"],
    ["failed", "killed by SIGKILL"],
    ["failed", "took longer than 3.0 s (--timeout-ms 3000)"],
  ]);
  expect([failed, killed, hung].map(notesOf)).toEqual([
    [["dead-end", "Spaces do not work"]],
    [["finding", "The first half is easy"]],
    [["finding", "The first half is easy"]],
  ]);
  expect(existsSync(directoryOf())).toBe(false);
});

test("[C45] a command that leaves handoff.json gives its task back with the packet, whatever its exit code", async () => {
  const task = await workAs("hands-on", { lasts: () => ends.length > 0 });

  expect(ends[0]).toBe("handed-on");
  expect(task).toMatchObject({ state: "submitted", failures: [], completion: null });
  expect(task.thread.packets[0]?.packet.deadEnds).toEqual([
    { tried: "spaces", why: "the linter refuses" },
  ]);
  expect(task.thread.reasons[0]?.reason).toBe("handed on by its command; exit code 1");
  expect(brief(board, { task: task.id }).markdown).toContain("half of it is written");
});

test("[C45] a command that is told to stop may still leave a packet", async () => {
  const task = await workAs("is-told-to-stop", {
    lasts: () => existsSync(join(folder, "at-work")),
  });

  expect(ends).toEqual(["handed-on"]);
  expect(task).toMatchObject({ state: "submitted", failures: [] });
  expect(task.thread.packets[0]?.packet.summary).toBe("half of it is written");
  expect(existsSync(directoryOf())).toBe(false);
});

const handOnTo = (to: object): string =>
  `echo '${JSON.stringify({ ...PACKET, to })}' > handoff.json`;

test("[C46] a task is offered to whom the packet names, who goes on with it", async () => {
  const bob = await board.join({ name: "bob", capabilities: ["review"] });
  const stop = new AbortController();
  const given: unknown[] = [];
  const handler = ({ packet, attempt }: { packet: unknown; attempt: number }): string => {
    given.push(packet);
    return `by bob at ${attempt}`;
  };
  const working = bob.work(handler, {
    where: ({ thread }) => thread.offers.length > 0,
    signal: stop.signal,
  });

  const tasks = await workBy([handOnTo({ agent: "bob" }), handOnTo({ capability: "review" })]);

  stop.abort();
  await working;
  expect(tasks.map(({ completion }) => completion?.result)).toEqual(["by bob at 2", "by bob at 2"]);
  expect(given).toEqual([PACKET, PACKET]);
  expect(ends).toEqual(["handed-on", "handed-on"]);
});

test("[C46] a task that nobody named accepts is given back with its packet and the reason", async () => {
  const bob = await board.join({ name: "bob" });
  const unwatch = board.watch(({ tasks }) => {
    for (const { after } of tasks) {
      const offer = after.thread.offers.at(-1);
      if (offer?.status === "open" && offer.declined.length === 0)
        void bob.decline(after.id, "busy");
    }
  });

  const isGivenBack: Shift = {
    lasts: (ids) => ids.every((id) => taskOf(id).thread.reasons.length > 0),
  };
  const [declined] = await workBy([handOnTo({ agent: "bob" })], isGivenBack);
  const [unheard] = await workBy([handOnTo({ capability: "review" })], isGivenBack);

  unwatch();
  expect([declined, unheard].map((task) => task?.thread.reasons[0]?.reason)).toEqual([
    "handed on by its command; bob did not accept (busy)",
    "handed on by its command; nobody is here who is anyone with #review",
  ]);
  for (const task of [declined, unheard]) expect(task?.thread.packets[0]?.packet).toEqual(PACKET);
});

test("[C46] a task that is handed on again and again fails in the end", async () => {
  const [task] = await workBy(['echo "$PACKET" > handoff.json']);

  expect(task?.state).toBe("failed");
  expect(task?.failures[0]?.error).toBe(
    "handoff.json in $STIGMERGY_DIR hands the task on once more, after 16 times; finish it, or split it into smaller ones",
  );
  expect(ends).toEqual([...Array.from({ length: MAX_HANDOFFS }, () => "handed-on"), "failed"]);
});

test("[C42] a text file is the result too, JSON goes first, and without a file it is what was printed", async () => {
  const tasks = await workBy([
    "echo talk; printf '# done' > result.md; echo more > result.txt",
    "echo talk; printf 'done\\n' > result.txt",
    "echo talk; printf 'text' > result.md; printf ' null ' > result.json",
    "echo talk; rm -r $STIGMERGY_DIR",
  ]);

  expect(tasks.map(({ completion }) => completion?.result)).toEqual([
    "# done",
    "done\n",
    null,
    "talk\n",
  ]);
});

const BROKEN: readonly (readonly [script: string, error: RegExp])[] = [
  ["echo '{\"a\":' > result.json", /^result\.json .* is not JSON \(.+\); write one JSON value$/u],
  ["ln -s task.json result.json", /^result\.json .* is a symbolic link; write a plain file$/u],
  ["mkdir result.md", /^result\.md .* is a directory, a pipe or a device; write a plain file$/u],
  ["mkfifo result.txt", /^result\.txt .* is a directory, a pipe or a device; write a plain file$/u],
  ["printf '\\377' > result.txt", /^result\.txt .* is not UTF-8; write it in UTF-8$/u],
  [
    "head -c 1048577 /dev/zero > result.txt",
    /^result\.txt .* is larger than 1048576 bytes; store it elsewhere/u,
  ],
  [
    "head -c 300000 /dev/zero > result.txt", // six times as long in JSON
    /^result\.txt .* cannot be the result: .* takes 1800002 bytes, .*; store it elsewhere/u,
  ],
  [
    "echo '[[[[[[[[[0]]]]]]]]]' > result.json",
    /^result\.json .* cannot be the result: .* nests deeper than 8 levels; flatten it$/u,
  ],
  ["echo '\"\\ud800\"' > result.json", /^result\.json .* cannot be the result: .*lone surrogate/u],
  ["mkfifo handoff.json; exit 3", /^exit code 3; handoff\.json .* is a directory, a pipe or a/u],
  ['echo \'{"summary":"s"}\' > handoff.json', /^handoff\.json .* is no packet: .*decisions/u],
  [
    handOnTo({ agent: "bob", capability: "x" }),
    /^handoff\.json .* names nobody in "to"; use \{"agent": "ann"\}/u,
  ],
  [handOnTo({ agent: 1 }), /^handoff\.json .* names nobody in "to"/u],
  [
    `printf '{"summary":"%020000d","decisions":[],"questions":[],"deadEnds":[],"artifacts":[]}' 1 > handoff.json`,
    /^handoff\.json .* cannot be passed on: .* larger than 16384 bytes/u,
  ],
  [
    'echo fine > notes.jsonl; echo \'{"kind":"idea","text":"x"}\' >> notes.jsonl; echo "{more" >> notes.jsonl',
    /^notes\.jsonl, line 2, .* has the kind "idea"; use one of progress, decision/u,
  ],
  ['echo \'{"kind":"finding"}\' > notes.jsonl', /^notes\.jsonl, line 1, .* has no text; write \{/u],
  ["printf '\\377' > notes.jsonl", /^notes\.jsonl, line 1, .* is not UTF-8/u],
  [
    "printf '%020000d' 1 > notes.jsonl",
    /^notes\.jsonl, line 1, .* cannot be noted: .*16384 bytes/u,
  ],
  ["ln -s brief.md notes.jsonl", /^notes\.jsonl .* is a symbolic link; write a plain file$/u],
  [
    "rm -r $STIGMERGY_DIR; ln -s $OTHER $STIGMERGY_DIR",
    /^result\.json .* is not read: that is another directory now; leave it in its place$/u,
  ],
];

test("[C47] what is broken fails its attempt, by the file's name, the cause and the remedy", async () => {
  writeFileSync(join(folder, "result.json"), '"of somebody else"');

  const tasks = await workBy(BROKEN.map(([script]) => script));

  for (const [i, task] of tasks.entries()) {
    const { state, failures } = task;
    expect([state, failures[0]?.error]).toEqual([
      "failed",
      expect.stringMatching(BROKEN[i]?.[1] ?? /^$/u),
    ]);
    for (const { error } of failures) expect(error).toContain("$STIGMERGY_DIR");
  }
  const mixed = tasks.filter((_, i) => BROKEN[i]?.[0].startsWith("echo fine"));
  expect(mixed.map(notesOf)).toEqual([
    [
      ["progress", "fine"],
      ["progress", "{more"], // was meant to be JSON: nothing is lost
    ],
  ]);
  expect(existsSync(join(folder, "result.json"))).toBe(true);
});

test("[C41] arguments that are longer than the system takes fail the attempt and name another way", async () => {
  const tasks = [{ title: "long", body: "x".repeat(15_000) }];

  const [id = "" as TaskId] = await work(tasks, ["echo", "{body}".repeat(9)]);

  const { state, failures } = taskOf(id);
  expect(state).toBe("failed");
  expect(failures[0]?.error).toMatch(/longer than the system takes .*; let it read brief\.md/u);
});

test("[C44] a line is noted once it is whole, and once only, also where the file is written anew", async () => {
  const directory = makeAttemptDirectory({});
  const file = join(directory.path, "notes.jsonl");
  const noted: string[] = [];
  const notes = followNotes(directory, async (text) => void noted.push(text));

  writeFileSync(file, "one\n\ntwo");
  await until("the whole line is noted", () => noted.length > 0);
  expect(noted).toEqual(["one"]);
  appendFileSync(file, " and a half\r\n");
  await until("the other one is whole", () => noted.length > 1);
  writeFileSync(file, "zero\none\ntwo and a half\r\nthree");
  await until("what was put before them is noted", () => noted.length > 2);
  const broken = await notes.end();
  await directory.remove();

  expect(broken).toBeNull();
  expect(noted).toEqual(["one", "two and a half", "zero", "three"]);
});

test("[C44] one attempt leaves at most 1,000 notes", async () => {
  const directory = makeAttemptDirectory({});
  const noted: string[] = [];
  const notes = followNotes(directory, async (text) => void noted.push(text));
  const lines = Array.from({ length: MAX_NOTES + 1 }, (_, i) => `note ${i}`);

  writeFileSync(join(directory.path, "notes.jsonl"), lines.join("\n"));
  const broken = await notes.end();
  await directory.remove();

  expect(noted).toHaveLength(1000);
  expect(broken?.message).toMatch(/has more than 1000 lines; note what others must know$/u);
});
