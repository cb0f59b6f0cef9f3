import { seed } from './service/extent.js';

/** REDRESS_TEST_EXAMPLES=20 tries twenty times as many examples as usual. */
const factor = Number(process.env.REDRESS_TEST_EXAMPLES ?? 1);

/** How many examples a property is tried with, drawn from the seed of this run: the parameters of every `fc.assert`. */
export const examples = (count = 100): { readonly numRuns: number; readonly seed: number } => ({
  numRuns: Math.ceil(count * factor),
  seed,
});
