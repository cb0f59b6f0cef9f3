import type { SqlValue } from '../../platform/sqlite.js';
import { matches } from '../matching.js';
import type { Condition, Scalar } from '../query-language.js';
import type { Document } from '../read-models.js';
import { orderKey, TYPE_BYTES } from '../value-order.js';
import { bit, columnName, type Collection, type Field } from './collection.js';
import { toColumn } from './column.js';
import { NO_SORT_SQL } from './elements.js';
import { joinConditions, sql, type Sql } from './statements.js';

/** A filter in two parts: one that SQL evaluates, and one that is tested on the documents that SQL returns. */
export interface Selection {
  readonly where: Sql;
  /** Tests the conditions that SQL cannot evaluate; undefined when SQL evaluates the whole filter. */
  readonly rest: ((document: Document) => boolean) | undefined;
}

/**
 * Compiles a filter. If it is a conjunction, each part becomes SQL if possible: when all its fields are declared, and
 * when no range and no null is compared with arrays. Excludes tombstones.
 */
export function compileFilter(collection: Collection, condition: Condition): Selection {
  const parts = partsOf(condition);
  const [onlyPart] = parts;
  const idLookup = parts.length === 1 && onlyPart !== undefined ? compileIdLookup(collection, onlyPart) : undefined;
  if (idLookup !== undefined) return { where: joinConditions([EXISTS, idLookup], 'AND'), rest: undefined };
  return compileParts(collection, parts);
}

/**
 * Compiles the parts of a conjunction, and adds conditions that are SQL already. For SQL that tests the parts on each
 * document that an index leads to.
 */
export function compileParts(
  collection: Collection,
  parts: readonly Condition[],
  ...conditions: readonly Sql[]
): Selection {
  const { ranges, others } = rangesByField(collection, parts);
  const inSql: Sql[] = [...conditions, ...ranges];
  const rest: Condition[] = [];
  for (const part of others) {
    const compiled = compile(collection, part);
    if (compiled === undefined) rest.push(part);
    else inSql.push(compiled);
  }
  const where = joinConditions([EXISTS, ...inSql], 'AND');
  if (rest.length === 0) return { where, rest: undefined };
  return { where, rest: (document) => rest.every((part) => matches(document, part)) };
}

/** The ranges of a conjunction that SQL evaluates, as one condition for each field and type, and the other parts. */
function rangesByField(
  collection: Collection,
  parts: readonly Condition[],
): { readonly ranges: Sql[]; readonly others: Condition[] } {
  const byField = new Map<string, { readonly column: string; readonly ranges: Range[] }>();
  const others: Condition[] = [];
  for (const part of parts) {
    const field = part.kind === 'range' ? collection.field(part.path) : undefined;
    // each of the ranges of an array may be met by another element
    if (part.kind !== 'range' || field === undefined || field.hasArrays) others.push(part);
    else {
      const name = `${typeof part.bound} ${field.column}`;
      const { ranges } = byField.get(name) ?? { ranges: [] };
      byField.set(name, { column: field.column, ranges: [...ranges, part] });
    }
  }
  return { ranges: Array.from(byField.values(), ({ column, ranges }) => rangesSql(column, ranges)), others };
}

export const partsOf = (condition: Condition): readonly Condition[] =>
  condition.kind === 'and' ? condition.parts.flatMap(partsOf) : [condition];

/** The document is not a tombstone. */
const EXISTS = sql('deleted = 0');

/** undefined when SQL cannot evaluate the condition: see {@link compileFilter}. */
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
  if (!isElementComparison(condition)) return undefined;
  const { text, values } = isElement(field, condition.values);
  const sortOrdinal = collection.sortOrdinalOf(field.ordinal);
  const sort = sortOrdinal === undefined ? NO_SORT_SQL : `ifnull(${columnName(sortOrdinal)}, ${NO_SORT_SQL})`;
  const ofDocument = `${text} AND sort = ${sort} AND doc = ${collection.table}.id`;
  const onElements: Sql = {
    text: `${isNegated ? 'NOT ' : ''}EXISTS (SELECT 1 FROM ${collection.elements} WHERE ${ofDocument})`,
    values,
  };
  return joinConditions([onColumn, onElements], isNegated ? 'AND' : 'OR');
}

