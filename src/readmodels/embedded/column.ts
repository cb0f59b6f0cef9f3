import type { Json } from '../../platform/json.js';
import type { SqlValue } from '../../platform/sqlite.js';
import { componentsOf, reach } from '../matching.js';
import { ORDER, orderKey } from '../value-order.js';
import type { Document } from '../read-models.js';

/*
 * How a declared field is stored in its column. SQLite orders NULL < numbers < text < blobs, and blobs by their bytes.
 * With null and missing as NULL, and objects, arrays and booleans as blobs of their order key, the column has MongoDB's
 * order without a function in SQL.
 */

/** The stored form of one field of one document. */
export interface Extracted {
  /** {@link ARRAY} when the path contains an array. */
  readonly column: SqlValue;
  readonly exists: boolean;
  /** For an array: each value that a comparison tests; NULL where null matches. */
  readonly elements: readonly SqlValue[] | undefined;
}

/** Column value that means "see the elements": greater than every value and equal to none. */
export const ARRAY = Uint8Array.of(0xff);
export const ARRAY_SQL = "x'ff'";

const ABSENT: Extracted = { column: null, exists: false, elements: undefined };

/** Extracts a declared field; a tombstone has none. */
export function extract(document: Document, path: string): Extracted {
  if (document._deleted === true) return ABSENT;
  const found = reach(document, componentsOf(path));
  if (!found.throughArray) return { column: toColumn(found.values[0]), exists: found.exists, elements: undefined };
  const elements = found.values.filter((value) => value !== null).map(toColumn);
  if (found.absent) elements.push(null);
  return { column: ARRAY, exists: found.exists, elements };
}

/** The column value of a JSON value. */
export function toColumn(value: Json | undefined): SqlValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return value + 0; // −0 is 0
  return typeof value === 'string' ? value : orderKey(value);
}

/** The JSON value of a column; undefined for an object, whose column keeps only its order. */
export function fromColumn(column: SqlValue): Json | undefined {
  if (column === null || typeof column === 'string' || typeof column === 'number') return column;
  if (typeof column === 'bigint') return Number(column);
  return column[0] === ORDER.boolean ? column[1] === 1 : undefined;
}
