/** One signal made of several. */

/**
 * Runs `act` with a signal that aborts as soon as one of `sources` does; afterwards nothing listens to them any more.
 *
 * `AbortSignal.any` is not used: it holds its sources weakly, so that an `AbortSignal.timeout` which a caller hands in and
 * forgets may be collected before its time, and the wait has no end (https://github.com/nodejs/node/issues/57736).
 */
export async function withFirstAbort<T>(
  sources: readonly (AbortSignal | undefined)[],
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const first = new AbortController();
  const over = new AbortController();
  for (const source of sources) {
    if (source?.aborted) first.abort(source.reason);
    source?.addEventListener("abort", () => first.abort(source.reason), { signal: over.signal });
  }
  try {
    return await act(first.signal);
  } finally {
    over.abort();
  }
}
