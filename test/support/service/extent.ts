/** Whether the fault tests run in their full form (`npm run test:faults`); otherwise they run in a short form. */
export const isFullForm = process.env.REDRESS_TEST_FAULTS === 'full';

/** Returns the number of repetitions for the form in which this run is. */
export const shortOrFull = (inShortForm: number, inFullForm: number): number => (isFullForm ? inFullForm : inShortForm);

/** The seed of all random tests of a run. jest.config.cjs chooses it, unless REDRESS_TEST_SEED repeats an earlier run. */
export const seed = Number(process.env.REDRESS_TEST_SEED);
