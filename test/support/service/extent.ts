/** How much the fault tests do: the short form on every change, the full one by `npm run test:faults`. */
export const full = process.env.REDRESS_TEST_FAULTS === 'full';

/** Number of runs in this form. */
export const runs = (short: number, many: number): number => (full ? many : short);

/** One seed for all random tests of a run: jest.config.cjs draws it, and REDRESS_TEST_SEED repeats an earlier run. */
export const seed = Number(process.env.REDRESS_TEST_SEED);
