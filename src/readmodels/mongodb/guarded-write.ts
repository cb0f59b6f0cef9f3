import { MongoBulkWriteError, MongoInvalidArgumentError, type AnyBulkWriteOperation, type Collection } from 'mongodb';
import type { GuardedWrite } from '../read-models.js';
import { DUPLICATE_KEY } from './catalogue.js';
import { DocumentTooLarge, sizeOf, toStored, type StoredDocument } from './stored-document.js';

type Write = { readonly id: string; readonly loaded: string | null; readonly stored: StoredDocument };

/**
 * Writes each document where its guard holds, all in one bulk; answers the ids whose guard was refused. A document
 * that stands at the very position that was to be written counts as written: a batch may be sent again after a crash
 * or a lost answer, and by two runners at once.
 *
 * Throws {@link DocumentTooLarge}, TextRefused, and what the server said when it was no guard (a unique index, say).
 */
export async function writeDocuments(
  documents: Collection<StoredDocument>,
  writes: readonly GuardedWrite[],
): Promise<string[]> {
  if (writes.length === 0) return [];
  const all = writes.map(({ id, loaded, document }): Write => ({ id, loaded, stored: toStored(document) }));
  const first = await bulk(documents, all);
  if (first.written === all.length) return [];
  const standing = await judged(documents, all);
  if (standing.possible.length === 0) return standing.refused;
  // neither written nor refused: an insert that met another at the same moment; what repeats itself is no race
  const second = await bulk(documents, standing.possible);
  const again = await judged(documents, all);
  if (again.possible.length > 0)
    throw (
      second.error ??
      first.error ??
      new Error(`documents were not written: ${again.possible.map(({ id }) => id).join(', ')}`)
    );
  return again.refused;
}

/** One unordered bulk: a refusal keeps nothing else from being written. `written` counts what is known to be. */
async function bulk(
  documents: Collection<StoredDocument>,
  writes: readonly Write[],
): Promise<{ readonly written: number; readonly error?: Error }> {
  try {
    const result = await documents.bulkWrite(writes.map(operation), { ordered: false });
    return { written: result.insertedCount + result.matchedCount };
  } catch (error) {
    if (error instanceof MongoInvalidArgumentError && error.message.includes('maximum size')) throw tooLarge(writes);
    // its code is that of the first refusal; any other, or none, says that writes may be missing for another reason
    if (!(error instanceof MongoBulkWriteError) || error.code !== DUPLICATE_KEY) throw error;
    const { result } = error;
    const guards = result.getWriteErrors().every(({ code }) => code === DUPLICATE_KEY);
    if (!guards || result.getWriteConcernError() !== undefined) throw error;
    return { written: result.insertedCount + result.matchedCount, error };
  }
}

function operation({ id, loaded, stored }: Write): AnyBulkWriteOperation<StoredDocument> {
  if (loaded === null) return { insertOne: { document: stored } };
  const { _id, ...replacement } = stored;
  return { replaceOne: { filter: { _id: id, _position: loaded }, replacement } };
}

/** What became of writes, by the positions that stand there now. */
async function judged(
  documents: Collection<StoredDocument>,
  writes: readonly Write[],
): Promise<{ readonly refused: string[]; readonly possible: Write[] }> {
  const positions = await positionsOf(
    documents,
    writes.map(({ id }) => id),
  );
  const refused: string[] = [];
  const possible: Write[] = [];
  for (const write of writes) {
    const position = positions.get(write.id) ?? null;
    if (position === write.stored._position) continue;
    if (position === write.loaded) possible.push(write);
    else refused.push(write.id);
  }
  return { refused, possible };
}

async function positionsOf(
  documents: Collection<StoredDocument>,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = await inParts(ids, (some) =>
    documents.find({ _id: { $in: [...some] } }, { projection: { _position: 1 } }).toArray(),
  );
  return new Map(found.map(({ _id, _position }) => [_id, _position]));
}

/** Asks for many ids, so many at a time that no message is too large. */
export async function inParts<T>(ids: readonly string[], ask: (some: readonly string[]) => Promise<T[]>): Promise<T[]> {
  const answers: T[] = [];
  for (let from = 0; from < ids.length; from += 5_000) answers.push(...(await ask(ids.slice(from, from + 5_000))));
  return answers;
}

function tooLarge(writes: readonly Write[]): DocumentTooLarge {
  const sizes = writes.map(({ id, stored }) => ({ id, bytes: sizeOf(stored) }));
  const { id, bytes } = sizes.reduce((most, one) => (one.bytes > most.bytes ? one : most));
  return new DocumentTooLarge(id, bytes);
}
