/** The middle value: one slow round on a busy machine does not show. */
export const median = (values) => percentile(values, 0.5);

/** Nearest rank. */
export function percentile(values, share) {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * Runs every contender once a round, round after round, so that a change in the machine's load meets all of them.
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

/** Seconds that the work took, and what it answered. */
export async function timed(work) {
  const began = performance.now();
  const result = await work();
  return { seconds: (performance.now() - began) / 1000, result };
}

/** Times a second that the work can be done, one after the other, tried for so many milliseconds. */
export async function rate(milliseconds, work) {
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < milliseconds) count += await work();
  return count / ((performance.now() - began) / 1000);
}
