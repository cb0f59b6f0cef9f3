import { Command } from 'commander';
import { complaints } from '../../projections/complaints/projection.js';
import type { QueueRow } from '../../projections/complaints/queue.js';
import { checkedQueue, QueueParameters, queueQuery } from '../api/queue.controller.js';
import { withStageLabel, type StageLabel } from '../complaint/terms/labels.js';
import type { Language } from '../platform/language.js';
import { systemClock } from '../platform/clock.js';
import { openStoresReadOnly } from '../app/stores.js';
import { warnWhenBehind } from './behind.js';
import { noMatchText, type Options } from './no-match.js';
import { addFieldOptions, queryOf } from './field-options.js';
import { configurationOf, print, printJson, printNotice } from './invocation.js';
import { languageOption } from './language.js';
import { tableOf } from '../platform/text-table.js';

type QueueOptions = { readonly json?: true; readonly language: Language } & Options;

export function queueCommand(): Command {
  const command = new Command('queue').description(
    'list complaints that are open or still owe something, ordered by due date (earliest first)',
  );
  return addFieldOptions(command, QueueParameters)
    .addOption(languageOption())
    .option('--json', 'print the page as JSON')
    .action(async ({ json, language, ...options }: QueueOptions) => {
      const parameters = queryOf(QueueParameters, options);
      const stores = await openStoresReadOnly(configurationOf(command));
      try {
        await warnWhenBehind(stores, complaints);
        const answer = await checkedQueue(stores.readModels, queueQuery(parameters, systemClock.now()));
        const items = answer.items.map((row) => withStageLabel(row, language));
        if (json === true) printJson({ ...answer, items });
        else if (items.length > 0) print(queueTable(items));
        if (items.length === 0)
          printNotice(
            parameters.cursor === undefined
              ? noMatchText('Searched complaints that are open or still owe something', options, [QueueParameters])
              : 'there are no more',
          );
      } finally {
        await stores.close();
      }
    });
}

export const queueTable = (items: readonly (QueueRow & StageLabel)[]): string =>
  tableOf(
    ['reference', 'stage', 'handler', 'severity', 'age h', 'first reply', 'resolution', 'about'],
    items.map(({ reference, stageLabel, handler, severity, ageHours, targets, product, issue }) => [
      reference,
      stageLabel,
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
