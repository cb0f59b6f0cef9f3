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

export interface WriteOutcome {
  /** Ids for which the stored document is neither the loaded nor the new one. */
  readonly conflicts: readonly string[];
  /** The rejected documents, by id. */
  readonly rejected: ReadonlyMap<string, Rejection>;
}

/** `stored` is undefined for a document that was rejected before it was sent. */
type Write = Pick<ConditionalWrite, 'id' | 'loaded'> & {
  readonly position: string;
  readonly stored: StoredDocument | undefined;
};
type Sendable = Write & { readonly stored: StoredDocument };

/**
 * Writes each document if the stored one is the loaded one, all in one bulk write. A document that has its new position
 * already counts as written: a batch may be sent again after a crash or a lost response, or by two sessions at the same
 * time. Throws every error of the server that is neither a conflict nor a rejection.
 */
export async function writeDocuments(
  documents: Collection<StoredDocument>,
  indexes: readonly IndexSpec[],
  writes: readonly ConditionalWrite[],
): Promise<WriteOutcome> {
  const rejected = new Map<string, Rejection>();
  const all = writes.map((write) => prepare(write, indexes, rejected));
  let remaining = all.filter(isSendable);
  for (let attempt = 1; ; attempt += 1) {
    const sent = await sendBulk(documents, remaining, rejected);
    if (sent.written === all.length) return { conflicts: [], rejected };
    const { conflicts, unwritten } = await compareWithStored(documents, all);
    const retryable = unwritten.filter(isSendable).filter(({ id }) => !rejected.has(id));
    // a retry may succeed if another write has freed the unique values, or the same document was inserted concurrently:
    // retries once, and then as long as each attempt writes at least one document
    const willRetry = retryable.length > 0 && (attempt === 1 || retryable.length < remaining.length);
    remaining = retryable;
    if (willRetry) continue;
    for (const { id } of retryable) {
      const duplicate = sent.duplicates.get(id);
      if (duplicate === undefined) throw sent.error ?? new Error(`the document ${id} was not written`);
      rejected.set(id, duplicate);
    }
    return { conflicts, rejected };
  }
}

/** Converts a document for the server. Adds it to `rejected` if every adapter rejects it. */
function prepare(
  { id, loaded, document }: ConditionalWrite,
  indexes: readonly IndexSpec[],
  rejected: Map<string, Rejection>,
): Write {
  let stored: StoredDocument | undefined;
  // converts the document only when its size is needed: not if its text is rejected
  const rejection = rejectionOf(document, JSON.stringify(document), indexes, () =>
    sizeOf((stored = toStored(document))),
  );
  if (rejection !== undefined) rejected.set(id, rejection);
  return { id, loaded, position: document._position, stored: rejection === undefined ? stored : undefined };
}

const isSendable = (write: Write): write is Sendable => write.stored !== undefined;

interface BulkResult {
  /** Number of documents that the server reports as written. */
  readonly written: number;
  /** Documents with values that another document has in a unique index, by id. */
  readonly duplicates: ReadonlyMap<string, Rejection>;
  /** The error of the driver, if a write failed. */
  readonly error?: Error;
}

/**
 * Sends the writes unordered, so that a failed one does not stop the others. Adds documents that are too large to
 * `rejected`.
 */
async function sendBulk(
  documents: Collection<StoredDocument>,
  writes: readonly Sendable[],
  rejected: Map<string, Rejection>,
): Promise<BulkResult> {
  if (writes.length === 0) return { written: 0, duplicates: new Map() };
  try {
    const result = await documents.bulkWrite(writes.map(operation), { ordered: false });
    return { written: result.insertedCount + result.matchedCount, duplicates: new Map() };
  } catch (error) {
    if (error instanceof MongoInvalidArgumentError && error.message.includes('maximum size')) {
      // the size limit of this server is lower, and the driver has sent nothing: try without the largest document
      const largest = writes.reduce((a, b) => (sizeOf(b.stored) > sizeOf(a.stored) ? b : a));
      rejected.set(largest.id, tooLarge(largest));
      const others = writes.filter((write) => write !== largest);
      return sendBulk(documents, others, rejected);
    }
    if (!(error instanceof MongoBulkWriteError)) throw error;
    return classifyErrors(error, writes, rejected);
  }
}

