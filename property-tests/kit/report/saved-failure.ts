/** Failures as files: written for people, one step a line, and read back without any trust. It needs no Node. */
import { fail, objectAt } from "./json-shape.ts";
import { LAWS_FORMAT, readLaws, type SavedLaws } from "./saved-laws.ts";
import { readSchedule, type SavedSchedule, SCHEDULE_FORMAT } from "./saved-schedule.ts";

/** What a file of a failure holds. */
export type SavedFailure = SavedSchedule | SavedLaws;

/** The longest file that is read, in characters. */
const MOST_CHARACTERS = 4_000_000;

/** Writes a failure as JSON with one step, or one broken law, a line. */
export function formatSaved(saved: SavedFailure): string {
  const parts = Object.entries(saved).map(([name, value]) => {
    if (!Array.isArray(value) || value.length === 0) return `  "${name}": ${JSON.stringify(value)}`;
    const lines = value.map((one) => `    ${JSON.stringify(one)}`);
    return `  "${name}": [\n${lines.join(",\n")}\n  ]`;
  });
  return `{\n${parts.join(",\n")}\n}\n`;
}

/**
 * Reads a failure back.
 *
 * @throws TypeError that names what is wrong and where
 */
export function readSaved(source: string): SavedFailure {
  if (source.length > MOST_CHARACTERS)
    fail("", `has ${source.length} characters`, `it should have at most ${MOST_CHARACTERS}`);
  const value = parse(source);
  const { format } = objectAt(value, "");
  if (format === SCHEDULE_FORMAT) return readSchedule(value);
  if (format === LAWS_FORMAT) return readLaws(value);
  return fail(
    "format",
    "names no failure",
    `it should be "${SCHEDULE_FORMAT}" or "${LAWS_FORMAT}"`,
  );
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    return fail("", `is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
