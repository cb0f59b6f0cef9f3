/** The median: one slow round does not affect it. NaN without values. */
export const median = (values) => percentile(values, 0.5);

/** Percentile by the nearest-rank method; `share` is 0 to 1. NaN without values. */
export function percentile(values, share) {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * Runs every measurement once per round, so that a change of the machine's load affects all of them.
 * Returns an object with an array of values per name, one value per round.
 */
export async function alternately(rounds, measurements) {
  const values = Object.fromEntries(Object.keys(measurements).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, measure] of Object.entries(measurements)) values[name].push(await measure(round));
  return values;
}

/** Median of the ratios `numerators[round] / denominators[round]`. Both sides of a ratio are of the same round. */
export const ratioOf = (numerators, denominators) =>
  median(numerators.map((numerator, round) => numerator / denominators[round]));

/** Runs `work` and returns its duration in seconds and its result. */
export async function timed(work) {
  const startTime = performance.now();
  const result = await work();
  return { seconds: (performance.now() - startTime) / 1000, result };
}

/**
 * Distribution-free confidence interval of the median (sign test), from the k-th smallest to the k-th largest value. Uses
 * the largest k for which the probability that the interval contains the median (`coverage`) is at least `confidence`.
 * With fewer than six values no interval reaches 95 %; then it is the whole range.
 */
export function medianInterval(values, confidence = 0.95) {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  let binomial = 1; // binomial coefficient (count over k)
  let tail = 2 ** -count; // probability that at most k of the values are below the median
  let rank = 0; // index of the lower end in `sorted`
  let coverage = 1 - 2 * tail;
  for (let k = 1; k < count / 2; k++) {
    binomial = (binomial * (count - k + 1)) / k;
    tail += binomial * 2 ** -count;
    if (1 - 2 * tail < confidence) break;
    rank = k;
    coverage = 1 - 2 * tail;
  }
  return { low: sorted[rank], high: sorted[count - 1 - rank], coverage };
}
