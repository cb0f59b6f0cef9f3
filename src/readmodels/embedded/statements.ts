import { LRUCache } from 'lru-cache';
import type { SqliteDatabase, SqliteStatement, SqlValue } from '../../platform/sqlite.js';

/** SQL text with the values of its placeholders. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** Characters of cached statements: a statement with buckets may have a hundred thousand. */
const MAX_STATEMENT_CHARACTERS = 2_000_000;

/** The prepared statements of one connection; evicts the least recently used ones. */
export class Statements {
  private readonly cache = new LRUCache<string, SqliteStatement<unknown>>({
    max: 300,
    maxSize: MAX_STATEMENT_CHARACTERS,
    sizeCalculation: (_, text) => text.length,
  });

  constructor(private readonly database: SqliteDatabase) {}

  prepared<Row = Record<string, SqlValue>>(sql: string): SqliteStatement<Row> {
    let statement = this.cache.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare<unknown>(sql);
      this.cache.set(sql, statement);
    }
    return statement as SqliteStatement<Row>;
  }

  /**
   * Rows as arrays of columns. Required when a column may hold a blob: in rows by name the driver returns ArrayBuffers.
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

  /** Clears the cache: tables are about to change. */
  forget(): void {
    this.cache.clear();
  }
}

export const sql = (text: string, ...values: readonly SqlValue[]): Sql => ({ text, values });

/** Joins pieces with a keyword, each in parentheses. */
export function joined(pieces: readonly Sql[], word: 'AND' | 'OR'): Sql {
  const [first] = pieces;
  if (first === undefined) return sql(word === 'AND' ? '1' : '0');
  if (pieces.length === 1) return first;
  const text = pieces.map((piece) => `(${piece.text})`).join(` ${word} `);
  return { text, values: pieces.flatMap((piece) => piece.values) };
}
