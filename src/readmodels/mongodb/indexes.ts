import { MongoServerError, type Collection, type Db, type IndexDescription } from 'mongodb';
import type { IndexSpec } from '../read-models.js';
import { storedPath } from './stored-document.js';

/** What of an index makes it another one. Whatever else is set (TTL, sparse, collation, hidden) changes answers or loses documents. */
interface Definition {
  readonly name: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly [option: string]: unknown;
}

/**
 * Makes the indexes of a collection what the declarations say: missing ones are built (MongoDB builds them in the
 * background: reads and writes go on), one of the same name or key but of another kind is built again. Others stay.
 * Throws when a unique index finds values twice.
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
const INDEX_VERSION = new Set(['v', 'ns', 'background']);

async function listed(collection: Collection): Promise<Definition[]> {
  try {
    return (await collection.listIndexes().toArray()) as Definition[];
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

/** undefined where the index of `_id`, which is always there, does. */
function wantedIndex({ fields, unique }: IndexSpec): Definition | undefined {
  const entries = Object.entries(fields).map(([path, direction]): [string, 1 | -1] => [storedPath(path), direction]);
  if (entries[0]?.[0] === '_id') return undefined;
  // ends in the id, so that it also serves paging by these fields; unique ones are about the fields alone
  if (unique !== true && fields._id === undefined) entries.push(['_id', entries.at(-1)?.[1] ?? 1]);
  const name = entries.map(([path, direction]) => `${path}_${String(direction)}`).join('_');
  const key = Object.fromEntries(entries);
  // a tombstone holds no values, and several of them are no double
  return unique === true ? { name, key, unique, partialFilterExpression: { _deleted: false } } : { name, key };
}

const sameKey = (a: Definition, b: Definition): boolean => JSON.stringify(a.key) === JSON.stringify(b.key);

const isSame = (a: Definition, b: Definition): boolean => sameKey(a, b) && optionsOf(a) === optionsOf(b);

const optionsOf = (index: Definition): string =>
  JSON.stringify(
    Object.entries(index)
      .filter(([option, value]) => !['name', 'key'].includes(option) && !INDEX_VERSION.has(option) && value !== false)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
