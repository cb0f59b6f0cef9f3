import { Command } from 'commander';
import { ParameterRefused } from '../../projections/complaints/criteria.js';
import { complaints } from '../../projections/complaints/projection.js';
import type {
  ComplaintRow,
  ComplaintsAnswer,
  ComplaintsOfIds,
  ComplaintsQuery,
} from '../../projections/complaints/query.js';
import { checkedComplaints, ComplaintListParameters, complaintsQuery } from '../api/complaint-list.controller.js';
import { SearchForPerson } from '../api/complaint-search.controller.js';
import { systemClock } from '../platform/clock.js';
import { readStoredReference } from '../app/reference.js';
import { openStoresReadOnly } from '../app/stores.js';
import { withStandingLabels, type StandingLabels } from '../complaint/terms/labels.js';
import type { Language } from '../platform/language.js';
import type { Configuration } from '../platform/configuration.js';
import type { Moment } from '../platform/moment.js';
import { tableOf } from '../platform/text-table.js';
import { PERSONAL_KINDS } from '../subject-index/personal-values.js';
import { NotSearchable, WHAT_IT_NEEDS } from '../subject-index/subject-index.js';
import { warnWhenBehind } from './behind.js';
import { noMatchText, type Options } from './no-match.js';
import { addFieldOptions, optionOf, queryOf } from './field-options.js';
import { findByPerson, FROM_INPUT, personQuery } from './find-person.js';
import { languageOption } from './language.js';
import { configurationOf, print, printJson, printNotice, UserError } from './invocation.js';

type FindOptions = { readonly json?: true; readonly language: Language } & Options;

/** A page of either kind of search. */
type Page = ComplaintsAnswer & Partial<Pick<ComplaintsOfIds, 'notYetVisible'>>;

export function findCommand(): Command {
  const command = new Command('find').description(
    'find complaints, open and ended, the latest received first; by personal values (name, phone, e-mail, account, ' +
      'order), all of which must match, the latest recorded first. Other users of this machine can see a command line: ' +
      `with the value ${FROM_INPUT} for a personal value, the command asks for it, or reads a line of standard input`,
  );
  addFieldOptions(command, SearchForPerson, PERSONAL_KINDS);
  return addFieldOptions(command, ComplaintListParameters)
    .addOption(languageOption())
    .option('--json', 'print the page as JSON')
    .action(async ({ json, language, ...options }: FindOptions) => {
      const page = await withOptionNames(() => pageOf(configurationOf(command), options));
      const labelled = { ...page, items: page.items.map((row) => withStandingLabels(row, language)) };
      if (json === true) printJson(labelled);
      else printPage(labelled);
      if (isEmpty(page))
        printNotice(
          options.cursor === undefined
            ? noMatchText('Searched all complaints, open and ended', options, [
                SearchForPerson,
                ComplaintListParameters,
              ])
            : 'there are no more',
        );
    });
}

async function pageOf(configuration: Configuration, options: Options): Promise<Page> {
  const parameters = queryOf(ComplaintListParameters, options);
  const { house } = (await readStoredReference(configuration, systemClock)).current();
  const query = complaintsQuery(parameters, house.satisfiedScore);
  const person = await personQuery(options);
  return person === undefined ? findAny(configuration, query) : findByPerson(configuration, person, query);
}

async function findAny(configuration: Configuration, query: ComplaintsQuery): Promise<Page> {
  const stores = await openStoresReadOnly(configuration);
  try {
    await warnWhenBehind(stores, complaints);
    return await checkedComplaints(stores.readModels, query);
  } finally {
    await stores.close();
  }
}

/** Runs the query. An error about a parameter names its option. @throws UserError */
async function withOptionNames<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof ParameterRefused) throw new UserError(`${optionOf(error.parameter)} ${error.reason}`);
    if (error instanceof NotSearchable)
      throw new UserError(error.kinds.map((kind) => `${optionOf(kind)} ${WHAT_IT_NEEDS[kind]}`).join('\n'));
    throw error;
  }
}

const isEmpty = ({ items, notYetVisible = [], next }: Page): boolean =>
  items.length === 0 && notYetVisible.length === 0 && next === null;

interface LabelledPage extends Page {
  readonly items: readonly (ComplaintRow & StandingLabels)[];
}

function printPage({ items, count, next, notYetVisible = [] }: LabelledPage): void {
  if (items.length > 0) print(complaintTable(items));
  if (count !== undefined) print(`${count.atLeast ? 'at least ' : ''}${String(count.value)} complaints`);
  if (notYetVisible.length > 0) {
    const references = notYetVisible.map(({ reference }) => reference).join(', ');
    printNotice(`also found, and not in the read model of lists yet: ${references}`);
  }
  if (next !== null) printNotice(`there are more: repeat the command with --cursor ${next}`);
}

export const complaintTable = (items: LabelledPage['items']): string =>
  tableOf(
    ['reference', 'received', 'stage', 'status', 'outcome', 'complainant', 'handler', 'about'],
    items.map(({ reference, receivedAt, stageLabel, statusLabel, outcomeLabel, complainant, handler, ...about }) => [
      reference,
      dayText(receivedAt),
      stageLabel,
      statusLabel,
      outcomeLabel,
      complainant,
      handler,
      about.issue ?? about.product,
    ]),
  );

const dayText = (moment: Moment): string => (moment.precision === 'day' ? moment.day : moment.at.slice(0, 10));
