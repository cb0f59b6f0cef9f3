/** How much the fault tests do: the short form on every change, the full one by `npm run test:faults`. */
export const full = process.env.REDRESS_TEST_FAULTS === 'full';

/** Number of runs in this form. */
export const runs = (short: number, many: number): number => (full ? many : short);

/** REDRESS_TEST_SEED repeats the chance of an earlier run; failures name theirs. */
export const seed = Number(process.env.REDRESS_TEST_SEED ?? Date.now() % 1_000_000);
