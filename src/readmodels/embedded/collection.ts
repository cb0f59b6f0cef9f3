import type { SqlValue } from '../../platform/sqlite.js';
import { checkPath } from '../query-language.js';
import type { Document, IndexSpec } from '../read-models.js';
import { extract } from './column.js';

/** A declared field and its column. `_id` and `_position` count as declared; they have columns in every collection. */
export interface Field {
  readonly path: string;
  readonly column: string;
  /**
   * Number of the field: its bit in the masks, and its `field` in the rows of elements. -1 for `_id` and `_position`,
   * which need neither.
   */
  readonly ordinal: number;
  /** Whether the field of any document has ever held an array. Queries must then search the elements too. */
  readonly hasArrays: boolean;
}

/** The values that a document has in the tables of its collection. */
export interface Row {
  /** The columns of the declared fields, by ordinal. */
  readonly columns: readonly SqlValue[];
  /** Bits of the fields that exist. */
  readonly present: number;
  /** Bits of the fields that hold an array. */
  readonly arrays: number;
}

/** Maximum number of declared fields: a mask has one bit for each field and must be a safe integer. */
const MAX_FIELDS = 52;

/**
 * One collection: its declared fields, its indexes, and its two tables. `c<number>` has one row for each document, and
 * `c<number>_elements` the elements of arrays (elements.ts).
 */
export class Collection {
  /** Name of the table of documents. */
  readonly table: string;
  /** Name of the table of elements. */
  readonly elements: string;
  private readonly byPath = new Map<string, Field>();
  /** For the field at the start of an index, the number of the second field of the index. */
  private readonly sortOrdinals = new Map<number, number>();

  /** `arrays`: bits of the fields that have ever held an array. */
  constructor(
    readonly number: number,
    readonly name: string,
    readonly paths: readonly string[],
    readonly indexes: readonly IndexSpec[],
    readonly built: boolean,
    readonly arrays: number,
  ) {
    this.table = `c${String(number)}`;
    this.elements = `${this.table}_elements`;
    this.byPath.set('_id', { path: '_id', column: 'id', ordinal: -1, hasArrays: false });
    this.byPath.set('_position', { path: '_position', column: 'position', ordinal: -1, hasArrays: false });
    paths.forEach((path, ordinal) => {
      this.byPath.set(path, { path, column: columnName(ordinal), ordinal, hasArrays: hasBit(arrays, ordinal) });
    });
    for (const { fields } of indexes) {
      const [first = -1, second = -1] = Object.keys(fields).map((path) => paths.indexOf(path));
      if (second >= 0 && !this.sortOrdinals.has(first)) this.sortOrdinals.set(first, second);
    }
  }

  /** The declared field at a path; undefined when it is not declared. */
  field(path: string): Field | undefined {
    return this.byPath.get(path);
  }

  /**
   * The number of the field by which the documents with one element of this field are ordered; undefined if no index
   * begins with this field and has a second field.
   */
  sortOrdinalOf(ordinal: number): number | undefined {
    return this.sortOrdinals.get(ordinal);
  }

  /** The position of a declared index with these fields, in their order; undefined if it is not built or not declared. */
  indexOrdinalOf(fields: IndexSpec['fields']): number | undefined {
    const wanted = JSON.stringify(Object.entries(fields));
    const ordinal = this.indexes.findIndex((index) => JSON.stringify(Object.entries(index.fields)) === wanted);
    return this.built && ordinal >= 0 ? ordinal : undefined;
  }

  /** Computes the table values of a document. */
  rowOf(document: Document): Row {
    const columns: SqlValue[] = [];
    let present = 0;
    let arrays = 0;
    this.paths.forEach((path, ordinal) => {
      const extracted = extract(document, path);
      columns.push(extracted.column);
      if (extracted.exists) present += bit(ordinal);
      if (extracted.isArray) arrays += bit(ordinal);
    });
    return { columns, present, arrays };
  }
}

/**
 * The paths of all declared fields: first the existing ones, which keep their ordinals, then the new ones of these
 * indexes. Throws `QueryRefused` for an invalid path, and RangeError for too many fields.
 */
export function declaredPaths(existing: readonly string[], indexes: readonly IndexSpec[]): string[] {
  const paths = new Set(existing);
  for (const index of indexes)
    for (const path of Object.keys(index.fields))
      if (checkPath(path) !== '_id' && path !== '_position') paths.add(path);
  if (paths.size > MAX_FIELDS) throw new RangeError(`a collection may declare at most ${String(MAX_FIELDS)} fields`);
  return [...paths];
}

/** The column of the declared field with this ordinal. */
export const columnName = (ordinal: number): string => `f${String(ordinal)}`;

/** The SQL name of the index with this position among the declared indexes. */
export const indexName = (table: string, ordinal: number): string => `${table}_i${String(ordinal)}`;

/** The mask with only the bit of this ordinal. Masks may exceed 32 bits, so bitwise operators cannot be used. */
export const bit = (ordinal: number): number => BITS[ordinal] ?? 2 ** ordinal;

const BITS = Array.from({ length: MAX_FIELDS }, (_, ordinal) => 2 ** ordinal);

export const hasBit = (mask: number, ordinal: number): boolean => Math.floor(mask / bit(ordinal)) % 2 === 1;

/** The mask with the bits of both masks. */
export const combineMasks = (a: number, b: number): number => (a === b || b === 0 ? a : Number(BigInt(a) | BigInt(b)));
