/*
 * Both functions define what they are given as usual if there is no reason to skip it. Otherwise it is skipped, and its
 * title ends with the reason, so that the summary of a run shows it.
 */

export const describeUnless =
  (reasonToSkip: string | undefined) =>
  (title: string, tests: () => void): void => {
    if (reasonToSkip === undefined) describe(title, tests);
    else describe.skip(titleWith(title, reasonToSkip), tests);
  };

export const testUnless =
  (reasonToSkip: string | undefined) =>
  (title: string, body: jest.ProvidesCallback, timeoutMs?: number): void => {
    if (reasonToSkip === undefined) test(title, body, timeoutMs);
    else test.skip(titleWith(title, reasonToSkip), body);
  };

const titleWith = (title: string, reasonToSkip: string): string => `${title} (skipped: ${reasonToSkip})`;
