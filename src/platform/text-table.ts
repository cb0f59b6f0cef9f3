import Table from 'cli-table3';

/** Formats rows as a text table. Columns are as wide as their content; null is shown as a dash. */
export function tableOf(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(row.map((cell) => (cell === null ? '–' : String(cell))));
  return table.toString();
}
