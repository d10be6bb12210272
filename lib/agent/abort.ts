/** One signal made of several. */

/** What is waited for now. */
const held = new Set<readonly AbortSignal[]>();

/**
 * Runs `act` with a signal that aborts as soon as one of `sources` does.
 *
 * All of them are held until then: `AbortSignal.any` itself holds its sources weakly, so that an `AbortSignal.timeout` which
 * a caller hands in and forgets may be collected before its time, and the wait has no end
 * (https://github.com/nodejs/node/issues/57736). Listeners of ours would hold them too, but of many agents that share one
 * signal Node would warn as of a leak.
 */
export async function withFirstAbort<T>(
  sources: readonly (AbortSignal | undefined)[],
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const given = sources.filter((source) => source !== undefined);
  const first = AbortSignal.any(given);
  const all = [first, ...given];
  held.add(all);
  try {
    return await act(first);
  } finally {
    held.delete(all);
  }
}
