import { MongoServerError, type Collection, type Db, type IndexDescription } from 'mongodb';
import type { IndexSpec } from '../read-models.js';
import { storedPath } from './stored-document.js';

/**
 * An index and its options, as MongoDB lists them. All options are compared: one that is not declared (TTL, sparse,
 * collation, hidden) would change results or delete documents.
 */
interface Definition {
  readonly name: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly [option: string]: unknown;
}

/**
 * Makes the indexes of a collection match their declarations: builds the missing ones (in the background: reads and
 * writes continue), and rebuilds an index that has a declared name or key but differs otherwise. Other indexes stay.
 * Throws when a unique index finds duplicate values.
 */
export async function ensureIndexes(database: Db, collection: string, specs: readonly IndexSpec[]): Promise<void> {
  const wanted = specs.map(wantedIndex).filter((index) => index !== undefined);
  if (wanted.length === 0) return;
  const target = database.collection(collection);
  const existing = await listed(target);
  const missing = wanted.filter((index) => !existing.some((other) => isSame(index, other)));
  for (const other of existing)
    if (missing.some((index) => index.name === other.name || sameKey(index, other))) await target.dropIndex(other.name);
  if (missing.length > 0) await target.createIndexes(missing.map((index) => ({ ...index }) as IndexDescription));
}

const NAMESPACE_NOT_FOUND = 26;
/** Options that are not compared: they change neither results nor documents. */
const IGNORED_OPTIONS = new Set(['v', 'ns', 'background']);

async function listed(collection: Collection): Promise<Definition[]> {
  try {
    return (await collection.listIndexes().toArray()) as Definition[];
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

/** undefined when the index of `_id`, which always exists, is sufficient. */
function wantedIndex({ fields, unique }: IndexSpec): Definition | undefined {
  const entries = Object.entries(fields).map(([path, direction]): [string, 1 | -1] => [storedPath(path), direction]);
  if (entries[0]?.[0] === '_id') return undefined;
  // ends in the id, so that it also supports paging by these fields; a unique index has only the declared fields
  if (unique !== true && fields._id === undefined) entries.push(['_id', entries.at(-1)?.[1] ?? 1]);
  const name = entries.map(([path, direction]) => `${path}_${String(direction)}`).join('_');
  const key = Object.fromEntries(entries);
  // a tombstone holds no values, and several tombstones are not duplicates
  return unique === true ? { name, key, unique, partialFilterExpression: { _deleted: false } } : { name, key };
}

const sameKey = (a: Definition, b: Definition): boolean => JSON.stringify(a.key) === JSON.stringify(b.key);

const isSame = (a: Definition, b: Definition): boolean => sameKey(a, b) && optionsOf(a) === optionsOf(b);

const optionsOf = (index: Definition): string =>
  JSON.stringify(
    Object.entries(index)
      .filter(([option, value]) => !['name', 'key'].includes(option) && !IGNORED_OPTIONS.has(option) && value !== false)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
