import { openDatabase } from '../../../src/platform/sqlite.js';
import { accessPaths } from '../../../src/readmodels/embedded/access-path.js';
import { Catalogue } from '../../../src/readmodels/embedded/catalogue.js';
import type { Collection } from '../../../src/readmodels/embedded/collection.js';
import { pageSql, sortFields } from '../../../src/readmodels/embedded/find-sql.js';
import { Statements } from '../../../src/readmodels/embedded/statements.js';
import { parseCount, parseFind } from '../../../src/readmodels/query-language.js';
import type { CountOptions, Filter, Find } from '../../../src/readmodels/read-models.js';

/** Calls `inspect` with a collection of the file and a function that returns SQLite's query plan for an SQL text. */
export function inspectPlans<T>(
  file: string,
  collection: string,
  inspect: (collection: Collection, planOf: (text: string) => string) => T,
): T {
  const database = openDatabase(file, { readonly: true });
  try {
    return inspect(new Catalogue(database, new Statements(database)).get(collection), (text) =>
      database
        .prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
        .all(...Array.from(text.matchAll(/\?/g), () => null))
        .map((row) => row.detail)
        .join('; '),
    );
  } finally {
    database.close();
  }
}

/** The query plan of each statement that a query for documents runs. SQL must evaluate the whole filter and the sort. */
export const findPlans = (file: string, name: string, find: Find): string[] =>
  inspectPlans(file, name, (collection, planOf) => {
    const { condition, order, index, after } = parseFind(find);
    const fields = sortFields(collection, order);
    return accessPaths(collection, condition, index).flatMap((path) => {
      if (path.rest !== undefined || fields === undefined) throw new Error('the query is not only SQL');
      return pageSql(path, fields, after).map(({ text }) => planOf(text));
    });
  });

/** The query plan of each statement that a count runs. SQL must evaluate the whole filter. */
export const countPlans = (file: string, name: string, filter: Filter, options: CountOptions): string[] =>
  inspectPlans(file, name, (collection, planOf) => {
    const { condition, index } = parseCount(filter, options);
    return accessPaths(collection, condition, index).map(({ fromIds, where, rest }) => {
      if (rest !== undefined) throw new Error('the count is not only SQL');
      return planOf(`SELECT 1 FROM ${fromIds} WHERE ${where.text}`);
    });
  });
