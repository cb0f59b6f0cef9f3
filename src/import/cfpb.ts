import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';

/**
 * Maps the two published layouts of the CFPB register to commands: per row a `LodgeComplaint` and, if the row states a
 * response, a `RecordExternalOutcome`. Only what the row states becomes an event. Pure.
 */
export interface CfpbRow {
  /** The source reference of the complaint; rows without an id use another system than numbered rows. */
  readonly source: { readonly system: string; readonly ref: string };
  /** Bodies that are not validated yet. */
  readonly lodging: Readonly<Record<string, unknown>>;
  readonly lodgingKey: string;
  readonly outcome?: Readonly<Record<string, unknown>>;
  readonly outcomeKey?: string;
  readonly warnings: readonly RowIssue[];
}

export interface RowIssue {
  readonly code: string;
  readonly column: string;
  readonly value: string;
  readonly reason: string;
}

export type CfpbResult =
  | { readonly row: CfpbRow }
  | {
      readonly rejected: readonly RowIssue[];
      /** The register's id of the row, if it has one. */
      readonly reference?: string;
    };

/** Source systems of the two layouts. */
export const CFPB_NUMBERED = 'cfpb';
export const CFPB_UNNUMBERED = 'cfpb-unnumbered';

/** Dates of the register are days in the time zone of Washington. */
const ZONE = 'America/New_York';

const FIELDS = {
  dateReceived: ['Date received', 'date_received'],
  product: ['Product', 'product'],
  subProduct: ['Sub-product', 'sub_product'],
  issue: ['Issue', 'issue'],
  subIssue: ['Sub-issue', 'sub_issue'],
  narrative: ['Consumer complaint narrative', 'consumer_complaint_narrative'],
  publicResponse: ['Company public response', 'company_public_response'],
  company: ['Company', 'company'],
  state: ['State', 'state'],
  zip: ['ZIP code', 'zip_code'],
  tags: ['Tags', 'tags'],
  consent: ['Consumer consent provided?', 'consumer_consent_provided'],
  via: ['Submitted via', 'submitted_via'],
  dateSent: ['Date sent to company', 'date_sent_to_company'],
  response: ['Company response to consumer', 'company_response_to_consumer'],
  timely: ['Timely response?', 'timely_response'],
  disputed: ['Consumer disputed?', 'consumer_disputed'],
  id: ['Complaint ID', 'complaint_id'],
} as const;
type Field = keyof typeof FIELDS;

const NEEDED: readonly Field[] = ['dateReceived', 'product', 'issue', 'company', 'via', 'response', 'timely'];
const OUTCOME_FIELDS: readonly Field[] = ['response', 'publicResponse', 'timely', 'disputed'];

const CHANNELS: ReadonlyMap<string, string> = new Map([
  ['Web', 'website'],
  ['Referral', 'referral'],
  ['Web Referral', 'referral'],
  ['Phone', 'phone'],
  ['Postal mail', 'letter'],
  ['Fax', 'fax'],
  ['Email', 'email'],
]);

/** Maps the fields to the columns of a file. */
export class CfpbLayout {
  private readonly columns: ReadonlyMap<Field, string>;
  readonly numbered: boolean;
  private readonly seen = new Map<string, number>();

  /** @throws UnknownLayout when a needed column is missing */
  constructor(header: readonly string[]) {
    const present = new Set(header);
    const columns = new Map<Field, string>();
    for (const [field, names] of Object.entries(FIELDS) as [Field, readonly string[]][]) {
      const name = names.find((candidate) => present.has(candidate));
      if (name !== undefined) columns.set(field, name);
    }
    const missing = NEEDED.filter((field) => !columns.has(field)).map((field) => FIELDS[field].join(' or '));
    if (missing.length > 0) throw new UnknownLayout(missing);
    this.columns = columns;
    this.numbered = columns.has('id');
  }

  /** The column of a field of the commands, for issues that validation found: `/points/0/issue` → `Issue`. */
  columnOf(pointer: string): string {
    const field = POINTERS.find(([prefix]) => pointer.startsWith(prefix))?.[1];
    return (field && this.columns.get(field)) ?? pointer;
  }

