/** How often, and from which seed, the laws are tried: fixed every day, fresh in the long run. */

/** Parameters of one law for fast-check; `PROPERTY_RUNS` and `PROPERTY_SEED` override them. */
export function runs(usual: number): { readonly numRuns: number; readonly seed: number } {
  const { PROPERTY_RUNS, PROPERTY_SEED } = process.env;
  return { numRuns: Number(PROPERTY_RUNS ?? usual), seed: Number(PROPERTY_SEED ?? 20_260_101) };
}

/** How long one law may take: generous, for a machine that is busy with other things. */
export const LAW_TIMEOUT_MS = 120_000;
