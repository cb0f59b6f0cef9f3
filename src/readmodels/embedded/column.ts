import type { Json } from '../../platform/json.js';
import type { SqlValue } from '../../platform/sqlite.js';
import { componentsOf, valuesAtPath } from '../matching.js';
import { TYPE_BYTES, orderKey } from '../value-order.js';
import type { Document } from '../read-models.js';

/*
 * How a declared field is stored in its column. SQLite orders NULL < numbers < text < blobs, and blobs by their bytes.
 * A column stores null and missing as NULL, and objects and booleans as the blob of their order key. So SQL sorts and
 * compares columns in MongoDB's order without a user-defined SQL function.
 */

/** What is stored for one declared field of one document. */
export interface Extracted {
  /** The value of the column; {@link ARRAY} when the path goes through an array or ends at one. */
  readonly column: SqlValue;
  readonly exists: boolean;
  /** Only for {@link ARRAY}: the values that a comparison tests, and NULL if a comparison with null is true. */
  readonly elements: readonly SqlValue[] | undefined;
}

/** Column value of an array, whose values are in the element rows. It is greater than every other value. */
export const ARRAY = Uint8Array.of(0xff);
/** {@link ARRAY} as an SQL literal. */
export const ARRAY_SQL = "x'ff'";

const NO_VALUE: Extracted = { column: null, exists: false, elements: undefined };

/** Extracts a declared field of a document. A tombstone has no fields. */
export function extract(document: Document, path: string): Extracted {
  if (document._deleted === true) return NO_VALUE;
  const found = valuesAtPath(document, componentsOf(path));
  if (!found.throughArray) return { column: toColumn(found.values[0]), exists: found.exists, elements: undefined };
  const elements = found.values.filter((value) => value !== null).map(toColumn);
  if (found.absent) elements.push(null);
  return { column: ARRAY, exists: found.exists, elements };
}

/** The column value of a JSON value. */
export function toColumn(value: Json | undefined): SqlValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return value + 0; // −0 becomes 0
  return typeof value === 'string' ? value : orderKey(value);
}

/** The JSON value of a column; undefined for an object or array, because an order key cannot be converted back. */
export function fromColumn(column: SqlValue): Json | undefined {
  if (column === null || typeof column === 'string' || typeof column === 'number') return column;
  if (typeof column === 'bigint') return Number(column);
  return column[0] === TYPE_BYTES.boolean ? column[1] === 1 : undefined;
}