/**
 * Reads duplicates and documents that are too large from the error of a bulk write. Throws the error if it contains any
 * other failure.
 */
function classifyErrors(
  error: MongoBulkWriteError,
  writes: readonly Sendable[],
  rejected: Map<string, Rejection>,
): BulkResult {
  const { result } = error;
  // the error has the code of the first failed write; without a code, the cause is something else, e.g. the network
  if (error.code === undefined || result.getWriteConcernError() !== undefined) throw error;
  const duplicates = new Map<string, Rejection>();
  for (const writeError of result.getWriteErrors()) {
    const write = writes[writeError.index];
    if (write === undefined || !(isTooLarge(writeError) || writeError.code === DUPLICATE_KEY)) throw error;
    const index = indexOf(writeError);
    if (isTooLarge(writeError)) rejected.set(write.id, tooLarge(write));
    // a duplicate in the index of ids is a conflict, which compareWithStored finds
    else if (index !== '_id_') duplicates.set(write.id, duplicateOf(index));
  }
  return { written: result.insertedCount + result.matchedCount, duplicates, error };
}

/** Error codes: BSONObjectTooLarge, and those of an update whose result is too large. */
const TOO_LARGE_CODES: readonly unknown[] = [10334, 17419, 17420];
const isTooLarge = ({ code }: WriteError): boolean => TOO_LARGE_CODES.includes(code);

const tooLarge = ({ stored }: Sendable): Rejection => ({
  reason: 'too_large',
  message: `the server rejects ${String(sizeOf(stored))} bytes; its limit is usually ${String(MAX_DOCUMENT_BYTES)}`,
});

/** The index name in `E11000 duplicate key error collection: … index: … dup key: …`; '' for any other message. */
const indexOf = ({ errmsg }: WriteError): string => /index: (.+?) dup key/.exec(errmsg ?? '')?.[1] ?? '';

function operation({ id, loaded, stored }: Sendable): AnyBulkWriteOperation<StoredDocument> {
  if (loaded === null) return { insertOne: { document: stored } };
  const { _id, ...replacement } = stored;
  return { replaceOne: { filter: { _id: id, _position: loaded }, replacement } };
}

/**
 * Compares the stored positions with the writes. `conflicts`: ids for which the stored document is neither the loaded
 * nor the new one. `unwritten`: writes for which the loaded document is still stored. All other writes have succeeded.
 */
async function compareWithStored(
  documents: Collection<StoredDocument>,
  writes: readonly Write[],
): Promise<{ readonly conflicts: string[]; readonly unwritten: Write[] }> {
  const found = await queryInChunks(
    writes.map(({ id }) => id),
    (ids) => documents.find({ _id: { $in: [...ids] } }, { projection: { _position: 1 } }).toArray(),
  );
  const positions = new Map(found.map(({ _id, _position }) => [_id, _position]));
  const conflicts: string[] = [];
  const unwritten: Write[] = [];
  for (const write of writes) {
    const position = positions.get(write.id) ?? null;
    if (position === write.position) continue;
    if (position === write.loaded) unwritten.push(write);
    else conflicts.push(write.id);
  }
  return { conflicts, unwritten };
}

/** Maximum number of ids in one query. */
const IDS_PER_QUERY = 5_000;

/** Runs the query for a limited number of ids at a time, so that no message is too large; joins the results. */
export async function queryInChunks<T>(
  ids: readonly string[],
  query: (ids: readonly string[]) => Promise<T[]>,
): Promise<T[]> {
  const results: T[] = [];
  for (let from = 0; from < ids.length; from += IDS_PER_QUERY)
    results.push(...(await query(ids.slice(from, from + IDS_PER_QUERY))));
  return results;
}
