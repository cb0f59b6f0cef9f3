import type { SqlValue } from '../../platform/sqlite.js';
import { componentsOf, valuesAtPath } from '../matching.js';
import type { Document } from '../read-models.js';
import type { Collection } from './collection.js';
import { isArrayColumn, isSameColumn, toColumn } from './column.js';
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

/** A document and its columns, in the order of the declared fields. */
export interface DocumentRow {
  readonly document: Document;
  readonly columns: readonly SqlValue[];
}

/** Inserts the elements of a new document. */
export function insertElements(statements: Statements, collection: Collection, row: DocumentRow): void {
  row.columns.forEach((column, field) => {
    if (isArrayColumn(column)) insertField(statements, collection, field, row);
  });
}

/** The numbers of the fields whose elements a change of the columns changes: those of an array or of its sort value. */
export const changedArrays = (
  collection: Collection,
  before: readonly SqlValue[],
  after: readonly SqlValue[],
): readonly number[] =>
  after.flatMap((column, field) => {
    if (!isArrayColumn(column) && !isArrayColumn(before[field])) return [];
    const sort = collection.sortOrdinalOf(field) ?? -1;
    return isSameColumn(before[field], column) && isSameColumn(before[sort], after[sort]) ? [] : [field];
  });

/** Replaces the elements of a changed document in these fields. */
export function replaceElements(
  statements: Statements,
  collection: Collection,
  fields: readonly number[],
  before: DocumentRow,
  after: DocumentRow,
): void {
  for (const field of fields) {
    if (isArrayColumn(before.columns[field])) deleteField(statements, collection, field, before);
    if (isArrayColumn(after.columns[field])) insertField(statements, collection, field, after);
  }
}

function insertField(statements: Statements, collection: Collection, field: number, row: DocumentRow): void {
  const insert = statements.prepared(`INSERT INTO ${collection.elements} VALUES (?, ?, ?, ?)`);
  const sort = sortValueOf(collection, field, row);
  for (const value of elementsOf(collection, field, row)) insert.run(field, value, sort, row.document._id);
}

function deleteField(statements: Statements, collection: Collection, field: number, row: DocumentRow): void {
  const remove = statements.prepared(
    `DELETE FROM ${collection.elements} WHERE field = ? AND value = ? AND sort = ? AND doc = ?`,
  );
  const sort = sortValueOf(collection, field, row);
  for (const value of elementsOf(collection, field, row)) remove.run(field, value, sort, row.document._id);
}

const sortValueOf = (collection: Collection, field: number, { columns }: DocumentRow): SqlValue =>
  toSortValue(columns[collection.sortOrdinalOf(field) ?? -1]);

/** The different scalar values in an array. A filter never compares with null, an object or an array in it. */
function elementsOf({ paths }: Collection, field: number, { document }: DocumentRow): SqlValue[] {
  const { values } = valuesAtPath(document, componentsOf(paths[field] ?? ''));
  return [...new Set(values)].flatMap((value) => (typeof value === 'object' ? [] : [toColumn(value)]));
}
