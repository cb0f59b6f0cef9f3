import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import type { REGISTER_SYSTEMS } from '../complaint/terms/vocabulary.js';

/*
 * Maps the two published layouts of the CFPB complaint register (Consumer Financial Protection Bureau, USA) to
 * commands. The older layout has no complaint ids. The commands contain only what the row states.
 */

/** The commands of one row: `LodgeComplaint` and, if the row states a response, `RecordExternalOutcome`. */
export interface CfpbRow {
  /** The source reference of the complaint. Rows with and without a complaint id have different systems. */
  readonly source: { readonly system: string; readonly ref: string };
  /** Body of `LodgeComplaint`, not validated yet. */
  readonly lodging: Readonly<Record<string, unknown>>;
  /** Idempotency key of `LodgeComplaint`. */
  readonly lodgingKey: string;
  /** Body of `RecordExternalOutcome`, not validated yet. */
  readonly outcome?: Readonly<Record<string, unknown>>;
  /** Idempotency key of `RecordExternalOutcome`. */
  readonly outcomeKey?: string;
  readonly warnings: readonly RowIssue[];
}

/** Why a row is rejected, or a warning about it. */
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
      /** The complaint id in the register, if the layout has one. */
      readonly reference?: string;
    };

/** Source system of rows with a complaint id. */
const CFPB_NUMBERED: (typeof REGISTER_SYSTEMS)[number] = 'cfpb';
/** Source system of rows without a complaint id. */
const CFPB_UNNUMBERED = 'cfpb-unnumbered';

/** Time zone of the dates in the register: that of Washington, D.C. */
const ZONE = 'America/New_York';

/** The names that the column of each field has in the older and in the newer layout. */
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

const REQUIRED_FIELDS: readonly Field[] = ['dateReceived', 'product', 'issue', 'company', 'via', 'response', 'timely'];
const OUTCOME_FIELDS: readonly Field[] = ['response', 'publicResponse', 'timely', 'disputed'];

/** Our channel for each value of "Submitted via". */
const CHANNELS: ReadonlyMap<string, string> = new Map([
  ['Web', 'website'],
  ['Referral', 'referral'],
  ['Web Referral', 'referral'],
  ['Phone', 'phone'],
  ['Postal mail', 'letter'],
  ['Fax', 'fax'],
  ['Email', 'email'],
]);

/** The layout of one file; maps its rows to commands. */
export class CfpbLayout {
  /** Column names by field. */
  private readonly columns: ReadonlyMap<Field, string>;
  /** True if rows have a complaint id. */
  private readonly isNumbered: boolean;
  /** How often each row has occurred, by the hash of its cells. */
  private readonly occurrences = new Map<string, number>();

  /** @throws UnknownLayout if a required column is missing, or a field has several columns */
  constructor(header: readonly string[]) {
    const columns = new Map<Field, string>();
    const repeated: string[] = [];
    for (const [field, names] of Object.entries(FIELDS) as [Field, readonly string[]][]) {
      const [name, ...others] = header.filter((candidate) => names.includes(candidate));
      if (name !== undefined) columns.set(field, name);
      if (others.length > 0) repeated.push(names.join(' or '));
    }
    if (repeated.length > 0) throw new UnknownLayout('repeated', repeated);
    const missing = REQUIRED_FIELDS.filter((field) => !columns.has(field)).map((field) => FIELDS[field].join(' or '));
    if (missing.length > 0) throw new UnknownLayout('missing', missing);
    this.columns = columns;
    this.isNumbered = columns.has('id');
  }

  /** The column for a JSON pointer into a command: `/points/0/issue` → `Issue`. Returns any other pointer unchanged. */
  columnOf(pointer: string): string {
    const field = POINTERS.find(([prefix]) => pointer.startsWith(prefix))?.[1];
    return (field && this.columns.get(field)) ?? pointer;
  }

