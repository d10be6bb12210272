/** How long does it take to fold one busy task anew, as every record about it makes necessary? */
import { foldTask } from "../lib/core/fold.ts";
import { compareEntries, formatRef, type LogEntry } from "../lib/core/record.ts";
import { earliest } from "../lib/core/rule.ts";
import { type LogBook, openLogBook, TASK } from "../property-tests/kit/log-book.ts";
import { type Figure, median, percentile } from "./measure.ts";

const RECORDS = 50;
const TARGET_US = 50;
/** Folds that are timed together: one alone is too short for the clock. */
const BATCH = 100;
const BATCHES = 1000;

const SKILLS: readonly string[] = ["ts", "review"];
const NAMES = ["ann", "ben", "cat", "dan", "eve", "fay", "gus"];
const capabilities = Object.fromEntries(NAMES.map((name) => [name, SKILLS]));

/** Microseconds for a task of 50 records of every kind, and of a plain one of four beside it. */
export async function benchRefold(): Promise<readonly Figure[]> {
  const busy = busyTask();
  if (busy.length !== RECORDS) throw new Error(`the busy task has ${busy.length} records`);
  // both are warmed up before either is timed, so that the engine knows both
  const rounds = [busy, plainTask(), busy, plainTask()].map(foldTimes);
  const [times = [], plain = []] = rounds.slice(2);
  return [
    {
      what: `re-folding one task of ${RECORDS} records`,
      target: `<= ${TARGET_US} us`,
      measured: `${median(times).toFixed(1)} us, ${percentile(times, 99).toFixed(1)} us p99 of ${BATCH} together; of 4 records ${median(plain).toFixed(1)} us`,
      isMet: median(times) <= TARGET_US,
    },
  ];
}

/** Microseconds per fold, batch by batch; the first half only warms the engine up. */
function foldTimes(entries: readonly LogEntry[]): readonly number[] {
  const context = { rule: earliest, capabilitiesOf: () => SKILLS };
  const times: number[] = [];
  for (let batch = 0; batch < 2 * BATCHES; batch++) {
    const start = performance.now();
    for (let i = 0; i < BATCH; i++) foldTask(TASK, entries, context);
    times.push(((performance.now() - start) * 1000) / BATCH);
  }
  return times.slice(BATCHES);
}

/** Added, claimed, confirmed, completed. */
function plainTask(): readonly LogEntry[] {
  const book = openLogBook();
  book.add("ann");
  book.complete(book.hold("ben"), "done");
  return book.entries;
}

/** A settled task that takes five attempts: failed, handed over, sent back, expired, and approved by two. */
function busyTask(): readonly LogEntry[] {
  const book = openLogBook({ capabilities });
  const version = formatRef(
    book.add("ann", {
      guarantee: "settled",
      requires: ["ts"],
      review: { by: { capability: "review" }, approvals: 2 },
      maxAttempts: 5,
      retry: { delayMs: 1000 },
    }),
  );
  const asked = { guarantee: "settled", version } as const;
  book.edit("ann", { body: "at length" });
  writeNotes(book, "ann", 2);

  const first = book.claim("ben", asked);
  const rival = book.claim("cat", asked);
  book.yield(rival);
  book.confirm(first);
  writeNotes(book, "ben", 2);
  book.answer("ann", book.ask(first));
  book.failForNow(first);
  book.write("gus", { kind: "waited", attempt: 2 });

  const second = book.hold("cat", { ...asked, attempt: 2 });
  writeNotes(book, "cat", 2);
  const declined = book.offer(second, "ben");
  book.decline("ben", declined, "no time");
  book.withdraw(second, declined);
  const third = book.accept("dan", book.offer(second, { capability: "ts" }), asked);
  book.confirm(third);
  writeNotes(book, "dan", 2);
  const question = book.ask(third, { agent: "ann" });
  book.answer("ann", question);
  book.answer("ann", question, "or rather that one");
  book.sendBack("fay", book.complete(third, "short"));

  const fourth = book.hold("ben", { ...asked, attempt: 4 });
  book.expire("gus", fourth);
  book.release(fourth, "cut off from the others for a whole lease");

  const fifth = book.claim("eve", { ...asked, attempt: 5, inputs: [version] });
  book.yield(book.claim("cat", { ...asked, attempt: 5 }));
  book.confirm(fifth);
  writeNotes(book, "eve", 4);
  book.edit("ann", { title: "a better title" });
  const result = book.complete(fifth, "long");
  book.approve("fay", result);
  book.approve("gus", result);
  book.complete(fourth, "late");
  book.write("cat", { kind: "queued" });
  writeNotes(book, "ann", 1);
  return [...book.entries].sort(compareEntries);
}

function writeNotes(book: LogBook, agent: string, count: number): void {
  for (let i = 0; i < count; i++) book.note(agent, `what ${agent} has found out, part ${i}`);
}
