import { hash } from 'node:crypto';
import type { Json } from '../../platform/json.js';
import type { SqlValue } from '../../platform/sqlite.js';
import { componentsOf, valuesAtPath } from '../matching.js';
import { TYPE_BYTES, orderKey } from '../value-order.js';
import type { Document } from '../read-models.js';

/*
 * How a declared field is stored in its column. SQLite orders NULL < numbers < text < blobs, and blobs by their bytes.
 * A column stores null and missing as NULL, and objects and booleans as the blob of their order key. So SQL sorts and
 * compares columns in MongoDB's order without a user-defined SQL function. An array is the blob of ARRAY_BYTE and of a
 * digest of its elements, which shows whether they have changed; the elements have rows of their own (elements.ts).
 */

/** What is stored for one declared field of one document. */
export interface Extracted {
  readonly column: SqlValue;
  readonly exists: boolean;
  /** Whether the path goes through an array or ends at one. */
  readonly isArray: boolean;
}

/** The first byte in the column of an array, and of no other value: an array is greater than every other value. */
const ARRAY_BYTE = 0xff;
const DIGEST_BYTES = 15;

const NO_VALUE: Extracted = { column: null, exists: false, isArray: false };

/** Extracts a declared field of a document. A tombstone has no fields. */
export function extract(document: Document, path: string): Extracted {
  if (document._deleted === true) return NO_VALUE;
  const components = componentsOf(path);
  const { throughArray, values, exists } = valuesAtPath(document, components);
  if (!throughArray) return { column: toColumn(values[0]), exists, isArray: false };
  const value = components.length === 1 ? document[path] : undefined;
  const column = Array.isArray(value) ? columnOfArray(value as readonly Json[]) : arrayColumn(values);
  return { column, exists, isArray: true };
}

/** Cached, because a document that a fold returns has most arrays of the document before. */
function columnOfArray(array: readonly Json[]): Uint8Array {
  let column = arrayColumns.get(array);
  if (column === undefined) arrayColumns.set(array, (column = arrayColumn(array)));
  return column;
}

const arrayColumns = new WeakMap<readonly Json[], Uint8Array>();

function arrayColumn(elements: readonly Json[]): Uint8Array {
  const digest = hash('sha256', JSON.stringify(elements), 'buffer').subarray(0, DIGEST_BYTES);
  return Buffer.concat([Buffer.of(ARRAY_BYTE), digest]);
}

export const isArrayColumn = (column: SqlValue | undefined): boolean =>
  column instanceof Uint8Array && column[0] === ARRAY_BYTE;

/** The column value of a JSON value that is not an array. */
export function toColumn(value: Json | undefined): SqlValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return value + 0; // −0 becomes 0
  return typeof value === 'string' ? value : orderKey(value);
}

/** The JSON value of a column; undefined for an object or array, because a blob cannot be converted back. */
export function fromColumn(column: SqlValue): Json | undefined {
  if (column === null || typeof column === 'string' || typeof column === 'number') return column;
  if (typeof column === 'bigint') return Number(column);
  return column[0] === TYPE_BYTES.boolean ? column[1] === 1 : undefined;
}

export function isSameColumn(a: SqlValue | undefined, b: SqlValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}
