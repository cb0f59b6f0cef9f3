import type { SqlValue } from '../../platform/sqlite.js';
import type { Condition, Scalar } from '../query-language.js';
import type { IndexSpec } from '../read-models.js';
import { indexName, type Collection, type Field } from './collection.js';
import { toColumn } from './column.js';
import { toSortValue } from './elements.js';
import {
  comparisonSql,
  compileFilter,
  compileParts,
  isElement,
  partsOf,
  rangesSql,
  type Range,
  type Selection,
} from './filter-sql.js';
import { joinConditions, type Sql } from './statements.js';

/** How statements reach documents: through which tables and indexes, and under which conditions. */
export interface AccessPath extends Selection {
  /** The FROM clause. */
  readonly from: string;
  /** The FROM clause for a statement that needs no column but the id and those that it sorts by. */
  readonly fromIds: string;
  /** The expression for the id of the document. */
  readonly id: string;
  readonly sortColumn: (field: Field) => SortColumn;
  /** `where` with one more range, if the filter has a range of the same field and type; otherwise undefined. */
  readonly whereWithin: (range: Range) => Sql | undefined;
}

/** What a statement sorts by. */
export interface SortColumn {
  readonly text: string;
  /** Whether it may be NULL, which is before all other values. */
  readonly mayBeNull: boolean;
  readonly toValue: (value: Scalar) => SqlValue;
}

/**
 * Runs a query with the index. Runs it without, if SQLite cannot read this index for it, such as for a filter that is
 * always false.
 */
export function withIndex<T>(
  index: IndexSpec['fields'] | undefined,
  query: (index: IndexSpec['fields'] | undefined) => T,
): T {
  try {
    return query(index);
  } catch (error) {
    if (index === undefined || !(error instanceof Error) || error.message !== 'no query solution') throw error;
    return query(undefined);
  }
}

/**
 * The access paths that together lead to the documents of a filter, each to different ones. If the index is given and
 * built, they read this index; one that begins with a field with arrays is read for one value of this field, if the
 * filter compares it with one value.
 */
export function accessPaths(
  collection: Collection,
  condition: Condition,
  index: IndexSpec['fields'] | undefined,
): AccessPath[] {
  const { table } = collection;
  const parts = partsOf(condition);
  const ordinal = index && collection.indexOrdinalOf(index);
  if (index === undefined || ordinal === undefined)
    return [tablePath(collection, table, compileFilter(collection, condition), parts)];
  const from = `${table} INDEXED BY ${indexName(table, ordinal)}`;
  const field = collection.field(Object.keys(index)[0] ?? '');
  if (field?.hasArrays !== true) return [tablePath(collection, from, compileParts(collection, parts), parts)];
  const comparison = parts.filter(namesOneValue).find(({ path }) => path === field.path);
  if (comparison === undefined) return [tablePath(collection, table, compileFilter(collection, condition), parts)];
  const others = parts.filter((part) => part !== comparison);
  const onColumn = comparisonSql(field.column, comparison);
  return [
    elementPath(collection, field, comparison, others),
    // the documents that have the value itself instead of an array with it
    tablePath(collection, from, compileParts(collection, others, onColumn), others, onColumn),
  ];
}

type Comparison = Extract<Condition, { kind: 'in' }>;

const namesOneValue = (condition: Condition): condition is Comparison =>
  condition.kind === 'in' && !condition.negated && condition.values.length === 1 && condition.values[0] !== null;

const tablePath = (
  collection: Collection,
  from: string,
  selection: Selection,
  parts: readonly Condition[],
  ...conditions: readonly Sql[]
): AccessPath => ({
  ...selection,
  from,
  fromIds: from,
  id: 'id',
  sortColumn: ({ column, ordinal }) => ({ text: column, mayBeNull: ordinal >= 0, toValue: toColumn }),
  whereWithin: (range) =>
    hasRangeLike(range, parts) ? compileParts(collection, [...parts, range], ...conditions).where : undefined,
});

const hasRangeLike = ({ path, bound }: Range, parts: readonly Condition[]): boolean =>
  parts.some((part) => part.kind === 'range' && part.path === path && typeof part.bound === typeof bound);

/** Leads to the documents with the value in an array, in the order of the sort values of the elements. */
function elementPath(
  collection: Collection,
  field: Field,
  comparison: Comparison,
  others: readonly Condition[],
): AccessPath {
  const { values } = comparison;
  const { elements, table } = collection;
  const sortOrdinal = collection.sortOrdinalOf(field.ordinal);
  const isSortField = ({ ordinal }: Field): boolean => ordinal >= 0 && ordinal === sortOrdinal;
  const onSort: Range[] = []; // of the sort field; they limit the rows of elements to read
  const onDocument: Condition[] = [];
  for (const part of others) {
    const isTextRange = part.kind === 'range' && typeof part.bound === 'string';
    const rangeField = isTextRange ? collection.field(part.path) : undefined;
    if (isTextRange && rangeField?.hasArrays === false && isSortField(rangeField)) onSort.push(part);
    else onDocument.push(part);
  }
  const { where, rest } = compileParts(collection, onDocument);
  const from = `${elements} CROSS JOIN ${table} ON id = doc`;
  const needsDocument = onDocument.length > 0; // a tombstone has no elements
  return {
    from,
    fromIds: needsDocument ? from : elements,
    id: 'doc',
    where: joinConditions(
      [
        isElement(field, values),
        ...(onSort.length > 0 ? [rangesSql('sort', onSort)] : []),
        ...(needsDocument ? [where] : []),
      ],
      'AND',
    ),
    rest,
    sortColumn: (sortField) => {
      if (isSortField(sortField))
        return { text: 'sort', mayBeNull: false, toValue: (value) => toSortValue(toColumn(value)) };
      const { column, ordinal, path } = sortField;
      return { text: path === '_id' ? 'doc' : column, mayBeNull: ordinal >= 0, toValue: toColumn };
    },
    whereWithin: (range) =>
      hasRangeLike(range, others) ? elementPath(collection, field, comparison, [...others, range]).where : undefined,
  };
}
