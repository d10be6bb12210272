/**
 * Prints Stryker's JSON report as the table of docs/verification.md, and fails below the score that we promise.
 *
 * Usage: node property-tests/mutation/table.js [report.json …]; of a file that is in several reports the last one counts.
 */
import { readFileSync } from "node:fs";

const LEAST_SCORE = 90;
const KILLED = new Set(["Killed", "Timeout"]);
/** A mutant that no test reaches has survived. */
const SURVIVED = new Set(["Survived", "NoCoverage"]);

const reports = process.argv.slice(2);
if (reports.length === 0)
  for (const part of ["core", "storage", "relay"]) reports.push(`.cache/mutation/${part}.json`);

const filesByName = Object.assign(
  {},
  ...reports.map((path) => JSON.parse(readFileSync(path, "utf8")).files),
);
const rows = Object.entries(filesByName)
  .map(([name, { mutants }]) => ({
    name,
    killed: mutants.filter(({ status }) => KILLED.has(status)).length,
    survived: mutants.filter(({ status }) => SURVIVED.has(status)).length,
  }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
const total = {
  killed: rows.reduce((sum, row) => sum + row.killed, 0),
  survived: rows.reduce((sum, row) => sum + row.survived, 0),
};

const score = ({ killed, survived }) => (100 * killed) / (killed + survived);
const line = (name, row) =>
  `| ${name} | ${row.killed + row.survived} | ${row.killed} | ${row.survived} | ${score(row).toFixed(1)} % |`;

const table = [
  "| file | mutants | killed | survived | score |",
  "| --- | ---: | ---: | ---: | ---: |",
  ...rows.map((row) => line(`\`${row.name}\``, row)),
  line("**all**", total),
];
process.stdout.write(`${table.join("\n")}\n`);

if (score(total) < LEAST_SCORE) {
  process.stderr.write(`The mutation score is below ${LEAST_SCORE} %.\n`);
  process.exitCode = 1;
}
