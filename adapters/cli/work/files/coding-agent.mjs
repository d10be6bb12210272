/** A stand-in that behaves like a coding agent: reads its brief, takes notes, writes files in its folder, and ends as told. */
import { strict as assert } from "node:assert";
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { print: { type: "string", short: "p" }, folder: { type: "string" } },
});
const [mode] = positionals;
const brief = values.print ?? "";
const { STIGMERGY_DIR, STIGMERGY_TASK_ATTEMPT, STIGMERGY_TASK_TITLE } = process.env;
if (values.folder !== undefined) process.chdir(values.folder);

const leave = (name, value) => writeFileSync(join(STIGMERGY_DIR, name), JSON.stringify(value));
const note = (kind, text) =>
  appendFileSync(join(STIGMERGY_DIR, "notes.jsonl"), `${JSON.stringify({ kind, text })}\n`);

/** Tells the test where it works, and goes on once the test has put the file there. */
const comesWith = async (file) => {
  const waiting = new Promise((resolve) => {
    const watcher = watch(".", () => existsSync(file) && resolve(watcher.close()));
  });
  writeFileSync("at-work.tmp", `${process.ppid} ${process.pid} ${STIGMERGY_DIR}`);
  renameSync("at-work.tmp", "at-work"); // whole or not at all
  if (!existsSync(file)) await waiting;
};

const packet = {
  summary: "half of it is written",
  decisions: ["Use tabs"],
  questions: [],
  deadEnds: [{ tried: "spaces", why: "the linter refuses" }],
  artifacts: [{ name: "draft", mediaType: "text/plain", uri: "file:draft.txt" }],
};

const modes = {
  async works() {
    note("decision", "Use tabs");
    await comesWith("go");
    appendFileSync(join(STIGMERGY_DIR, "notes.jsonl"), "nearly done"); // its line never ends
    writeFileSync("draft.txt", "tabs");
    process.stdout.write("talk that is no result");
    leave("result.json", { files: ["draft.txt"] });
  },
  fails() {
    note("dead-end", "Spaces do not work");
    leave("result.json", "of no interest");
    process.stderr.write("out of ideas");
    process.exitCode = 3;
  },
  "hands-on"() {
    note("finding", "Too large for one");
    leave("handoff.json", packet);
    process.exitCode = 1;
  },
  async hangs() {
    note("finding", "The first half is easy");
    await comesWith("never");
  },
  async "is-told-to-stop"() {
    process.on("SIGTERM", () => {
      leave("handoff.json", packet);
      process.exit(0);
    });
    await comesWith("never");
  },
  "is-killed"() {
    note("finding", "The first half is easy");
    process.kill(process.pid, "SIGKILL");
  },
  async "dies-at-first"() {
    if (STIGMERGY_TASK_ATTEMPT === "1") return modes.hangs();
    assert.match(brief, /^- finding by `first~[^`]+`.*\n> {5}The first half is easy$/mu);
    leave("result.json", "the second half is easy too");
  },
};

assert.ok(brief.includes(`\n>     ${STIGMERGY_TASK_TITLE}\n`), "the brief holds the title");
assert.match(brief, /^> {5}Mind the linter$/mu, "the brief holds the note from before");
assert.equal(brief, readFileSync(join(STIGMERGY_DIR, "brief.md"), "utf8"));
const task = JSON.parse(readFileSync(join(STIGMERGY_DIR, "task.json"), "utf8"));
assert.equal(task.title, STIGMERGY_TASK_TITLE);
assert.equal(String(task.attempt), STIGMERGY_TASK_ATTEMPT);
await modes[mode]();
