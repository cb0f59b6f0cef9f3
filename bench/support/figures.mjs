/** The median, which one slow round does not change. */
export const median = (values) => percentile(values, 0.5);

/** Nearest rank. */
export function percentile(values, share) {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * Runs every contender once per round, so that a change of the machine's load affects all of them.
 * Answers the measured values of each by name.
 */
export async function alternately(rounds, contenders) {
  const values = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, measure] of Object.entries(contenders)) values[name].push(await measure(round));
  return values;
}

/** Median of the ratios of each round: both sides of a ratio were measured within the same seconds. */
export const ratioOf = (values, against) => median(values.map((value, round) => value / against[round]));

/** The duration of `work` in seconds, and its result. */
export async function timed(work) {
  const began = performance.now();
  const result = await work();
  return { seconds: (performance.now() - began) / 1000, result };
}

/** How often per second `work` runs sequentially, measured for the given milliseconds. */
export async function rate(milliseconds, work) {
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < milliseconds) count += await work();
  return count / ((performance.now() - began) / 1000);
}

/**
 * Distribution-free interval of the median (sign test): from the k-th smallest to the k-th largest value, with the
 * largest k that covers the median with at least `confidence`. Fewer than six values cannot reach 95 %: then the
 * interval is the whole range. `coverage` is the exact coverage.
 */
export function medianInterval(values, confidence = 0.95) {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  let ways = 1; // binomial coefficient (count over k)
  let tail = 2 ** -count; // chance that at most k of the values are below the median
  let rank = 0;
  let coverage = 1 - 2 * tail;
  for (let k = 1; k < count / 2; k++) {
    ways = (ways * (count - k + 1)) / k;
    tail += ways * 2 ** -count;
    if (1 - 2 * tail < confidence) break;
    rank = k;
    coverage = 1 - 2 * tail;
  }
  return { low: sorted[rank], high: sorted[count - 1 - rank], coverage };
}
