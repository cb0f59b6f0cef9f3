import { isFile, isOfFile, linesOf, OUTCOMES, sentRequests, type FileOutcome, type SentOutcome } from './files.js';

/** A complaint of the golden store, by the name that requests.ndjson gives it or by the row or line it came from. */
export interface GoldenComplaint {
  readonly name: string;
  readonly id: string;
  /** Where it came from: `single` commands, or the file. */
  readonly from: string;
}

export const outcomes = (): SentOutcome[] => linesOf<SentOutcome>(OUTCOMES);

/** All of them, in the order in which they were lodged. */
export function goldenComplaints(): GoldenComplaint[] {
  const found = new Map<string, GoldenComplaint>();
  const add = (name: string, id: unknown, from: string): void => {
    if (typeof id === 'string' && !found.has(id)) found.set(id, { name, id, from });
  };
  const sent = sentRequests();
  for (const [index, outcome] of outcomes().entries()) {
    const request = sent[index];
    if (request === undefined) break;
    if (isOfFile(outcome)) for (const [name, id] of lodgedIn(outcome)) add(name, id, outcome.file);
    else if (!isFile(request) && request.command === 'lodge') add(request.complaint, outcome.body.id, 'single');
  }
  return [...found.values()];
}

/** Names after the key of the lodging line, the reference of the row, or its line where the register has no reference. */
const lodgedIn = ({ file, results }: FileOutcome): (readonly [name: string, id: string | undefined])[] =>
  results.map(({ complaint, id, key, line, reference }) => [
    key ?? (file === 'register-without-ids.csv' ? `line ${String(line)}` : (reference ?? '')),
    complaint ?? id,
  ]);

/** The batches that the files were taken as, by the file and its turn: `3 register.csv`. */
export const goldenBatches = (): { readonly name: string; readonly id: string }[] =>
  outcomes()
    .filter(isOfFile)
    .map(({ file, summary }, index) => ({ name: `${String(index + 1)} ${file}`, id: summary.batch ?? '' }));
