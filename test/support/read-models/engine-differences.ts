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
