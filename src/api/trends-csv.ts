import { stringify } from 'csv-stringify/sync';
import type { TrendsAnswer } from '../../projections/trends/query.js';

/**
 * The rows as CSV (RFC 4180): the groups, then each measure. A share has the columns NAME_numerator, NAME_denominator and
 * NAME_unknown. An unknown group is empty. The totals are not included.
 */
export function trendsCsv({ groupBy, rows, total }: TrendsAnswer): string {
  const columns = [...groupBy, ...Object.keys(flat(total))];
  const lines = rows.map(({ key, ...measures }) => ({ ...flat(measures), ...key }));
  // escaped: a spreadsheet program must not run the name of a product as a formula
  return stringify(lines, { header: true, columns, escape_formulas: true, record_delimiter: 'windows' });
}

/** `{ open: { numerator: 1 } }` becomes `{ open_numerator: 1 }`. */
const flat = (measures: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(measures).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([part, number]: [string, unknown]) => [`${name}_${part}`, number])
        : [[name, value]],
    ),
  );
