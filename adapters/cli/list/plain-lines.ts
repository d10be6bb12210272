/** Reads plain lines: each that is not blank is the title of a task. */
import { createKeyMaker, type ListReading } from "./listed-task.ts";

/** Reads plain lines. */
export function readPlainLines(lines: readonly string[]): ListReading {
  const keyOf = createKeyMaker();
  const tasks = lines.flatMap((text, i) => {
    const title = text.trim();
    return title === ""
      ? []
      : [{ line: i + 1, key: keyOf([title]), title, needs: [], requires: [] }];
  });
  return { tasks, problems: [] };
}
