import { LRUCache } from 'lru-cache';
import type { SqliteDatabase, SqliteStatement, SqlValue } from '../../platform/sqlite.js';

/** SQL text with the values of its placeholders. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

const MAX_CACHED_STATEMENTS = 300;
/** Maximum length of all cached statements together. One statement with buckets may have 100,000 characters. */
const MAX_CACHED_CHARACTERS = 2_000_000;

/** Caches the prepared statements of one connection; evicts the least recently used ones. */
export class Statements {
  private readonly cache = new LRUCache<string, SqliteStatement<unknown>>({
    max: MAX_CACHED_STATEMENTS,
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: (_, text) => text.length,
  });

  constructor(private readonly database: SqliteDatabase) {}

  /** The statement for this SQL text; a row is an object of its columns. */
  prepared<Row = Record<string, SqlValue>>(sql: string): SqliteStatement<Row> {
    let statement = this.cache.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare<unknown>(sql);
      this.cache.set(sql, statement);
    }
    return statement as SqliteStatement<Row>;
  }

  /**
   * The statement for this SQL text; a row is an array of its columns. Use it when a column may contain a blob: the
   * driver returns a Uint8Array here, but an ArrayBuffer in a row that is an object.
   */
  preparedRaw<Row extends readonly SqlValue[]>(sql: string): SqliteStatement<Row> {
    const key = `raw ${sql}`;
    let statement = this.cache.get(key);
    if (statement === undefined) {
      statement = this.database.prepareRaw(sql);
      this.cache.set(key, statement);
    }
    return statement as SqliteStatement<Row>;
  }

  /** Discards all statements. Call it before tables change. */
  clear(): void {
    this.cache.clear();
  }
}

/** SQL text with its values. */
export const sql = (text: string, ...values: readonly SqlValue[]): Sql => ({ text, values });

/** Joins conditions with AND or OR, each in parentheses. Without conditions, AND is true (1) and OR is false (0). */
export function joinConditions(conditions: readonly Sql[], operator: 'AND' | 'OR'): Sql {
  const [first] = conditions;
  if (first === undefined) return sql(operator === 'AND' ? '1' : '0');
  if (conditions.length === 1) return first;
  const text = conditions.map((condition) => `(${condition.text})`).join(` ${operator} `);
  return { text, values: conditions.flatMap((condition) => condition.values) };
}
