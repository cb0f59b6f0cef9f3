import type { SqlValue } from '../../platform/sqlite.js';
import { path as checkedPath } from '../query-language.js';
import type { Document, IndexSpec } from '../read-models.js';
import { extract } from './column.js';

/** A declared field and its column. `_id` and `_position` have their own columns and hold no arrays. */
export interface Field {
  readonly path: string;
  readonly column: string;
  /** Its number: bit of the masks, `field` of the elements. */
  readonly ordinal: number;
  /** Whether any document has ever held an array there: then queries must search the elements too. */
  readonly array: boolean;
}

/** A document as stored in the tables. */
export interface Row {
  /** The columns of the declared fields, in their order. */
  readonly columns: readonly SqlValue[];
  /** Bits of the fields that exist. */
  readonly present: number;
  /** Bits of the fields that hold an array. */
  readonly arrays: number;
  readonly elements: readonly (readonly [ordinal: number, value: SqlValue])[];
}

const MAX_FIELDS = 52; // bits of a safe integer

/** One physical collection: its tables `c<number>` and `c<number>_elements`, its declared fields and indexes. */
export class Collection {
  readonly table: string;
  readonly elements: string;
  private readonly byPath = new Map<string, Field>();

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
    this.byPath.set('_id', { path: '_id', column: 'id', ordinal: -1, array: false });
    this.byPath.set('_position', { path: '_position', column: 'position', ordinal: -1, array: false });
    paths.forEach((path, ordinal) => {
      this.byPath.set(path, { path, column: columnName(ordinal), ordinal, array: hasBit(arrays, ordinal) });
    });
  }

  /** The declared field at a path; undefined when it is not declared. */
  field(path: string): Field | undefined {
    return this.byPath.get(path);
  }

  /** Extracts the declared fields of a document. */
  row(document: Document): Row {
    const columns: SqlValue[] = [];
    const elements: [number, SqlValue][] = [];
    let present = 0;
    let arrays = 0;
    this.paths.forEach((path, ordinal) => {
      const extracted = extract(document, path);
      columns.push(extracted.column);
      if (extracted.exists) present += bit(ordinal);
      if (extracted.elements === undefined) return;
      arrays += bit(ordinal);
      for (const value of extracted.elements) elements.push([ordinal, value]);
    });
    return { columns, present, arrays, elements };
  }
}

/** The paths that indexes declare, after those already known, which keep their numbers. Throws `QueryRefused`. */
export function declaredPaths(known: readonly string[], indexes: readonly IndexSpec[]): string[] {
  const paths = new Set(known);
  for (const index of indexes)
    for (const path of Object.keys(index.fields))
      if (checkedPath(path) !== '_id' && path !== '_position') paths.add(path);
  if (paths.size > MAX_FIELDS) throw new RangeError(`a collection declares at most ${String(MAX_FIELDS)} fields`);
  return [...paths];
}

export const columnName = (ordinal: number): string => `f${String(ordinal)}`;

export const bit = (ordinal: number): number => 2 ** ordinal;

export const hasBit = (mask: number, ordinal: number): boolean => Math.floor(mask / bit(ordinal)) % 2 === 1;

/** All bits of both masks. */
export const union = (a: number, b: number): number => (a === b || b === 0 ? a : Number(BigInt(a) | BigInt(b)));
