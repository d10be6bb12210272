/**
 * The long fuzz of the relay's admission: a million updates from a fresh seed, in chunks. It prints the seed and what came up;
 * the first find is saved with what the board held, and ends it.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Find, fuzz } from "../relay-fuzz/fuzz.ts";

const CHUNK = 10_000;
const CHUNKS_PER_LINE = 5;

const { values } = parseArgs({
  options: { runs: { type: "string", default: "1000000" }, seed: { type: "string" } },
});
const runs = Number(values.runs);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const outcomes = new Map<string, number>();
const startedAt = process.cpuUsage();
let [done, slowestMs, largestJumpBytes] = [0, 0, 0];
let find: Find | null = null;
console.log(`${runs} updates, seed ${seed}`);
for (let chunk = 0; done < runs && find === null; chunk++) {
  const report = fuzz({ seed: (seed + chunk) % 2 ** 31, runs: Math.min(CHUNK, runs - done) });
  done += report.runs;
  find = report.find;
  slowestMs = Math.max(slowestMs, report.slowestMs);
  largestJumpBytes = Math.max(largestJumpBytes, report.largestJumpBytes);
  for (const [name, count] of Object.entries(report.outcomes))
    outcomes.set(name, (outcomes.get(name) ?? 0) + count);
  if (chunk % CHUNKS_PER_LINE === CHUNKS_PER_LINE - 1) console.log(`${done} updates`);
}
const { user, system } = process.cpuUsage(startedAt);
console.log(
  `${done} updates in ${((user + system) / 1e6).toFixed(0)} s of processor time; the slowest took ${slowestMs.toFixed(1)} ms, the largest ${(largestJumpBytes / 1e6).toFixed(2)} MB`,
);
for (const [name, count] of outcomes) console.log(`  ${name}: ${count}`);
if (find !== null) {
  const { state, update, ...rest } = find;
  const [stateHex, updateHex] = [state, update].map((bytes) => Buffer.from(bytes).toString("hex"));
  const file = `fuzz-find-${seed}.json`;
  writeFileSync(file, JSON.stringify({ ...rest, seed, stateHex, updateHex }, null, 2));
  console.log(`FOUND: ${find.flaw} (${find.way}, ${updateHex}); saved in ${file}`);
  process.exitCode = 1;
}
