import type { SqlValue } from '../../platform/sqlite.js';
import type { Collection } from './collection.js';
import { elementsOf, isSameColumn, toColumn } from './column.js';
import type { Statements } from './statements.js';

/*
 * The elements of arrays. The table `c<number>_elements` has one row for each different text, number and boolean in an
 * array of a declared field: the number of the field, the value, the sort value and the id of the document. Its primary
 * key has all four in this order, so that the documents with one element are found in the order of the index that the
 * field begins. The sort value is the column of the second field of this index.
 */

/** The sort value of a document without a value in the sort field: less than every number, as NULL is in a column. */
const NO_SORT_VALUE = -Infinity;
/** {@link NO_SORT_VALUE} as an SQL literal. */
export const NO_SORT_SQL = '-9e999';

export const toSortValue = (column: SqlValue | undefined): SqlValue => column ?? NO_SORT_VALUE;

/**
 * Replaces the elements of a document, field by field, where the array or its sort value has changed. The columns of the
 * document are in the order of the declared fields; `before` is empty for a new document.
 */
export function writeElements(
  statements: Statements,
  collection: Collection,
  id: string,
  before: readonly SqlValue[],
  after: readonly SqlValue[],
): void {
  const { elements } = collection;
  const row = 'field = ? AND value = ? AND sort = ? AND doc = ?';
  for (const [field, column] of after.entries()) {
    const sort = collection.sortOrdinalOf(field) ?? -1;
    if (isSameColumn(before[field], column) && isSameColumn(before[sort], after[sort])) continue;
    const remove = (value: SqlValue): unknown =>
      statements.prepared(`DELETE FROM ${elements} WHERE ${row}`).run(field, value, toSortValue(before[sort]), id);
    const insert = (value: SqlValue): unknown =>
      statements
        .prepared(`INSERT INTO ${elements} VALUES (?, ?, ?, ?)`)
        .run(field, value, toSortValue(after[sort]), id);
    scalarsOf(before[field]).forEach(remove);
    scalarsOf(column).forEach(insert);
  }
}

/** The different scalar elements of an array. A filter never compares with null, an object or an array in it. */
const scalarsOf = (column: SqlValue | undefined): SqlValue[] =>
  [...new Set(elementsOf(column))].flatMap((element) => (typeof element === 'object' ? [] : [toColumn(element)]));
