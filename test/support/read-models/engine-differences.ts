/**
 * Known differences between a stand-in server and the engine that it replaces. Each value is a reason to skip the tests
 * that fail because of the difference.
 */
export interface EngineDifferences {
  /** Text beyond U+FFFF is not ordered by its UTF-8 bytes. */
  readonly textBeyondBmp?: string;
  /** Documents whose group id is an array are not put into a separate group. */
  readonly arrayGroups?: string;
}

/** Defines a test. If there is a reason to skip it, the test is skipped and its title ends with the reason. */
export const testUnless = (reasonToSkip: string | undefined) => (title: string, body: () => Promise<void>) => {
  if (reasonToSkip === undefined) test(title, body);
  else test.skip(`${title} (${reasonToSkip})`, body);
};
