import { Command } from 'commander';
import type { Share } from '../../projections/trends/measures.js';
import { trends } from '../../projections/trends/projection.js';
import type { TrendsAnswer } from '../../projections/trends/query.js';
import { checkedTrends, TrendsParameters, trendsQuery } from '../api/trends.controller.js';
import { systemClock } from '../platform/clock.js';
import { readStoredReference } from '../app/reference.js';
import { openStoresReadOnly } from '../app/stores.js';
import { warnWhenBehind } from './behind.js';
import { addFieldOptions, queryOf } from './field-options.js';
import { configurationOf, print, printJson } from './invocation.js';
import { tableOf } from '../platform/text-table.js';

export function trendsCommand(): Command {
  const command = new Command('trends').description('print counts and shares of complaints');
  return addFieldOptions(command, TrendsParameters)
    .option('--json', 'print all measures, as JSON')
    .action(async ({ json, ...options }: { readonly json?: true }) => {
      const configuration = configurationOf(command);
      const parameters = queryOf(TrendsParameters, options);
      const { house } = (await readStoredReference(configuration, systemClock)).current();
      const query = trendsQuery(parameters, house.satisfiedScore);
      const stores = await openStoresReadOnly(configuration);
      try {
        await warnWhenBehind(stores, trends);
        const answer = await checkedTrends(stores.readModels, query);
        if (json === true) printJson(answer);
        else print(trendsTable(answer));
      } finally {
        await stores.close();
      }
    });
}

export const trendsTable = ({ groupBy, rows, total }: TrendsAnswer): string =>
  tableOf(
    [...groupBy, 'complaints', 'open', 'upheld', 'upheld or partly', 'timely', 'disputed', 'median days'],
    [
      ...rows.map((row) => ({ ...row, names: groupBy.map((group) => row.key[group] ?? 'not known') })),
      { ...total, names: groupBy.map((_, index) => (index === 0 ? 'all' : '')) },
    ].map((row) => [
      ...row.names,
      row.complaints,
      shareText(row.open),
      shareText(row.upheld),
      shareText(row.upheldOrPartly),
      shareText(row.timely),
      shareText(row.disputed),
      row.daysToResponse.median,
    ]),
  );

/** For example `3/7 (2 ?)`: numerator/denominator, then the number of complaints whose value is unknown, if any. */
const shareText = ({ numerator, denominator, unknown }: Share): string =>
  `${String(numerator)}/${String(denominator)}${unknown > 0 ? ` (${String(unknown)} ?)` : ''}`;