/** Whether the rows of elements decide the comparison: it names values and no null. */
export const isElementComparison = (condition: Condition): condition is Extract<Condition, { kind: 'in' }> =>
  condition.kind === 'in' && !condition.values.includes(null);

/**
 * Compiles a filter with only one condition, on a field with arrays: the SQL finds the matching ids by the rows of
 * elements. For a filter with more conditions, {@link compile} is better: SQL tests the elements only of documents that
 * pass the other conditions, and stops when the page is full.
 */
function compileIdLookup(collection: Collection, condition: Condition): Sql | undefined {
  if (!isElementComparison(condition) || condition.negated) return undefined;
  const field = collection.field(condition.path);
  if (field?.hasArrays !== true) return undefined;
  const onColumn = comparisonSql(field.column, condition);
  const onElements = isElement(field, condition.values);
  const byColumn = `SELECT id FROM ${collection.table} WHERE deleted = 0 AND ${onColumn.text}`;
  const byElement = `SELECT doc FROM ${collection.elements} WHERE ${onElements.text}`;
  return sql(`id IN (${byColumn} UNION ALL ${byElement})`, ...onColumn.values, ...onElements.values);
}

type Comparison = Extract<Condition, { kind: 'in' | 'range' }>;
export type Range = Extract<Condition, { kind: 'range' }>;

/** The condition that a row of elements has one of these values of the field. */
export function isElement(field: Field, values: readonly Scalar[]): Sql {
  const onValue = oneOf('value', values);
  return { text: `field = ${String(field.ordinal)} AND ${onValue.text}`, values: onValue.values };
}

/** Ignores that a comparison is negated. */
export const comparisonSql = (column: string, comparison: Comparison): Sql =>
  comparison.kind === 'in' ? oneOf(column, comparison.values) : rangesSql(column, [comparison]);

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
 * The first value of each type in a column, and the first value after it. In SQLite's order, numbers come before the empty
 * text '', and texts before the empty blob x''. Booleans are the blobs that begin with their type byte.
 */
const TYPE_LIMITS = {
  number: { first: undefined, after: "''" },
  string: { first: "''", after: "x''" },
  boolean: { first: blobSql(TYPE_BYTES.boolean), after: blobSql(TYPE_BYTES.boolean + 1) },
};

/** The literal of a blob of one byte. */
function blobSql(byte: number): string {
  return `x'${byte.toString(16).padStart(2, '0')}'`;
}

/**
 * The condition that a column is in all of these ranges, whose bounds have one type. It has one lower and one upper bound,
 * because SQLite reads an index between one of each and would test further bounds on every row.
 */
export function rangesSql(column: string, ranges: readonly Range[]): Sql {
  const limits = TYPE_LIMITS[typeof ranges[0]?.bound as keyof typeof TYPE_LIMITS];
  const lower = tightest(ranges.filter(isLower), 1);
  const upper = tightest(
    ranges.filter((range) => !isLower(range)),
    -1,
  );
  const conditions: Sql[] = [];
  if (lower !== undefined) conditions.push(boundSql(column, lower));
  else if (limits.first !== undefined) conditions.push(sql(`${column} >= ${limits.first}`));
  conditions.push(upper === undefined ? sql(`${column} < ${limits.after}`) : boundSql(column, upper));
  return joinConditions(conditions, 'AND');
}

const isLower = ({ operator }: Range): boolean => operator === '$gt' || operator === '$gte';

const boundSql = (column: string, { operator, bound }: Range): Sql =>
  sql(`${column} ${SQL_OPERATORS[operator]} ?`, toColumn(bound));

/** The range with the greatest bound if `sign` is 1, with the least if it is -1; of equal ones that without the bound. */
function tightest([first, ...others]: readonly Range[], sign: 1 | -1): Range | undefined {
  if (first === undefined) return undefined;
  return others.reduce((one, other) => {
    const order = Buffer.compare(orderKey(other.bound), orderKey(one.bound)) * sign;
    const isStrict = other.operator === '$gt' || other.operator === '$lt';
    return order > 0 || (order === 0 && isStrict) ? other : one;
  }, first);
}
