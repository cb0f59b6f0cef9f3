/** What a server that stands in for an engine in the tests answers otherwise than that engine, each with the reason. */
export interface Unlike {
  /** Text beyond U+FFFF is not ordered by its UTF-8 bytes. */
  readonly textBeyondBmp?: string;
  /** A group whose id is an array is not a group of its own. */
  readonly arrayGroups?: string;
}

/** `test`, or a skipped one that names the reason. */
export const unless = (reason: string | undefined) => (what: string, body: () => Promise<void>) => {
  if (reason === undefined) test(what, body);
  else test.skip(`${what} (${reason})`, body);
};
