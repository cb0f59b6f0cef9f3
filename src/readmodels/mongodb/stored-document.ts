import { BSON, Long } from 'mongodb';
import type { Json, JsonObject } from '../../platform/json.js';
import { isObject } from '../matching.js';
import type { Document } from '../read-models.js';

/** A document as stored in MongoDB: `_deleted` is always present, so that one equality excludes tombstones. */
export interface StoredDocument {
  readonly _id: string;
  readonly _position: string;
  readonly _deleted: boolean;
  readonly [field: string]: unknown;
}

/**
 * The BSON of a document: exactly what JSON.stringify would keep (−0 is 0), integers of 32 bits as int, other numbers
 * as double, which compare and add up alike. Escapes keys that are special to MongoDB or its driver.
 */
export function toStored(document: Document): StoredDocument {
  return { _deleted: false, ...(toBson(document) as JsonObject) } as StoredDocument;
}

/** The inverse of {@link toStored}. */
export function fromStored(document: Readonly<Record<string, unknown>>): Document {
  const { _deleted, ...fields } = document;
  return { ...(json(fields) as JsonObject), ...(_deleted === true && { _deleted }) } as Document;
}

/** A value from the server, as JSON. Throws TypeError for a type that Redress never writes. */
export function json(value: unknown): Json {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' || value === null)
    return Object.is(value, -0) ? 0 : value;
  if (Array.isArray(value)) return value.map(json);
  if (value instanceof Long) return value.toNumber(); // a sum of ints beyond 2^53
  if (typeof value !== 'object' || '_bsontype' in value || value instanceof Date || value instanceof Uint8Array)
    throw new TypeError('a stored value is of no JSON type');
  const entries = Object.entries(value).map(([key, field]): [string, Json] => [keyFrom(key), json(field)]);
  return Object.fromEntries(entries);
}

/** The stored form of a dotted path. */
export const storedPath = (path: string): string =>
  path.includes('%') || path.includes('_bsontype') ? path.split('.').map(storedKey).join('.') : path;

/** Keys that are special to MongoDB or its driver ($…, _bsontype) get the prefix `%`. */
export const storedKey = (key: string): string => (OWN.test(key) ? `%${key.replaceAll('%', '%25')}` : key);

export const sizeOf = (document: StoredDocument): number => BSON.calculateObjectSize(document);

const OWN = /^(\$|%|_bsontype$)/;

const keyFrom = (key: string): string => (key.startsWith('%') ? key.slice(1).replaceAll('%25', '%') : key);

function toBson(value: Json): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (Array.isArray(value)) return (value as readonly Json[]).map(toBson);
  if (!isObject(value)) return value;
  const fields: Record<string, Json> = {};
  for (const [key, field] of Object.entries(value as Readonly<Record<string, Json | undefined>>))
    if (field !== undefined) put(fields, storedKey(key), toBson(field));
  return fields;
}

/** Defines the property, so that `__proto__` is an ordinary key. */
function put(fields: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
  else fields[key] = value;
}
