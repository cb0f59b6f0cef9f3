import { seed } from './service/extent.js';

/** REDRESS_TEST_EXAMPLES=20 runs each property on twenty times as many examples. */
const factor = Number(process.env.REDRESS_TEST_EXAMPLES ?? 1);

/**
 * The parameters of every `fc.assert`: the number of examples, and the seed of this test run.
 * @param count number of examples without REDRESS_TEST_EXAMPLES
 */
export const examples = (count = 100): { readonly numRuns: number; readonly seed: number } => ({
  numRuns: Math.ceil(count * factor),
  seed,
});
