import { MongoServerError, type Collection, type Db, type IndexDescription } from 'mongodb';
import type { IndexSpec } from '../read-models.js';
import { storedPath } from './stored-document.js';

/**
 * An index and its options, as MongoDB lists them. All options are compared, because one that is not declared (TTL,
 * sparse, collation, hidden) could change results or delete documents.
 */
interface Definition {
  readonly name: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly [option: string]: unknown;
}

/**
 * Creates the declared indexes of a collection that do not exist. An index with a declared name or key that differs
 * from its declaration is dropped and created again; indexes that are not declared stay. Reads and writes continue in
 * the meantime. Throws an error of the server when documents have the same values in a unique index.
 */
export async function ensureIndexes(database: Db, collection: string, specs: readonly IndexSpec[]): Promise<void> {
  const declared = specs.map(declaredIndex).filter((index) => index !== undefined);
  if (declared.length === 0) return;
  const documents = database.collection(collection);
  const existing = await listIndexes(documents);
  const missing = declared.filter((index) => !existing.some((other) => isSame(index, other)));
  for (const other of existing) {
    const isOutdated = missing.some((index) => index.name === other.name || hasSameKey(index, other));
    if (isOutdated) await documents.dropIndex(other.name);
  }
  if (missing.length > 0) await documents.createIndexes(missing.map((index) => ({ ...index }) as IndexDescription));
}

/**
 * Runs a query with the index as a hint; runs it without, if the server has no such index, as before the indexes of a new
 * collection are built.
 */
export async function withHint<T>(
  fields: IndexSpec['fields'] | undefined,
  query: (hint: { readonly hint?: Readonly<Record<string, unknown>> }) => Promise<T>,
): Promise<T> {
  if (fields === undefined) return query({});
  try {
    return await query({ hint: declaredIndex({ fields })?.key ?? { _id: 1 } });
  } catch (error) {
    if (error instanceof MongoServerError && error.code === BAD_VALUE && /\bhint\b/.test(error.message))
      return query({});
    throw error;
  }
}

/** The error code BadValue: the hint names no index of the collection, among other reasons. */
const BAD_VALUE = 2;
/** The error code NamespaceNotFound: the collection does not exist. */
const NAMESPACE_NOT_FOUND = 26;
/** Options that are not compared: they change neither results nor documents. */
const IGNORED_OPTIONS = new Set(['v', 'ns', 'background']);

/** The existing indexes; empty if the collection does not exist. */
async function listIndexes(collection: Collection): Promise<Definition[]> {
  try {
    return (await collection.listIndexes().toArray()) as Definition[];
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

/** The index for a declaration; undefined when the index of `_id`, which always exists, is sufficient. */
function declaredIndex({ fields, unique }: IndexSpec): Definition | undefined {
  const entries = Object.entries(fields).map(([path, direction]): [string, 1 | -1] => [storedPath(path), direction]);
  if (entries[0]?.[0] === '_id') return undefined;
  // the id is the last field, so that the index also supports paging; a unique index has only the declared fields
  if (unique !== true && fields._id === undefined) entries.push(['_id', entries.at(-1)?.[1] ?? 1]);
  const name = entries.map(([path, direction]) => `${path}_${String(direction)}`).join('_');
  const key = Object.fromEntries(entries);
  // a unique index leaves out tombstones, which would be duplicates of each other
  return unique === true ? { name, key, unique, partialFilterExpression: { _deleted: false } } : { name, key };
}

const hasSameKey = (a: Definition, b: Definition): boolean => JSON.stringify(a.key) === JSON.stringify(b.key);

const isSame = (a: Definition, b: Definition): boolean => hasSameKey(a, b) && optionsOf(a) === optionsOf(b);

/** The compared options as JSON text. */
const optionsOf = (index: Definition): string =>
  JSON.stringify(
    Object.entries(index)
      .filter(([option, value]) => !['name', 'key'].includes(option) && !IGNORED_OPTIONS.has(option) && value !== false)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