  /** Maps one record, by column name. Call it once for each row in file order, because equal rows are numbered. */
  read(record: Readonly<Record<string, string>>): CfpbResult {
    const cell = (field: Field): string => record[this.columns.get(field) ?? '']?.trim() ?? '';
    const rejected: RowIssue[] = [];
    const rejectCell = (field: Field, code: string, reason: string): void => {
      rejected.push({ code, column: this.columns.get(field) ?? field, value: cell(field), reason });
    };
    /** Returns the parsed value; rejects the row if it is undefined. */
    const valueOrReject = <T>(field: Field, value: T | undefined, code: string, reason: string): T | undefined => {
      if (value === undefined) rejectCell(field, code, reason);
      return value;
    };
    const day = (field: Field) =>
      cell(field) === ''
        ? undefined
        : valueOrReject(field, parseDay(cell(field)), 'bad_date', 'is not a date (M/D/YYYY or YYYY-MM-DD)');
    const yesNo = (field: Field) =>
      cell(field) === '' || cell(field) === 'N/A'
        ? undefined
        : valueOrReject(field, YES_NO.get(cell(field).toLowerCase()), 'bad_value', 'is neither yes nor no');

    const received = day('dateReceived');
    if (cell('dateReceived') === '') rejectCell('dateReceived', 'missing', 'is required');
    const sent = day('dateSent');
    const channel = valueOrReject('via', CHANNELS.get(cell('via')), 'bad_value', 'is not a channel of the register');
    const timely = yesNo('timely');
    const disputed = yesNo('disputed');
    if (this.isNumbered && !/^\d{1,12}$/.test(cell('id')))
      rejectCell('id', 'bad_value', 'is not a complaint id (1 to 12 digits)');
    if (rejected.length > 0 || received === undefined)
      return { rejected, ...(this.isNumbered && { reference: cell('id') }) };

    const lodgingHash = this.hash((field) => !OUTCOME_FIELDS.includes(field), cell);
    const outcomeHash = this.hash((field) => OUTCOME_FIELDS.includes(field), cell);
    const ref = this.isNumbered ? cell('id') : this.numberedRef(this.hash(() => true, cell));
    const system = this.isNumbered ? CFPB_NUMBERED : CFPB_UNNUMBERED;
    const warnings: RowIssue[] =
      sent !== undefined && sent.day < received.day
        ? [
            {
              code: 'sent_before_received',
              column: this.columns.get('dateSent') ?? '',
              value: cell('dateSent'),
              reason: 'is before the date received; recorded unchanged',
            },
          ]
        : [];

    return {
      row: {
        source: { system, ref },
        warnings,
        lodgingKey: `lodge:${system}:${ref}:${lodgingHash}`,
        lodging: withoutEmpty({
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
            withoutEmpty({
              issue: cell('issue'),
              subIssue: cell('subIssue'),
              subject: withoutEmpty({
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
          outcomeKey: `outcome:${system}:${ref}:${outcomeHash}`,
          outcome: withoutEmpty({
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

  /** The first 128 bits (hex) of a SHA-256 over the cells of the selected fields. */
  private hash(isSelected: (field: Field) => boolean, cell: (field: Field) => string): string {
    const hash = createHash('sha256');
    for (const field of this.columns.keys()) if (isSelected(field)) hash.update(`${field}\0${cell(field)}\0`);
    return hash.digest('hex').slice(0, 32);
  }

  /** A reference for a row without a complaint id. Equal rows get `<hash>-1`, `<hash>-2` and so on, in file order. */
  private numberedRef(rowHash: string): string {
    const ordinal = (this.occurrences.get(rowHash) ?? 0) + 1;
    this.occurrences.set(rowHash, ordinal);
    return `${rowHash}-${String(ordinal)}`;
  }
}

/** The header matches neither of the two layouts: columns are missing, or a field has several columns. */
export class UnknownLayout extends Error {
  override readonly name = 'UnknownLayout';
  constructor(
    readonly fault: 'missing' | 'repeated',
    readonly columns: readonly string[],
  ) {
    super(`the header is not a layout of the CFPB register; ${fault} columns: ${columns.join(', ')}`);
  }
}

/** The fields by the JSON pointers of their values in the commands. */
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
  const monthFirst = /^(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{4})$/.exec(text);
  const yearFirst = /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})$/.exec(text);
  const { year, month, day } = (monthFirst ?? yearFirst)?.groups ?? {};
  try {
    const parsed = Temporal.PlainDate.from(
      { year: Number(year), month: Number(month), day: Number(day) },
      { overflow: 'reject' },
    );
    return { day: parsed.toString(), zone: ZONE };
  } catch {
    return undefined;
  }
}

/** Removes fields whose value is undefined, an empty text, an empty list or an empty object: they are unknown. */
function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => {
      if (value === undefined || value === '') return false;
      if (Array.isArray(value)) return value.length > 0;
      return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
    }),
  );
}
