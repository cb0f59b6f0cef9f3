import { Command } from 'commander';
import { complaints } from '../../projections/complaints/projection.js';
import type { QueueRow } from '../../projections/complaints/queue.js';
import { checkedQueue, QueueParameters, queueQuery } from '../api/queue.controller.js';
import { systemClock } from '../platform/clock.js';
import { openStoresReadOnly } from '../app/stores.js';
import { warnWhenBehind } from './behind.js';
import { addFieldOptions, queryOf } from './field-options.js';
import { configurationOf, print, printJson } from './invocation.js';
import { tableOf } from '../platform/text-table.js';

export function queueCommand(): Command {
  const command = new Command('queue').description(
    'list complaints that are open or still owe something, ordered by due date (earliest first)',
  );
  return addFieldOptions(command, QueueParameters)
    .option('--json', 'print the page as JSON')
    .action(async ({ json, ...options }: { readonly json?: true }) => {
      const parameters = queryOf(QueueParameters, options);
      const stores = await openStoresReadOnly(configurationOf(command));
      try {
        await warnWhenBehind(stores, complaints);
        const answer = await checkedQueue(stores.readModels, queueQuery(parameters, systemClock.now()));
        if (json === true) printJson(answer);
        else print(queueTable(answer.items));
      } finally {
        await stores.close();
      }
    });
}

export const queueTable = (items: readonly QueueRow[]): string =>
  tableOf(
    ['reference', 'stage', 'handler', 'severity', 'age h', 'first reply', 'resolution', 'about'],
    items.map(({ reference, stage, handler, severity, ageHours, targets, product, issue }) => [
      reference,
      stage,
      handler,
      severity,
      ageHours,
      targetText(targets.firstResponse),
      targetText(targets.resolution),
      issue ?? product,
    ]),
  );

/** `remainingHours` is null once the target was met or met late. */
function targetText({ state, remainingHours }: QueueRow['targets']['resolution']): string {
  if (remainingHours === null) return state === 'met' ? 'met' : 'met late';
  return state === 'overdue' ? `${String(-remainingHours)} h over` : `in ${String(remainingHours)} h`;
}