  /** Reads one record. Call it for every row in file order: equal rows without an id are distinguished by their number. */
  read(record: Readonly<Record<string, string>>): CfpbResult {
    const cell = (field: Field): string => record[this.columns.get(field) ?? '']?.trim() ?? '';
    const rejected: RowIssue[] = [];
    const refuse = (field: Field, code: string, reason: string): void => {
      rejected.push({ code, column: this.columns.get(field) ?? field, value: cell(field), reason });
    };
    const read = <T>(field: Field, value: T | undefined, code: string, reason: string): T | undefined => {
      if (value === undefined) refuse(field, code, reason);
      return value;
    };
    const day = (field: Field) =>
      cell(field) === ''
        ? undefined
        : read(field, parseDay(cell(field)), 'bad_date', 'is not a date (M/D/YYYY or YYYY-MM-DD)');
    const yesNo = (field: Field) =>
      cell(field) === '' || cell(field) === 'N/A'
        ? undefined
        : read(field, YES_NO.get(cell(field).toLowerCase()), 'bad_value', 'is neither yes nor no');

    const received = day('dateReceived');
    if (cell('dateReceived') === '') refuse('dateReceived', 'missing', 'is required');
    const sent = day('dateSent');
    const channel = read('via', CHANNELS.get(cell('via')), 'bad_value', 'is not a channel of the register');
    const timely = yesNo('timely');
    const disputed = yesNo('disputed');
    if (this.numbered && !/^\d{1,12}$/.test(cell('id')))
      refuse('id', 'bad_value', 'is not a complaint id (1 to 12 digits)');
    if (rejected.length > 0 || received === undefined)
      return { rejected, ...(this.numbered && { reference: cell('id') }) };

    const lodgingCells = this.hash((field) => !OUTCOME_FIELDS.includes(field), cell);
    const outcomeCells = this.hash((field) => OUTCOME_FIELDS.includes(field), cell);
    const ref = this.numbered ? cell('id') : this.refOfEqualRows(this.hash(() => true, cell));
    const system = this.numbered ? CFPB_NUMBERED : CFPB_UNNUMBERED;
    const warnings: RowIssue[] =
      sent !== undefined && sent.day < received.day
        ? [
            {
              code: 'sent_before_received',
              column: this.columns.get('dateSent') ?? '',
              value: cell('dateSent'),
              reason: 'is before the receipt; recorded as given',
            },
          ]
        : [];

    return {
      row: {
        source: { system, ref },
        warnings,
        lodgingKey: `lodge:${system}:${ref}:${lodgingCells}`,
        lodging: given({
          channel,
          receivedAt: received,
          sentToRespondentAt: sent,
          sources: [{ system, ref }],
          narrative: cell('narrative'),
          consentToPublish: cell('consent'),
          vulnerabilityTags: cell('tags')
            .split(',')
            .map((tag) => tag.trim())
            .filter((tag) => tag !== ''),
          points: [
            given({
              issue: cell('issue'),
              subIssue: cell('subIssue'),
              subject: given({
                respondent: cell('company'),
                product: cell('product'),
                subProduct: cell('subProduct'),
                region: cell('state'),
                postalCode: cell('zip'),
              }),
            }),
          ],
        }),
        ...(cell('response') !== '' && {
          outcomeKey: `outcome:${system}:${ref}:${outcomeCells}`,
          outcome: given({
            register: 'CFPB',
            response: cell('response'),
            publicResponse: cell('publicResponse'),
            timely,
            disputed,
          }),
        }),
      },
    };
  }

  private hash(wanted: (field: Field) => boolean, cell: (field: Field) => string): string {
    const hash = createHash('sha256');
    for (const field of this.columns.keys()) if (wanted(field)) hash.update(`${field}\0${cell(field)}\0`);
    return hash.digest('hex').slice(0, 32);
  }

  private refOfEqualRows(cells: string): string {
    const ordinal = (this.seen.get(cells) ?? 0) + 1;
    this.seen.set(cells, ordinal);
    return `${cells}-${String(ordinal)}`;
  }
}

/** The header matches neither of the two layouts. */
export class UnknownLayout extends Error {
  override readonly name = 'UnknownLayout';
  constructor(readonly missing: readonly string[]) {
    super(`the header is not a layout of the CFPB register; missing columns: ${missing.join(', ')}`);
  }
}

const POINTERS: readonly (readonly [string, Field])[] = [
  ['/receivedAt', 'dateReceived'],
  ['/sentToRespondentAt', 'dateSent'],
  ['/points/0/issue', 'issue'],
  ['/points/0/subIssue', 'subIssue'],
  ['/points/0/subject/respondent', 'company'],
  ['/points/0/subject/product', 'product'],
  ['/points/0/subject/subProduct', 'subProduct'],
  ['/points/0/subject/region', 'state'],
  ['/points/0/subject/postalCode', 'zip'],
  ['/narrative', 'narrative'],
  ['/consentToPublish', 'consent'],
  ['/vulnerabilityTags', 'tags'],
  ['/channel', 'via'],
  ['/response', 'response'],
  ['/publicResponse', 'publicResponse'],
  ['/timely', 'timely'],
  ['/disputed', 'disputed'],
];

const YES_NO: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['no', false],
  ['false', false],
]);

/** Parses `M/D/YYYY` or `YYYY-MM-DD`; undefined if the day does not exist. */
function parseDay(text: string): { readonly day: string; readonly zone: string } | undefined {
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const [year, month, date] = american ? [american[3], american[1], american[2]] : [iso?.[1], iso?.[2], iso?.[3]];
  try {
    const parsed = Temporal.PlainDate.from(
      { year: Number(year), month: Number(month), day: Number(date) },
      { overflow: 'reject' },
    );
    return { day: parsed.toString(), zone: ZONE };
  } catch {
    return undefined;
  }
}

/** Removes empty fields: blank means unknown. */
function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => {
      if (value === undefined || value === '') return false;
      if (Array.isArray(value)) return value.length > 0;
      return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
    }),
  );
}
