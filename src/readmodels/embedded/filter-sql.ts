import type { SqlValue } from '../../platform/sqlite.js';
import { matches } from '../matching.js';
import type { Condition, Scalar } from '../query-language.js';
import type { Document } from '../read-models.js';
import { ORDER } from '../value-order.js';
import { bit, type Collection, type Field } from './collection.js';
import { toColumn } from './column.js';
import { joined, sql, type Sql } from './statements.js';

/** The part of a filter that SQL can evaluate, and the rest that must be tested on the resulting documents. */
export interface Selection {
  readonly where: Sql;
  /** undefined: SQL evaluates the whole filter. */
  readonly rest: ((document: Document) => boolean) | undefined;
}

/** Compiles a filter: each part of its outermost conjunction becomes SQL when all of its fields are declared. */
export function compileFilter(collection: Collection, condition: Condition): Selection {
  const parts = condition.kind === 'and' ? condition.parts : [condition];
  const covered: Sql[] = [];
  const rest: Condition[] = [];
  for (const part of parts) {
    const compiled = (parts.length === 1 ? byElements(collection, part) : undefined) ?? compile(collection, part);
    if (compiled === undefined) rest.push(part);
    else covered.push(compiled);
  }
  const visible = joined([sql('deleted = 0'), ...covered], 'AND');
  if (rest.length === 0) return { where: visible, rest: undefined };
  return { where: visible, rest: (document) => rest.every((part) => matches(document, part)) };
}

function compile(collection: Collection, condition: Condition): Sql | undefined {
  if (condition.kind === 'and' || condition.kind === 'or') {
    const parts = condition.parts.map((part) => compile(collection, part));
    if (!parts.every((part) => part !== undefined)) return undefined;
    return joined(parts, condition.kind === 'and' ? 'AND' : 'OR');
  }
  const field = collection.field(condition.path);
  if (field === undefined) return undefined;
  if (condition.kind === 'exists') return exists(field, condition.expected);
  const negated = condition.kind === 'in' && condition.negated;
  const own = negated ? noneOf(field.column, condition.values) : compared(field.column, condition);
  if (!field.array) return own;
  const element = elementsWhere(collection, field, condition);
  const among = `${negated ? 'NOT ' : ''}EXISTS (SELECT 1 ${element.text} AND doc = ${collection.table}.id)`;
  return joined([own, { text: among, values: element.values }], negated ? 'AND' : 'OR');
}

/**
 * A filter on a single field that holds arrays: looks up the matching ids first. Combined with other conditions, {@link
 * compile} tests each document that these leave, which reads no more than a page needs.
 */
function byElements(collection: Collection, condition: Condition): Sql | undefined {
  if (condition.kind !== 'in' && condition.kind !== 'range') return undefined;
  const field = collection.field(condition.path);
  if (field?.array !== true || (condition.kind === 'in' && condition.negated)) return undefined;
  const own = compared(field.column, condition);
  const element = elementsWhere(collection, field, condition);
  const plain = `SELECT id FROM ${collection.table} WHERE deleted = 0 AND ${own.text}`;
  return sql(`id IN (${plain} UNION ALL SELECT doc ${element.text})`, ...own.values, ...element.values);
}

type Comparison = Extract<Condition, { kind: 'in' | 'range' }>;

/** The element rows that satisfy a comparison; for a negated one, the comparison that it negates. */
function elementsWhere({ elements }: Collection, field: Field, comparison: Comparison): Sql {
  const element = compared('value', comparison);
  return {
    text: `FROM ${elements} WHERE field = ${String(field.ordinal)} AND ${element.text}`,
    values: element.values,
  };
}

const compared = (column: string, comparison: Comparison): Sql =>
  comparison.kind === 'in'
    ? oneOf(column, comparison.values)
    : range(column, comparison.operator, toColumn(comparison.bound), typeof comparison.bound);

function exists(field: Field, expected: boolean): Sql {
  if (field.ordinal < 0) return sql(expected ? '1' : '0');
  return sql(`(present & ${String(bit(field.ordinal))}) ${expected ? '<>' : '='} 0`);
}

function oneOf(column: string, values: readonly Scalar[]): Sql {
  const [some, nothing] = separated(values);
  const pieces: Sql[] = nothing ? [sql(`${column} IS NULL`)] : [];
  if (some.length === 1) pieces.push(sql(`${column} = ?`, ...some));
  if (some.length > 1) pieces.push(sql(`${column} IN (${placeholders(some)})`, ...some));
  const all = joined(pieces, 'OR');
  return { text: `(${all.text})`, values: all.values };
}

/** The complement of {@link oneOf}; a plain NOT would exclude NULLs. */
function noneOf(column: string, values: readonly Scalar[]): Sql {
  const [some, nothing] = separated(values);
  if (some.length === 0) return sql(nothing ? `${column} IS NOT NULL` : '1');
  if (nothing) return sql(`${column} NOT IN (${placeholders(some)})`, ...some); // not true for NULL
  if (some.length === 1) return sql(`${column} IS NOT ?`, ...some);
  return sql(`(${column} IS NULL OR ${column} NOT IN (${placeholders(some)}))`, ...some);
}

/** Pads lists to a power of two, so that few prepared statements serve all lengths. */
function separated(values: readonly Scalar[]): [some: SqlValue[], nothing: boolean] {
  const some = values.filter((value) => value !== null).map(toColumn);
  const last = some.at(-1);
  if (last !== undefined) while ((some.length & (some.length - 1)) !== 0) some.push(last);
  return [some, values.includes(null)];
}

const placeholders = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

const COMPARED = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;

/**
 * A range holds values of the type of the bound only: numbers sort below '', text from there to x'', booleans between
 * blobs.
 */
const WITHIN = {
  number: (column: string) => `${column} < ''`,
  string: (column: string) => `${column} >= '' AND ${column} < x''`,
  boolean: (column: string) => `${column} >= ${blob(ORDER.boolean)} AND ${column} < ${blob(ORDER.boolean + 1)}`,
};

const blob = (byte: number): string => `x'${byte.toString(16).padStart(2, '0')}'`;

function range(column: string, operator: keyof typeof COMPARED, bound: SqlValue, type: string): Sql {
  const within = WITHIN[type as keyof typeof WITHIN](column);
  return sql(`(${column} ${COMPARED[operator]} ? AND ${within})`, bound);
}
