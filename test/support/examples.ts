import fc from 'fast-check';
import { seed } from './service/extent.js';

/** REDRESS_TEST_EXAMPLES=20 runs each property on twenty times as many examples. */
const factor = Number(process.env.REDRESS_TEST_EXAMPLES ?? 1);

/**
 * The parameters of every `fc.assert`: the number of examples, and the seed of this test run.
 * @param count number of examples without REDRESS_TEST_EXAMPLES
 * @param run number of the run, if a property has several; each has its own seed
 */
export const examples = (count = 100, run = 0): { readonly numRuns: number; readonly seed: number } => ({
  numRuns: Math.ceil(count * factor),
  seed: seed + run,
});

/** Number of runs of {@link assertConcurrently}, below the number of bulk requests that a credential may send at a time. */
const CONCURRENT_RUNS = 8;

/**
 * Checks a property on `count` examples in several runs at the same time, each with its own seed. Requests that wait for
 * the disk at the same time share a commit, so that many examples take much less time than one after the other.
 */
export async function assertConcurrently<T>(property: fc.IAsyncProperty<T>, count: number): Promise<void> {
  const runs = await Promise.allSettled(
    Array.from({ length: CONCURRENT_RUNS }, (_, run) => fc.assert(property, examples(count / CONCURRENT_RUNS, run))),
  );
  for (const run of runs) if (run.status === 'rejected') throw run.reason;
}
