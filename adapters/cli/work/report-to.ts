/** Reports to the run that started this worker what its one agent does, with the times that only the worker knows. */
import type { Board } from "../../../lib/index.ts";
import { wallMs } from "./message.ts";
import { observeOwnRecords } from "./own-records.ts";
import type { ParentLine } from "./parent-line.ts";
import type { ShiftListener } from "./shift.ts";

/** Makes a listener that sends everything up the line. */
export function reportTo(line: ParentLine, board: Board): ShiftListener {
  const askedAtMs = new Map<string, number>();
  observeOwnRecords(board, ({ kind, task }) => {
    if (kind === "claimed") askedAtMs.set(task, performance.now());
    if (kind === "completed") line.send({ kind: "completed", task, atMs: wallMs() });
  });
  return {
    joined: ({ id, name }) => line.send({ kind: "joined", agent: id, name }),
    asked(_agent, outcome) {
      if (!outcome.ok) {
        if (outcome.reason === "lost" || outcome.reason === "expired")
          line.send({ kind: "lost", task: null });
        return;
      }
      const { id } = outcome.claim.task;
      const waitedMs = performance.now() - (askedAtMs.get(id) ?? performance.now());
      askedAtMs.delete(id);
      line.send({ kind: "claimed", task: id, waitedMs });
    },
    started: (_agent, { task, attempt }, pid) =>
      line.send({ kind: "started", task: task.id, attempt, pid }),
    ended(_agent, { task, attempt }, pid, how) {
      line.send({ kind: "ended", task: task.id, attempt, pid });
      if (how === "lost") line.send({ kind: "lost", task: task.id });
      line.send({ kind: "traffic", bytesSent: board.bytesSent });
    },
  };
}
