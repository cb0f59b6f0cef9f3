/* Mutants that no test can notice, each with the reason. A mutant is named by its kind, file and the start of its text. */

/** @type {readonly { kind: string, file: string, text: string, reason: string }[]} */
const EXPLAINED = [];

/** Why no test can notice the mutant; undefined if a test should. */
export const explanationOf = (mutant) =>
  EXPLAINED.find(({ kind, file, text }) => kind === mutant.kind && file === mutant.file && mutant.text.startsWith(text))
    ?.reason;
