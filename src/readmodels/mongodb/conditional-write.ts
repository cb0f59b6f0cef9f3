import {
  MongoBulkWriteError,
  MongoInvalidArgumentError,
  type AnyBulkWriteOperation,
  type Collection,
  type WriteError,
} from 'mongodb';
import type { ConditionalWrite, IndexSpec } from '../read-models.js';
import { duplicateOf, MAX_DOCUMENT_BYTES, rejectionOf, type Rejection } from '../write-checks.js';
import { DUPLICATE_KEY } from './catalogue.js';
import { sizeOf, toStored, type StoredDocument } from './stored-document.js';

export interface Written {
  /** Ids whose documents are not what was loaded. */
  readonly conflicts: readonly string[];
  /** By id. */
  readonly rejected: ReadonlyMap<string, Rejection>;
}

/** `stored` is undefined for a document that was rejected before it was sent. */
type Write = Pick<ConditionalWrite, 'id' | 'loaded'> & {
  readonly position: string;
  readonly stored: StoredDocument | undefined;
};
type Sendable = Write & { readonly stored: StoredDocument };

/**
 * Writes each document if its condition holds, all in one bulk. A document that is already at its new position counts
 * as written: a batch may be sent again after a crash or a lost response, and by two sessions at once. Throws errors of
 * the server that are neither a failed condition nor a rejection.
 */
export async function writeDocuments(
  documents: Collection<StoredDocument>,
  indexes: readonly IndexSpec[],
  writes: readonly ConditionalWrite[],
): Promise<Written> {
  const rejected = new Map<string, Rejection>();
  const all = writes.map((write) => prepared(write, indexes, rejected));
  let left = all.filter(isSendable);
  for (let attempt = 1; ; attempt += 1) {
    const sent = await bulk(documents, left, rejected);
    if (sent.written === all.length) return { conflicts: [], rejected };
    const { conflicts, possible } = await writeOutcomes(documents, all);
    const open = possible.filter(isSendable).filter(({ id }) => !rejected.has(id));
    // succeeds at a retry: another document has freed its unique values, or its insert met the same insert
    const goesOn = open.length > 0 && (attempt === 1 || open.length < left.length);
    left = open;
    if (goesOn) continue;
    for (const { id } of open) {
      const duplicate = sent.duplicates.get(id);
      if (duplicate === undefined) throw sent.error ?? new Error(`the document ${id} was not written`);
      rejected.set(id, duplicate);
    }
    return { conflicts, rejected };
  }
}

function prepared(
  { id, loaded, document }: ConditionalWrite,
  indexes: readonly IndexSpec[],
  rejected: Map<string, Rejection>,
): Write {
  let stored: StoredDocument | undefined;
  const rejection = rejectionOf(document, JSON.stringify(document), indexes, () =>
    sizeOf((stored = toStored(document))),
  );
  if (rejection !== undefined) rejected.set(id, rejection);
  return { id, loaded, position: document._position, stored: rejection === undefined ? stored : undefined };
}

const isSendable = (write: Write): write is Sendable => write.stored !== undefined;

interface Sent {
  /** Number of documents known to be written. */
  readonly written: number;
  /** Documents whose unique values another document holds, by id. */
  readonly duplicates: ReadonlyMap<string, Rejection>;
  readonly error?: Error;
}

/** One unordered bulk: a conflict does not stop the other writes. Adds documents that are too large to `rejected`. */
async function bulk(
  documents: Collection<StoredDocument>,
  writes: readonly Sendable[],
  rejected: Map<string, Rejection>,
): Promise<Sent> {
  if (writes.length === 0) return { written: 0, duplicates: new Map() };
  try {
    const result = await documents.bulkWrite(writes.map(operation), { ordered: false });
    return { written: result.insertedCount + result.matchedCount, duplicates: new Map() };
  } catch (error) {
    if (error instanceof MongoInvalidArgumentError && error.message.includes('maximum size')) {
      // the driver sends nothing when the server has a lower limit than MongoDB: retry without the largest
      const largest = writes.reduce((a, b) => (sizeOf(b.stored) > sizeOf(a.stored) ? b : a));
      rejected.set(largest.id, tooLarge(largest));
      const others = writes.filter((write) => write !== largest);
      return bulk(documents, others, rejected);
    }
    if (!(error instanceof MongoBulkWriteError)) throw error;
    return classifyErrors(error, writes, rejected);
  }
}

/** Separates conflicts, duplicates and oversized documents from every other error, which it throws. */
function classifyErrors(
  error: MongoBulkWriteError,
  writes: readonly Sendable[],
  rejected: Map<string, Rejection>,
): Sent {
  const { result } = error;
  // its code is that of the first error; without one, writes may be missing for another reason
  if (error.code === undefined || result.getWriteConcernError() !== undefined) throw error;
  const duplicates = new Map<string, Rejection>();
  for (const one of result.getWriteErrors()) {
    const write = writes[one.index];
    if (write === undefined || !(isTooLarge(one) || one.code === DUPLICATE_KEY)) throw error;
    if (isTooLarge(one)) rejected.set(write.id, tooLarge(write));
    else if (indexOf(one) !== '_id_') duplicates.set(write.id, duplicateOf(indexOf(one)));
  }
  return { written: result.insertedCount + result.matchedCount, duplicates, error };
}

/** BSONObjectTooLarge, and the error of an update whose result is too large. */
const TOO_LARGE: readonly unknown[] = [10334, 17419, 17420];
const isTooLarge = ({ code }: WriteError): boolean => TOO_LARGE.includes(code);

const tooLarge = ({ stored }: Sendable): Rejection => ({
  reason: 'too_large',
  message: `${String(sizeOf(stored))} bytes, more than this server stores (usually ${String(MAX_DOCUMENT_BYTES)})`,
});

/** `E11000 duplicate key error collection: … index: … dup key: …` */
const indexOf = ({ errmsg }: WriteError): string => /index: (.+?) dup key/.exec(errmsg ?? '')?.[1] ?? '';

function operation({ id, loaded, stored }: Sendable): AnyBulkWriteOperation<StoredDocument> {
  if (loaded === null) return { insertOne: { document: stored } };
  const { _id, ...replacement } = stored;
  return { replaceOne: { filter: { _id: id, _position: loaded }, replacement } };
}

/** Determines the result of writes from the stored positions. */
async function writeOutcomes(
  documents: Collection<StoredDocument>,
  writes: readonly Write[],
): Promise<{ readonly conflicts: string[]; readonly possible: Write[] }> {
  const found = await inParts(
    writes.map(({ id }) => id),
    (some) => documents.find({ _id: { $in: [...some] } }, { projection: { _position: 1 } }).toArray(),
  );
  const positions = new Map(found.map(({ _id, _position }) => [_id, _position]));
  const conflicts: string[] = [];
  const possible: Write[] = [];
  for (const write of writes) {
    const position = positions.get(write.id) ?? null;
    if (position === write.position) continue;
    if (position === write.loaded) possible.push(write);
    else conflicts.push(write.id);
  }
  return { conflicts, possible };
}

/** Queries many ids in parts, so that no message is too large. */
export async function inParts<T>(ids: readonly string[], ask: (some: readonly string[]) => Promise<T[]>): Promise<T[]> {
  const answers: T[] = [];
  for (let from = 0; from < ids.length; from += 5_000) answers.push(...(await ask(ids.slice(from, from + 5_000))));
  return answers;
}
