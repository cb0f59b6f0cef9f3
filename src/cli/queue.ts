import { Command, InvalidArgumentError } from 'commander';
import { workQueue } from '../../projections/work-queue/projection.js';
import { queue, type QueueRow } from '../../projections/work-queue/query.js';
import { systemClock } from '../platform/clock.js';
import { openStoresReadOnly } from '../app/stores.js';
import { noticeWhenBehind } from './behind.js';
import { configurationOf, print, printJson } from './invocation.js';
import { tableOf } from '../platform/text-table.js';

export const queueCommand = (): Command =>
  new Command('queue')
    .description('list open complaints, the nearest due date first')
    .option('--handler <id>', 'only complaints of this handler; `none` for complaints without a handler')
    .option('--stage <stage>', 'only complaints in this stage')
    .option('--limit <number>', 'maximum number of complaints, 1 to 200', limitOption, 50)
    .option('--json', 'print the page as JSON')
    .action(async (options: { handler?: string; stage?: string; limit: number; json?: true }, command: Command) => {
      const stores = await openStoresReadOnly(configurationOf(command));
      try {
        await noticeWhenBehind(stores, workQueue);
        const { handler, stage, limit } = options;
        const answer = await queue(stores.readModels, {
          limit,
          now: systemClock.now(),
          filter: {
            ...(handler !== undefined && { handler: handler === 'none' ? null : handler }),
            ...(stage !== undefined && { stage }),
          },
        });
        if (options.json === true) printJson(answer);
        else print(queueTable(answer.items));
      } finally {
        await stores.close();
      }
    });

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

function targetText({ state, remainingHours }: QueueRow['targets']['resolution']): string {
  if (remainingHours === null) return state === 'met' ? 'met' : 'met late';
  return state === 'overdue' ? `${String(-remainingHours)} h over` : `in ${String(remainingHours)} h`;
}

function limitOption(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    throw new InvalidArgumentError('use a number from 1 to 200');
  return limit;
}
