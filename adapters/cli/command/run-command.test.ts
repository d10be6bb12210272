// Commands: arguments stay single, output is bounded, and whoever must stop stops with all that it started.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isAlive } from "../workbench/cli.ts";
import { until } from "../workbench/until.ts";
import { createTail } from "./captured-text.ts";
import { type CommandEnd, MAX_STDOUT_BYTES, runCommand } from "./run-command.ts";
import { substitute } from "./substitute.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmergy-command-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Setup {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const runScript = (script: string, setup: Setup = {}): Promise<CommandEnd> =>
  run([process.execPath, "-e", script], setup);

const run = (
  args: readonly string[],
  { signal, timeoutMs, graceMs = 200, env = {} }: Setup = {},
): Promise<CommandEnd> =>
  runCommand({
    args,
    env,
    signal: signal ?? new AbortController().signal,
    timeoutMs,
    graceMs,
    onStart: () => {},
  });

test("[C9] the fields of a task are put into single arguments, and are not looked at again", () => {
  const task = { id: "i", title: "{body} $(x) 'y'", body: "$& {id}", brief: "# {title}\n" };

  const args = substitute(
    ["--t={title}", "{body}", "{id}{id}", "{brief}", "{other}", "plain"],
    task,
  );

  expect(args).toEqual(["--t={body} $(x) 'y'", "$& {id}", "ii", "# {title}\n", "{other}", "plain"]);
});

test("[C9] whatever a title holds, the command gets it as one argument", async () => {
  const title = `a b "c" 'd' $(touch x) \`e\` \\ ; | & * ~ $HOME ü 🦆 --flag\nline`;
  const args = [
    "-p",
    "JSON.stringify(process.argv.slice(1))",
    "--",
    ...substitute(["{title}", "{title}!"], { id: "", title, body: "", brief: "" }),
  ];

  const end = await run([process.execPath, ...args]);

  expect(end.kind === "exited" && JSON.parse(end.stdout)).toEqual([title, `${title}!`]);
});

test("[C11] stdout is the result as it was printed, and a character split over chunks stays whole", async () => {
  const end = await runScript(`
    process.stdout.write(Buffer.from("ü").subarray(0, 1));
    setTimeout(() => process.stdout.write(Buffer.concat([Buffer.from("ü").subarray(1), Buffer.from("\\n")])), 20);
    process.stderr.write("talk");`);

  expect(end).toEqual({ kind: "exited", code: 0, stdout: "ü\n", stderr: "talk" });
});

test("[C11] exit codes, signals, missing programs and impossible arguments are told apart", async () => {
  expect(await runScript("process.stderr.write('why'); process.exitCode = 3")).toMatchObject({
    kind: "exited",
    code: 3,
    stderr: "why",
  });
  expect(await runScript("process.kill(process.pid, 'SIGKILL')")).toMatchObject({
    kind: "killed",
    by: "SIGKILL",
  });
  expect(await run(["/no/such/program"])).toMatchObject({ kind: "not-started" });
  expect(await run([process.execPath, "a\0b"])).toMatchObject({ kind: "not-started" });
});

test("[C11] a command that prints too much is stopped", async () => {
  const end = await run([
    "sh",
    "-c",
    "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
  ]);
  const whole = await runScript(`process.stdout.write('x'.repeat(${MAX_STDOUT_BYTES}))`);

  expect(end.kind).toBe("too-long");
  expect(whole).toMatchObject({ kind: "exited", code: 0 });
});

test("[C11] of stderr the end is kept, from the start of a character", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" })),
      fc.integer({ min: 4, max: 40 }),
      (pieces, max) => {
        const tail = createTail(max);
        for (const piece of pieces) tail.push(Buffer.from(piece));

        const whole = pieces.join("").toWellFormed();
        expect(whole.trimEnd().endsWith(tail.text())).toBe(true);
        expect(Buffer.byteLength(tail.text())).toBeLessThanOrEqual(max);
      },
    ),
  );
});

test("[C13] a command that takes too long gets SIGTERM first", async () => {
  const end = await runScript(
    "process.on('SIGTERM', () => { process.stderr.write('bye'); process.exit(0) }); setInterval(() => {}, 1000)",
    {
      timeoutMs: 400,
      graceMs: 60_000,
    },
  );

  expect(end).toEqual({ kind: "timed-out", stderr: "bye" });
});

test("[C13] a command that ignores SIGTERM gets SIGKILL after its grace, and so does all that it started", async () => {
  const stop = new AbortController();
  const file = join(folder, "pid");
  const ending = run(
    [
      "sh",
      "-c",
      'trap "" TERM; sleep 60 & echo $! > "$0.tmp"; mv "$0.tmp" "$0"; while :; do sleep 1; done',
      file,
    ],
    { signal: stop.signal },
  );
  await until("the grandchild runs", () => existsSync(file));

  stop.abort();
  const end = await ending;

  const grandchild = Number(readFileSync(file, "utf8"));
  expect(end.kind).toBe("stopped");
  await until("the grandchild is gone", () => !isAlive(grandchild));
});

test("[C13] what a command leaves behind with its pipes is ended soon after it", async () => {
  const end = await run(["sh", "-c", "sleep 60 & echo $!"]);

  expect(end).toMatchObject({ kind: "exited", code: 0 });
  const left = Number(end.kind === "exited" ? end.stdout : 0);
  await until("it is gone", () => !isAlive(left));
});

test("[C13] a command whose claim is lost already is never started", async () => {
  const file = join(folder, "ran");

  const end = await run(["touch", file], { signal: AbortSignal.abort() });

  expect(end.kind).toBe("stopped");
  expect(existsSync(file)).toBe(false);
});

test("[C10] the task's fields are in the command's environment", async () => {
  const end = await runScript("process.stdout.write(process.env.STIGMERGY_TASK_TITLE)", {
    env: { STIGMERGY_TASK_TITLE: "$x" },
  });

  expect(end).toMatchObject({ stdout: "$x" });
});
