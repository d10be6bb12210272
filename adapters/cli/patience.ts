/** A signal that aborts with another one, and after a time. */

/**
 * Aborts with `signal`, and after `timeoutMs` where that is given; the time does not keep the process alive.
 *
 * `AbortSignal.any` over `AbortSignal.timeout` is not used: nothing holds the inner one, and once it is collected as
 * rubbish the wait has no end (https://github.com/nodejs/node/issues/57736).
 */
export function patienceSignal(signal: AbortSignal, timeoutMs: number | undefined): AbortSignal {
  if (timeoutMs === undefined) return signal;
  const controller = new AbortController();
  setTimeout(() => controller.abort("timeout"), timeoutMs).unref();
  const onAbort = (): void => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { signal: controller.signal });
  return controller.signal;
}
