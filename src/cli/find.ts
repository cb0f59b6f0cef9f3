import { Command } from 'commander';
import { ParameterRefused } from '../../projections/complaints/criteria.js';
import { complaints } from '../../projections/complaints/projection.js';
import { findComplaints, type ComplaintRow, type ComplaintsAnswer } from '../../projections/complaints/query.js';
import { ComplaintListParameters, complaintsQuery } from '../api/complaint-list.controller.js';
import { openStoresReadOnly } from '../app/stores.js';
import type { Moment } from '../platform/moment.js';
import { tableOf } from '../platform/text-table.js';
import { warnWhenBehind } from './behind.js';
import { addFieldOptions, optionOf, queryOf } from './field-options.js';
import { configurationOf, print, printJson, printNotice, UserError } from './invocation.js';

export function findCommand(): Command {
  const command = new Command('find').description('find complaints, open and ended, the latest received first');
  return addFieldOptions(command, ComplaintListParameters)
    .option('--json', 'print the page as JSON')
    .action(async ({ json, ...options }: { readonly json?: true }) => {
      const configuration = configurationOf(command);
      const parameters = queryOf(ComplaintListParameters, options);
      const answer = await withOptionNames(async () => {
        const query = complaintsQuery(parameters, configuration.house.satisfiedScore);
        const stores = await openStoresReadOnly(configuration);
        try {
          await warnWhenBehind(stores, complaints);
          return await findComplaints(stores.readModels, query);
        } finally {
          await stores.close();
        }
      });
      if (json === true) printJson(answer);
      else printPage(answer);
    });
}

/** Runs the query. An error about a parameter names its option. @throws UserError */
async function withOptionNames<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (!(error instanceof ParameterRefused)) throw error;
    throw new UserError(`${optionOf(error.parameter)} ${error.reason}`);
  }
}

function printPage({ items, count, next }: ComplaintsAnswer): void {
  print(complaintTable(items));
  if (count !== undefined) print(`${count.atLeast ? 'at least ' : ''}${String(count.value)} complaints`);
  if (next !== null) printNotice(`there are more: repeat the command with --cursor ${next}`);
}

export const complaintTable = (items: readonly ComplaintRow[]): string =>
  tableOf(
    ['reference', 'received', 'stage', 'status', 'outcome', 'handler', 'about'],
    items.map(({ reference, receivedAt, stage, status, outcome, handler, product, issue }) => [
      reference,
      dayText(receivedAt),
      stage,
      status,
      outcome,
      handler,
      issue ?? product,
    ]),
  );

const dayText = (moment: Moment): string => (moment.precision === 'day' ? moment.day : moment.at.slice(0, 10));
