import { Command } from 'commander';
import { createInterface } from 'node:readline';
import { complaintRows, unknownRow, type ComplaintRow } from '../api/complaint-rows.js';
import type { SearchPage } from '../api/answers/complaints.js';
import { SearchForPerson, searchedValues } from '../api/complaint-search.controller.js';
import { openStoresReadOnly, openSubjectsReadOnly } from '../app/stores.js';
import type { Configuration } from '../platform/configuration.js';
import { fieldsOf } from '../platform/fields.js';
import { tableOf } from '../platform/text-table.js';
import { PERSONAL_KINDS } from '../subject-index/personal-values.js';
import { warnWhenBehind } from './behind.js';
import { addFieldOptions, queryOf } from './field-options.js';
import { configurationOf, print, printJson, printNotice, UserError } from './invocation.js';

/** The value of an option whose text is read from standard input: other users of a machine see its command lines. */
const FROM_INPUT = '-';

export function searchCommand(): Command {
  const command = new Command('search').description(
    'find complaints, open or ended, by personal values, all of which must match. Other users of this machine can see a ' +
      `command line: with the value ${FROM_INPUT}, the command asks for the text, or reads a line of standard input`,
  );
  return addFieldOptions(command, SearchForPerson)
    .option('--json', 'print the page as JSON')
    .action(async ({ json, ...options }: { readonly json?: true } & Options) => {
      const answer = await findByPerson(configurationOf(command), await personQuery(options));
      if (json === true) printJson(answer);
      else {
        print(personTable(answer.items));
        if (answer.next !== null) printNotice(`there may be more: repeat the command with --cursor ${answer.next}`);
      }
    });
}

type Options = Readonly<Record<string, string | undefined>>;

/**
 * The query of the options of {@link SearchForPerson}; reads the texts of options with the value `-` from standard input.
 * @throws UserError
 */
export async function personQuery(options: Options): Promise<SearchForPerson> {
  if (PERSONAL_KINDS.every((kind) => options[kind] === undefined))
    throw new UserError('give at least one of --name, --phone, --email, --account and --order');
  return queryOf(SearchForPerson, { ...options, ...(await textsFromInput(options)) });
}

/** Finds complaints in the stores of this installation, while a service may be running. */
export async function findByPerson(
  configuration: Configuration,
  query: SearchForPerson,
): Promise<Omit<SearchPage, 'view'>> {
  const { eventStore, readModels, close } = await openStoresReadOnly(configuration);
  try {
    const { subjectIndex, store, projection } = await openSubjectsReadOnly(configuration);
    try {
      await warnWhenBehind({ eventStore, readModels: store }, projection);
      const { cursor, limit } = query;
      const { ids, next } = await subjectIndex.search(searchedValues(query), {
        ...(cursor !== undefined && { cursor }),
        ...(limit !== undefined && { limit }),
      });
      const rows = await complaintRows(readModels, ids);
      return { items: ids.map((id) => rows.get(id) ?? unknownRow(id)), next };
    } finally {
      await store.close();
    }
  } finally {
    await close();
  }
}

export const personTable = (items: readonly ComplaintRow[]): string =>
  tableOf(
    ['reference', 'stage', 'received', 'complainant', 'handler', 'about'],
    items.map(({ reference, stage, receivedAt, complainant, handler, issue, product }) => [
      reference,
      stage,
      receivedAt === null ? null : receivedAt.precision === 'day' ? receivedAt.day : receivedAt.at.slice(0, 10),
      complainant,
      handler,
      issue ?? product,
    ]),
  );

/** One line of standard input for each option with the value `-`, in the order in which the help lists them. */
async function textsFromInput(options: Options): Promise<Options> {
  const wanted = [...fieldsOf(SearchForPerson).keys()].filter((name) => options[name] === FROM_INPUT);
  if (wanted.length === 0) return {};
  const input = createInterface({ input: process.stdin, crlfDelay: Infinity });
  const lines = input[Symbol.asyncIterator]();
  const texts: Record<string, string> = {};
  for (const name of wanted) {
    if (process.stdin.isTTY) process.stderr.write(`${name}: `);
    const line = await lines.next();
    if (line.done === true) throw new UserError(`standard input has no line for --${name}`);
    texts[name] = line.value;
  }
  input.close();
  return texts;
}
