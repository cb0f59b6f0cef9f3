import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { complaints } from '../../projections/complaints/projection.js';
import {
  complaintsOfIds,
  DEFAULT_PAGE_SIZE,
  type ComplaintRow,
  type ComplaintsOfIds,
  type ComplaintsQuery,
} from '../../projections/complaints/query.js';
import { requireKnownFilter } from '../api/complaint-list.controller.js';
import { SearchForPerson, searchedValues } from '../api/complaint-search.controller.js';
import { openStoresReadOnly, openSubjectsReadOnly } from '../app/stores.js';
import type { Configuration } from '../platform/configuration.js';
import { fieldsOf } from '../platform/fields.js';
import { PERSONAL_KINDS } from '../subject-index/personal-values.js';
import { warnWhenBehind } from './behind.js';
import { optionOf, queryOf } from './field-options.js';
import { UserError } from './invocation.js';
import type { Options } from './no-match.js';
import { utf8 } from './utf8.js';

/** The value of an option whose text is read from standard input: other users of a machine see its command lines. */
export const FROM_INPUT = '-';

/** Options that need the order of the list or all of its complaints. */
const NOT_COMBINED = ['sort', 'direction', 'count'] as const;

/**
 * The query of the options of {@link SearchForPerson}; undefined if no option is a personal value. Reads the texts of
 * options with the value `-` from standard input.
 * @throws UserError
 */
export async function personQuery(options: Options): Promise<SearchForPerson | undefined> {
  const [first] = PERSONAL_KINDS.filter((kind) => options[kind] !== undefined);
  if (first === undefined) return undefined;
  for (const name of NOT_COMBINED)
    if (options[name] !== undefined)
      throw new UserError(
        `${optionOf(name)} cannot be combined with ${optionOf(first)}: complaints that are found by personal values are ` +
          'listed in the order of recording, the latest first, and are not counted',
      );
  return queryOf(SearchForPerson, { ...options, ...(await textsFromInput(options)) });
}

/**
 * Finds complaints by personal values in the stores of this installation, while a service may be running: those that also
 * meet the criteria of `query`.
 * @throws UnknownValues if there is none, and no complaint has a value of the filter
 */
export async function findByPerson(
  configuration: Configuration,
  person: SearchForPerson,
  query: ComplaintsQuery,
): Promise<ComplaintsOfIds & { readonly next: string | null }> {
  const { eventStore, readModels, close } = await openStoresReadOnly(configuration);
  try {
    const { subjectIndex, store, projection } = await openSubjectsReadOnly(configuration);
    try {
      await warnWhenBehind({ eventStore, readModels: store }, projection);
      await warnWhenBehind({ eventStore, readModels }, complaints);
      const { limit = DEFAULT_PAGE_SIZE } = person;
      const items: ComplaintRow[] = [];
      const notYetVisible: ComplaintsOfIds['notYetVisible'][number][] = [];
      let next = person.cursor ?? null;
      do {
        const page = { limit: limit - items.length - notYetVisible.length, ...(next !== null && { cursor: next }) };
        const matches = await subjectIndex.search(searchedValues(person), page);
        const found = await complaintsOfIds(readModels, matches.ids, query);
        items.push(...found.items);
        notYetVisible.push(...found.notYetVisible);
        ({ next } = matches);
      } while (next !== null && items.length + notYetVisible.length < limit);
      if (items.length === 0 && person.cursor === undefined) await requireKnownFilter(readModels, query);
      return { items, notYetVisible, next };
    } finally {
      await store.close();
    }
  } finally {
    await close();
  }
}

/**
 * One line of standard input for each personal value that is `-`, in the order in which the help lists them.
 * @throws UserError if a line is missing, or if input that is not a terminal is not UTF-8
 */
async function textsFromInput(options: Options): Promise<Options> {
  const kinds: readonly string[] = PERSONAL_KINDS;
  const wanted = [...fieldsOf(SearchForPerson).keys()].filter(
    (name) => kinds.includes(name) && options[name] === FROM_INPUT,
  );
  if (wanted.length === 0) return {};
  const { stdin } = process;
  const source = stdin.isTTY ? stdin : Readable.from([utf8(await buffer(stdin), 'standard input')]);
  const input = createInterface({ input: source, crlfDelay: Infinity });
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
