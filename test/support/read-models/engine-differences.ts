/** Known differences between a stand-in server of the tests and the engine it replaces; each value is the reason. */
export interface EngineDifferences {
  /** Text beyond U+FFFF is not ordered by its UTF-8 bytes. */
  readonly textBeyondBmp?: string;
  /** A group whose id is an array is not a separate group. */
  readonly arrayGroups?: string;
}

/** `test`; with a reason, `test.skip` with the reason in the name. */
export const testUnless = (reason: string | undefined) => (what: string, body: () => Promise<void>) => {
  if (reason === undefined) test(what, body);
  else test.skip(`${what} (${reason})`, body);
};
