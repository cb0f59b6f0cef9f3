import { Command } from 'commander';
import { intakeBatches } from '../../projections/intake-batches/projection.js';
import { rejectedLines, type Reconciliation } from '../../projections/intake-batches/query.js';
import { checkedReconciliation } from '../api/reconciliation.controller.js';
import { openStoresReadOnly } from '../app/stores.js';
import { warnWhenBehind } from './behind.js';
import { instantOption } from './history.js';
import type { RejectedLine } from '../intake-batch/events.js';
import { UserError, configurationOf, print, printJson } from './invocation.js';
import { tableOf } from '../platform/text-table.js';

interface Options {
  readonly source?: string;
  readonly from?: string;
  readonly to?: string;
  readonly batch?: string;
  readonly json?: true;
}

export const reconcileCommand = (): Command =>
  new Command('reconcile')
    .description('compare what each source sent with what is recorded')
    .option('--source <name>', 'only batches of this source')
    .option('--from <time>', 'batches opened at or after this time (RFC 3339 with offset)', instantOption)
    .option('--to <time>', 'batches opened before this time (RFC 3339 with offset)', instantOption)
    .option('--batch <id>', 'list the rejected lines of this batch with their codes')
    .option('--json', 'print as JSON')
    .action(async ({ json, batch, ...query }: Options, command: Command) => {
      const stores = await openStoresReadOnly(configurationOf(command));
      try {
        await warnWhenBehind(stores, intakeBatches);
        if (batch !== undefined) {
          const lines = await allRejectedLines(stores.readModels, batch);
          if (json === true) printJson(lines);
          else print(tableOf(['line', 'reference', 'code', 'pointer'], lines.map(rejectedRow)));
          return;
        }
        const answer = await checkedReconciliation(stores.readModels, query);
        if (json === true) printJson(answer);
        else print(reconciliationText(answer));
      } finally {
        await stores.close();
      }
    });

/** The rejected lines of all pages, in line order. @throws UserError if there is no such batch */
async function allRejectedLines(
  readModels: Parameters<typeof rejectedLines>[0],
  batch: string,
): Promise<readonly RejectedLine[]> {
  const lines: RejectedLine[] = [];
  let after: number | undefined;
  do {
    const page = await rejectedLines(readModels, batch, after);
    if (page === undefined) throw new UserError(`there is no batch ${batch}`);
    lines.push(...page.lines);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return lines.sort((one, other) => one.line - other.line);
}

const rejectedRow = ({ line, reference, code, pointer }: RejectedLine): (string | number | null)[] => [
  line,
  reference ?? null,
  code,
  pointer ?? null,
];

function reconciliationText({ totals, batches }: Reconciliation): string {
  const totalsTable = tableOf(
    ['source', 'batches', 'interrupted', 'read', 'accepted', 'already there', 'unchanged', 'rejected'],
    totals.map((row) => [
      row.source,
      row.batches,
      row.interrupted,
      row.read,
      row.accepted,
      row.alreadyThere,
      row.unchanged,
      row.rejected,
    ]),
  );
  const batchesTable = tableOf(
    ['batch', 'source', 'opened', 'name', 'complete', 'read', 'accepted', 'already there', 'unchanged', 'rejected'],
    batches.map((row) => [
      row.id,
      row.source,
      row.openedAt,
      row.name,
      row.complete ? 'yes' : 'no',
      row.read,
      row.accepted,
      row.alreadyThere,
      row.unchanged,
      row.rejected,
    ]),
  );
  return `${totalsTable}\n${batchesTable}`;
}
