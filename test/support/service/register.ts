import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chance } from './chance.js';
import { full } from './extent.js';

const published = join(__dirname, '..', '..', '..', '..', 'shared', 'data', 'cfpb-2013-2016.csv');

/**
 * A file of the register to import: in the full form the published one where it is, else one of the same layout,
 * written to `path`.
 */
export function registerFile(path: string): string {
  if (full && existsSync(published)) return published;
  const chance = new Chance(1);
  const day = () => `${String(chance.between(1, 12))}/${String(chance.between(1, 28))}/2015`;
  const header =
    'Date received,Product,Sub-product,Issue,Sub-issue,Company,State,ZIP code,Consumer consent provided?,' +
    'Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?';
  const rows = Array.from({ length: full ? 2000 : 500 }, () => {
    const day1 = day();
    const response = chance.oneOf(['Closed with explanation', 'Closed with monetary relief', 'In progress']);
    const product = chance.oneOf(['Mortgage', 'Debt collection', 'Credit card']);
    const [state, zip] = [chance.oneOf(['CA', 'TX', 'NY']), String(chance.between(10_000, 99_999))];
    return `${day1},${product},,Billing disputes,,Bank ${String(chance.between(1, 50))},${state},${zip},N/A,Web,${day1},${response},Yes,No`;
  });
  writeFileSync(path, [header, ...rows, ''].join('\n'));
  return path;
}
