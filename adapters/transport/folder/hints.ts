/** Hints that a file has changed, from the system's watch on a folder: often at once, sometimes never. */
import { type FSWatcher, watch } from "node:fs";

/** The watch on one folder. */
export interface FolderHints {
  /** Starts the watch unless it is on. Where it cannot be, polling must do. */
  start(): void;
  /** Ends the watch; it can be started again. */
  stop(): void;
}

/** Makes the watch on a folder, not yet started; `onHint` gets the name of the file, where the system tells it. */
export function createFolderHints(directory: string, onHint: (name?: string) => void): FolderHints {
  let watcher: FSWatcher | undefined;
  const stop = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  return {
    start() {
      if (watcher !== undefined) {
        return;
      }
      try {
        watcher = watch(directory, { persistent: false }, (_event, name) =>
          onHint(name ?? undefined),
        );
        watcher.on("error", stop);
      } catch {
        // No watch to be had, for lack of handles or of a system that has them: hints are optional.
      }
    },
    stop,
  };
}
