import {
  CATEGORIES,
  CHANNELS,
  NATURES,
  OUTCOMES,
  SEVERITIES,
  STAGES,
  STATUSES,
} from '../../src/complaint/terms/vocabulary.js';
import type { IndexSpec } from '../../src/readmodels/read-models.js';

/*
 * What complaints can be found and sorted by. The parameters of the API and the options of the command line, the indexes of
 * the read model and the test of the query plans all derive from these tables.
 */

/** One filter. A complaint matches if the field of its document has the value, or an array that contains it. */
export interface FilterSpec {
  /** The field of the document that holds the value. The index of the filter begins with it. */
  readonly field: string;
  readonly description: string;
  /** The value is one of these codes; otherwise it is text of at most `max` characters, or true or false. */
  readonly codes?: readonly string[];
  readonly max?: number;
  /** The filter accepts the value `none`: the complaint has no value. */
  readonly none?: true;
}

export const FILTERS = {
  reference: {
    field: 'reference',
    max: 40,
    description: 'The reference of the complaint, with or without hyphens and in upper or lower case',
  },
  source: { field: 'sources', max: 100, description: 'System of one of the sources of the complaint' },
  sourceRef: {
    field: 'sourceRefs',
    max: 200,
    description: 'Reference that one of the sources gave the complaint; with `source`, the reference of that source',
  },
  registerId: {
    field: 'sourceRefs',
    max: 200,
    description: 'Number of the complaint in a public register, such as the Complaint ID of the CFPB',
  },
  words: {
    field: 'words',
    max: 200,
    description:
      'Words of issue and product, every one of which must occur, in any order, upper or lower case. Of Chinese text, each pair of neighbouring characters',
  },
  handler: {
    field: 'handler',
    max: 128,
    none: true,
    description: 'Id of the handler; `none` for complaints without a handler',
  },
  orgUnit: {
    field: 'orgUnit',
    max: 200,
    none: true,
    description: 'Organisational unit; `none` for complaints without a unit',
  },
  product: { field: 'product', max: 300, description: 'Product of the first point' },
  category: {
    field: 'category',
    max: 100,
    none: true,
    description: `Category of the first point: ${CATEGORIES.join(', ')}, or one of a register; \`none\` if not classified`,
  },
  stage: { field: 'stage', codes: STAGES, description: 'Stage of the complaint' },
  status: { field: 'standing', codes: STATUSES, description: 'Status in the terms of other systems' },
  outcome: {
    field: 'outcome',
    codes: OUTCOMES,
    none: true,
    description: 'Overall outcome; `none` for complaints that are not determined in this episode',
  },
  nature: { field: 'nature', codes: NATURES, description: 'Nature, which is `complaint` until classified otherwise' },
  channel: { field: 'channel', codes: CHANNELS, description: 'Channel of the lodging' },
  severity: {
    field: 'severity',
    codes: SEVERITIES,
    none: true,
    description: 'Severity; `none` for complaints without an assessment',
  },
  open: { field: 'open', description: 'True: only open complaints; false: only ended ones' },
} as const satisfies { readonly [name: string]: FilterSpec };

export type FilterName = keyof typeof FILTERS;
export const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];

/** The value of a filter: true or false for `open`, for the others text. */
export type FilterValues = { readonly [name in Exclude<FilterName, 'open'>]?: string } & { readonly open?: boolean };

/** The value of a filter that matches complaints without a value. */
export const NONE = 'none';

/**
 * The dates of a complaint, with the names of the trends where they have them. Each has a field of this name in the
 * document: the day `YYYY-MM-DD`, or the instant in UTC if it is known. Complaints can be filtered and sorted by each.
 */
export const DATES = {
  received: 'received by the organisation',
  incident: 'incident, as stated in the lodging (its beginning)',
  recorded: 'recorded in this system',
  responded: 'first final response',
  ended: 'end of the complaint',
} as const satisfies { readonly [basis: string]: string };

export type DateBasis = keyof typeof DATES;
export const DATE_BASES = Object.keys(DATES) as DateBasis[];
export const DEFAULT_SORT = 'received' satisfies DateBasis;

type IndexFields = IndexSpec['fields'];

/** The index of a filter: it has the complaints with each value in the order of the default sort. */
export const indexOfFilter = (name: FilterName): IndexFields => ({ [FILTERS[name].field]: 1, [DEFAULT_SORT]: 1 });

/** The index of a date: it has all complaints in the order of this date. */
export const indexOfDate = (basis: DateBasis): IndexFields => ({ [basis]: 1 });

/** The indexes of all filters and dates, each once. */
export const FIND_INDEXES: readonly IndexSpec[] = [
  ...DATE_BASES.map(indexOfDate),
  ...new Map(FILTER_NAMES.map((name) => [FILTERS[name].field, indexOfFilter(name)])).values(),
].map((fields) => ({ fields }));

/** The indexes of the queue and of the queue of one handler. */
export const QUEUE_INDEX: IndexFields = { outstanding: 1, routine: 1, settled: 1, nextDue: 1 };
export const HANDLER_QUEUE_INDEX: IndexFields = { handler: 1, ...QUEUE_INDEX };
