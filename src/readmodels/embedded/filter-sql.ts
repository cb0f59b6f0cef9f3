import type { SqlValue } from '../../platform/sqlite.js';
import { matches } from '../matching.js';
import type { Condition, Scalar } from '../query-language.js';
import type { Document } from '../read-models.js';
import { TYPE_BYTES } from '../value-order.js';
import { bit, type Collection, type Field } from './collection.js';
import { toColumn } from './column.js';
import { joinConditions, sql, type Sql } from './statements.js';

/** A filter in two parts: one that SQL evaluates, and one that is tested on the documents that SQL returns. */
export interface Selection {
  readonly where: Sql;
  /** Tests the conditions that SQL cannot evaluate; undefined when SQL evaluates the whole filter. */
  readonly rest: ((document: Document) => boolean) | undefined;
}

/**
 * Compiles a filter. If it is a conjunction, each part becomes SQL when all fields of the part are declared. Excludes
 * tombstones.
 */
export function compileFilter(collection: Collection, condition: Condition): Selection {
  const parts = condition.kind === 'and' ? condition.parts : [condition];
  const inSql: Sql[] = [];
  const rest: Condition[] = [];
  for (const part of parts) {
    const idLookup = parts.length === 1 ? compileIdLookup(collection, part) : undefined;
    const compiled = idLookup ?? compile(collection, part);
    if (compiled === undefined) rest.push(part);
    else inSql.push(compiled);
  }
  const where = joinConditions([sql('deleted = 0'), ...inSql], 'AND');
  if (rest.length === 0) return { where, rest: undefined };
  return { where, rest: (document) => rest.every((part) => matches(document, part)) };
}

/** undefined when a field of the condition is not declared. */
function compile(collection: Collection, condition: Condition): Sql | undefined {
  if (condition.kind === 'and' || condition.kind === 'or') {
    const parts = condition.parts.map((part) => compile(collection, part));
    if (!parts.every((part) => part !== undefined)) return undefined;
    return joinConditions(parts, condition.kind === 'and' ? 'AND' : 'OR');
  }
  const field = collection.field(condition.path);
  if (field === undefined) return undefined;
  if (condition.kind === 'exists') return existsSql(field, condition.expected);
  const isNegated = condition.kind === 'in' && condition.negated;
  const onColumn = isNegated ? noneOf(field.column, condition.values) : comparisonSql(field.column, condition);
  if (!field.hasArrays) return onColumn;
  const elements = matchingElements(collection, field, condition);
  const onElements: Sql = {
    text: `${isNegated ? 'NOT ' : ''}EXISTS (SELECT 1 ${elements.text} AND doc = ${collection.table}.id)`,
    values: elements.values,
  };
  return joinConditions([onColumn, onElements], isNegated ? 'AND' : 'OR');
}

/**
 * Compiles a filter with only one condition, on a field with arrays: the SQL finds the matching ids by the index of the
 * element rows. For a filter with more conditions, {@link compile} is better: SQL tests the elements only of documents
 * that pass the other conditions, and stops when the page is full.
 */
function compileIdLookup(collection: Collection, condition: Condition): Sql | undefined {
  if (condition.kind !== 'in' && condition.kind !== 'range') return undefined;
  const field = collection.field(condition.path);
  if (field?.hasArrays !== true || (condition.kind === 'in' && condition.negated)) return undefined;
  const onColumn = comparisonSql(field.column, condition);
  const elements = matchingElements(collection, field, condition);
  const byColumn = `SELECT id FROM ${collection.table} WHERE deleted = 0 AND ${onColumn.text}`;
  return sql(`id IN (${byColumn} UNION ALL SELECT doc ${elements.text})`, ...onColumn.values, ...elements.values);
}

type Comparison = Extract<Condition, { kind: 'in' | 'range' }>;

/** The `FROM … WHERE …` of the element rows that satisfy a comparison; ignores that a comparison is negated. */
function matchingElements({ elements }: Collection, field: Field, comparison: Comparison): Sql {
  const onValue = comparisonSql('value', comparison);
  return {
    text: `FROM ${elements} WHERE field = ${String(field.ordinal)} AND ${onValue.text}`,
    values: onValue.values,
  };
}

/** Ignores that a comparison is negated. */
const comparisonSql = (column: string, comparison: Comparison): Sql =>
  comparison.kind === 'in'
    ? oneOf(column, comparison.values)
    : rangeSql(column, comparison.operator, toColumn(comparison.bound), typeof comparison.bound);

function existsSql(field: Field, expected: boolean): Sql {
  if (field.ordinal < 0) return sql(expected ? '1' : '0');
  return sql(`(present & ${String(bit(field.ordinal))}) ${expected ? '<>' : '='} 0`);
}

function oneOf(column: string, values: readonly Scalar[]): Sql {
  const { nonNull, hasNull } = splitNull(values);
  const conditions: Sql[] = hasNull ? [sql(`${column} IS NULL`)] : [];
  if (nonNull.length === 1) conditions.push(sql(`${column} = ?`, ...nonNull));
  if (nonNull.length > 1) conditions.push(sql(`${column} IN (${placeholders(nonNull)})`, ...nonNull));
  const { text, values: bound } = joinConditions(conditions, 'OR');
  return { text: `(${text})`, values: bound };
}

/** The negation of {@link oneOf}. NOT alone is not sufficient: in SQL, a comparison with NULL and its NOT are NULL. */
function noneOf(column: string, values: readonly Scalar[]): Sql {
  const { nonNull, hasNull } = splitNull(values);
  if (nonNull.length === 0) return sql(hasNull ? `${column} IS NOT NULL` : '1');
  if (hasNull) return sql(`${column} NOT IN (${placeholders(nonNull)})`, ...nonNull); // also excludes NULL
  if (nonNull.length === 1) return sql(`${column} IS NOT ?`, ...nonNull);
  return sql(`(${column} IS NULL OR ${column} NOT IN (${placeholders(nonNull)}))`, ...nonNull);
}

/**
 * Separates null from the other values. Repeats the last value that is not null until the number of values is a power of
 * two, so that lists of different lengths use the same prepared statement.
 */
function splitNull(values: readonly Scalar[]): { readonly nonNull: SqlValue[]; readonly hasNull: boolean } {
  const nonNull = values.filter((value) => value !== null).map(toColumn);
  const last = nonNull.at(-1);
  if (last !== undefined) while (!isPowerOfTwo(nonNull.length)) nonNull.push(last);
  return { nonNull, hasNull: values.includes(null) };
}

const isPowerOfTwo = (length: number): boolean => (length & (length - 1)) === 0;

const placeholders = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

const SQL_OPERATORS = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;

/**
 * The condition that a column value has the type of the bound. In SQLite's order, numbers come before the empty text
 * '', and texts before the empty blob x''. Booleans are the blobs that begin with their type byte.
 */
const HAS_TYPE = {
  number: (column: string) => `${column} < ''`,
  string: (column: string) => `${column} >= '' AND ${column} < x''`,
  boolean: (column: string) =>
    `${column} >= ${blobSql(TYPE_BYTES.boolean)} AND ${column} < ${blobSql(TYPE_BYTES.boolean + 1)}`,
};

/** The literal of a blob of one byte. */
const blobSql = (byte: number): string => `x'${byte.toString(16).padStart(2, '0')}'`;

function rangeSql(column: string, operator: keyof typeof SQL_OPERATORS, bound: SqlValue, type: string): Sql {
  const hasType = HAS_TYPE[type as keyof typeof HAS_TYPE](column);
  return sql(`(${column} ${SQL_OPERATORS[operator]} ? AND ${hasType})`, bound);
}
