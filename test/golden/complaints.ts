import { isFile, isOfFile, linesOf, OUTCOMES, sentRequests, type FileOutcome, type SentOutcome } from './files.js';

/** A complaint of the golden store. */
export interface GoldenComplaint {
  /** The name in requests.ndjson; for a complaint of a file, the name of its row or line. */
  readonly name: string;
  readonly id: string;
  /** The name of the file that lodged the complaint; `single` for a single command. */
  readonly from: string;
}

/** The first answer to each request, in the order of requests.ndjson. */
export const outcomes = (): SentOutcome[] => linesOf<SentOutcome>(OUTCOMES);

/** All complaints, in the order in which they were lodged. */
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

/**
 * Name and id of the complaint of each result. The name is the key of a bulk line or the reference of a row; without
 * either, it is the line number.
 */
const lodgedIn = ({ file, results }: FileOutcome): (readonly [name: string, id: string | undefined])[] =>
  results.map(({ complaint, id, key, line, reference }) => [
    key ?? (file === 'register-without-ids.csv' ? `line ${String(line)}` : (reference ?? '')),
    complaint ?? id,
  ]);

/** The batches of the files. The name has the number of the file in the order of sending: `3 register.csv`. */
export const goldenBatches = (): { readonly name: string; readonly id: string }[] =>
  outcomes()
    .filter(isOfFile)
    .map(({ file, summary }, index) => ({ name: `${String(index + 1)} ${file}`, id: summary.batch ?? '' }));
