import { BSON, Long } from 'mongodb';
import type { Json, JsonObject } from '../../platform/json.js';
import { isObject } from '../matching.js';
import type { Document } from '../read-models.js';

/**
 * A document as it is stored in MongoDB. `_deleted` is always present, so that `_deleted: false` excludes tombstones.
 */
export interface StoredDocument {
  readonly _id: string;
  readonly _position: string;
  readonly _deleted: boolean;
  readonly [field: string]: unknown;
}

/**
 * Converts a document for the driver. It contains exactly what JSON.stringify would write, with 0 for −0. The driver
 * stores a number as a 32-bit int or a double; both compare and add up in the same way. Escapes keys that are special
 * to MongoDB or its driver.
 */
export function toStored(document: Document): StoredDocument {
  return { _deleted: false, ...(toBson(document) as JsonObject) } as StoredDocument;
}

/** The inverse of {@link toStored}. */
export function fromStored(document: Readonly<Record<string, unknown>>): Document {
  const { _deleted, ...fields } = document;
  return { ...(toJson(fields) as JsonObject), ...(_deleted === true && { _deleted }) } as Document;
}

/** Converts a value from the server to JSON. Throws TypeError for a type that the service never writes. */
export function toJson(value: unknown): Json {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' || value === null)
    return Object.is(value, -0) ? 0 : value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Long) return value.toNumber(); // the server returns a large sum of ints as a 64-bit long
  if (typeof value !== 'object' || '_bsontype' in value || value instanceof Date || value instanceof Uint8Array)
    throw new TypeError('expected a stored value of a JSON type, found another type');
  const entries = Object.entries(value).map(([key, field]): [string, Json] => [keyFrom(key), toJson(field)]);
  return Object.fromEntries(entries);
}

/** The stored form of a dotted path. */
export const storedPath = (path: string): string =>
  path.includes('%') || path.includes('_bsontype') ? path.split('.').map(storedKey).join('.') : path;

/**
 * The stored form of a key. A key that is special to MongoDB or its driver (`$…`, `_bsontype`), or begins with `%`,
 * gets the prefix `%`, and every `%` in it becomes `%25`.
 */
export const storedKey = (key: string): string => (ESCAPED.test(key) ? `%${key.replaceAll('%', '%25')}` : key);

/** The size of a document in BSON, in bytes. */
export const sizeOf = (document: StoredDocument): number => BSON.calculateObjectSize(document);

const ESCAPED = /^(\$|%|_bsontype$)/;

/** The inverse of {@link storedKey}. */
const keyFrom = (key: string): string => (key.startsWith('%') ? key.slice(1).replaceAll('%25', '%') : key);

function toBson(value: Json): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (Array.isArray(value)) return (value as readonly Json[]).map(toBson);
  if (!isObject(value)) return value;
  const fields: Record<string, Json> = {};
  for (const [key, field] of Object.entries(value as Readonly<Record<string, Json | undefined>>))
    if (field !== undefined) setField(fields, storedKey(key), toBson(field));
  return fields;
}

/** Sets a field. `__proto__` must be defined as a property, because an assignment would set the prototype. */
function setField(fields: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
  else fields[key] = value;
}
