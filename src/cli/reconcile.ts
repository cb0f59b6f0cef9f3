import { Command } from 'commander';
import { reconciliation, type Reconciliation } from '../../projections/intake-batches/query.js';
import { openStoresReadOnly } from '../stores.js';
import { instantOption } from './history.js';
import { configurationOf, print, printJson } from './invocation.js';
import { tableOf } from './table.js';

interface Options {
  readonly source?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

export const reconcileCommand = (): Command =>
  new Command('reconcile')
    .description('what sources sent, against what was taken')
    .option('--source <name>', 'only what this source sent')
    .option('--from <time>', 'batches from then on (RFC 3339 with offset)', instantOption)
    .option('--to <time>', 'batches before then', instantOption)
    .option('--json', 'as JSON')
    .action(async ({ json, ...query }: Options, command: Command) => {
      const stores = await openStoresReadOnly(configurationOf(command));
      try {
        const answer = await reconciliation(stores.readModels, query);
        if (json === true) printJson(answer);
        else print(told(answer));
      } finally {
        await stores.close();
      }
    });

function told({ totals, batches }: Reconciliation): string {
  const sums = tableOf(
    ['source', 'batches', 'broken off', 'read', 'accepted', 'already there', 'rejected'],
    totals.map((row) => [
      row.source,
      row.batches,
      row.interrupted,
      row.read,
      row.accepted,
      row.alreadyThere,
      row.rejected,
    ]),
  );
  const each = tableOf(
    ['batch', 'source', 'opened', 'name', 'whole', 'read', 'accepted', 'already there', 'rejected'],
    batches.map((row) => [
      row.id,
      row.source,
      row.openedAt,
      row.name,
      row.complete ? 'yes' : 'no',
      row.read,
      row.accepted,
      row.alreadyThere,
      row.rejected,
    ]),
  );
  return `${sums}\n${each}`;
}
