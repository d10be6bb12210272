/** A lock among all pages and workers of one origin; the browser takes it back from a page that is gone. */
import { databaseFailed } from "./database-fault.ts";

/** A page that is being left or reloaded gives its locks back a moment later. */
const PATIENCE_MS = 1000;

/** A lock that is held. */
export interface WebLock {
  /** Gives the lock back; idempotent. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a database.
 *
 * @throws CoordinationError `STORAGE_FAILED` when another page, or this one, has the database open
 */
export function acquireWebLock(database: string): Promise<WebLock> {
  const { locks } = navigator as { locks?: LockManager }; // absent where the context is not secure
  if (locks === undefined) {
    const what = "cannot be guarded on this page; serve it by https, or from localhost";
    return Promise.reject(databaseFailed(database, what));
  }
  return new Promise((resolve, reject) => {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const hold = (): Promise<void> =>
      new Promise((end) => {
        resolve({
          release() {
            end();
            return ended;
          },
        });
      });
    const ended: Promise<void> = locks.request(database, { signal: patience }, hold);
    ended.catch((error: unknown) => {
      const held = "is held by another page, or by this one; close the board there";
      const what = patience.aborted ? held : "could not be guarded";
      reject(databaseFailed(database, what, patience.aborted ? undefined : error));
    });
  });
}
