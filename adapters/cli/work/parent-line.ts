/** A worker's end of the pipe to the run that started it; the worker does not outlive the run. */
import { type FromWorker, LINE_VARIABLE, type Orders, type ToWorker } from "./message.ts";

/** The pipe to the run. */
export interface ParentLine {
  /** Aborts when the run says stop, or is gone. */
  readonly stopped: AbortSignal;
  /** What to do; null when the run is gone before it says. */
  readonly orders: Promise<Orders | null>;
  send(message: FromWorker): void;
  /** Hangs up, after all that was sent. */
  close(): Promise<void>;
}

/** Picks up the line; null where the process was not started by a run. */
export function openParentLine(): ParentLine | null {
  if (process.send === undefined || process.env[LINE_VARIABLE] === undefined) return null;
  delete process.env[LINE_VARIABLE]; // commands are no workers
  const controller = new AbortController();
  const underWay = new Set<Promise<void>>();
  let resolveOrders: (orders: Orders | null) => void = () => {};
  const orders = new Promise<Orders | null>((resolve) => {
    resolveOrders = resolve;
  });
  controller.signal.addEventListener("abort", () => resolveOrders(null));
  process.on("message", (message: ToWorker) => {
    if (message.kind === "start") resolveOrders(message);
    else controller.abort("the run said stop");
  });
  process.once("disconnect", () => controller.abort("the run is gone"));
  return {
    stopped: controller.signal,
    orders,
    send(message) {
      const sent = new Promise<void>((resolve) => {
        if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
        else resolve();
      });
      underWay.add(sent);
      void sent.then(() => underWay.delete(sent));
    },
    async close() {
      await Promise.all(underWay);
      if (process.connected) process.disconnect();
    },
  };
}
