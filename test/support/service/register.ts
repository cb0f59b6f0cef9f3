import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chance } from './chance.js';
import { isFullForm } from './extent.js';

/** A part of the published register. It is not in this repository, and is used only if it is at this path. */
const published = join(__dirname, '..', '..', '..', '..', 'shared', 'data', 'cfpb-2013-2016.csv');

/**
 * Path of a CSV file of the CFPB register to import. In a full test run it is the published file, if that is there.
 * Otherwise a file in the same format is written to `path`.
 */
export function registerFile(path: string): string {
  if (isFullForm && existsSync(published)) return published;
  const chance = new Chance(1);
  const day = () => `${String(chance.between(1, 12))}/${String(chance.between(1, 28))}/2015`;
  const header =
    'Date received,Product,Sub-product,Issue,Sub-issue,Company,State,ZIP code,Consumer consent provided?,' +
    'Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?';
  const rows = Array.from({ length: isFullForm ? 2000 : 500 }, () => {
    const received = day();
    const response = chance.oneOf(['Closed with explanation', 'Closed with monetary relief', 'In progress']);
    const product = chance.oneOf(['Mortgage', 'Debt collection', 'Credit card']);
    const [state, zip] = [chance.oneOf(['CA', 'TX', 'NY']), String(chance.between(10_000, 99_999))];
    return `${received},${product},,Billing disputes,,Bank ${String(chance.between(1, 50))},${state},${zip},N/A,Web,${received},${response},Yes,No`;
  });
  writeFileSync(path, [header, ...rows, ''].join('\n'));
  return path;
}
