import { CURRENCY_CODES } from '../platform/currencies.js';
import { complaintEventTypes } from './events.js';
import { OCCURRED_AT } from './corrected-history.js';
import type { RecordedValue } from './terms/facts.js';
import {
  CATEGORIES,
  CAUSES,
  CHANNELS,
  COMPLEXITIES,
  IMPACT_SCOPES,
  MEDIA,
  OUTCOMES,
  PARTY_ROLES,
  REMEDY_TYPES,
  SEVERITIES,
} from './terms/vocabulary.js';

/** Which recorded values can be corrected, and by whom (T22). */

/** Values from a fixed list that can be corrected, by the last name of their path. Other codes decide the procedure. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  outcome: OUTCOMES,
  severity: SEVERITIES,
  impactScope: IMPACT_SCOPES,
  complexity: COMPLEXITIES,
  channel: CHANNELS,
  category: CATEGORIES,
  cause: CAUSES,
  suspectedCause: CAUSES,
  medium: MEDIA,
  role: PARTY_ROLES,
  remedyType: REMEDY_TYPES,
  resolved: ['yes', 'partly', 'no'],
  currency: CURRENCY_CODES,
};

/** Names, codes of other systems and groups of trends. Other open texts are ids that the procedure refers to. */
const OPEN_TEXTS: readonly string[] = [
  'product',
  'subProduct',
  'issue',
  'subIssue',
  'category',
  'region',
  'shift',
  'respondent',
  'orgUnit',
  'thirdParty',
  'employeeId',
  'language',
  'tenure',
  'consentToPublish',
  'intakePoint',
  'impactScope',
  'complexity',
  'currency',
  'body',
  'ref',
  'register',
  'response',
  'publicResponse',
  'method',
  'level',
  'subjectId',
];

/** Fields that name a party of the complaint. */
const PARTY_REFERENCES: readonly string[] = ['party', 'to', 'payee', 'addressees.*'];

const NUMBERS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  amount: [0, 1e15],
  score: [1, 5],
  nps: [0, 10],
  minutes: [1, 1440],
};

const FLAGS: readonly string[] = ['substantive', 'timely', 'disputed'];

/** Times of facts that start or stop no clock. */
const TIMES_WITHOUT_CLOCK: readonly string[] = [
  'incidentAt.from',
  'incidentAt.to',
  'capturedAt',
  'contactAttempts.*.at',
];

export interface Correctable {
  /** True if a second person must approve the correction: a time of a clock, outcome, amount, party or severity. */
  readonly needsSecondPerson: boolean;
  /** True for the id of a party of the complaint. */
  readonly isParty: boolean;
  /** The permitted codes, if the value is one. */
  readonly codes?: readonly string[];
  readonly range?: readonly [min: number, max: number];
}

/** How this value of an event of this type can be corrected; undefined if it cannot. */
export function correctable(type: string, field: string, value: RecordedValue): Correctable | undefined {
  const path = field.replaceAll(/\.\d+(?=\.|$)/g, '.*');
  const name = path.split('.').at(-1) ?? '';
  const reference = path.split('.').slice(-2).join('.');
  if (value.time !== undefined)
    return { needsSecondPerson: path === OCCURRED_AT || !TIMES_WITHOUT_CLOCK.includes(path), isParty: false };
  if (value.number !== undefined) {
    const range = NUMBERS[name];
    return range && { needsSecondPerson: name === 'amount', isParty: false, range };
  }
  if (value.flag !== undefined)
    return FLAGS.includes(name) ? { needsSecondPerson: name === 'substantive', isParty: false } : undefined;
  const definition = complaintEventTypes.find((known) => known.type === type);
  const isPersonal = definition?.personal.includes(path) === true;
  const isOpen = definition?.open.includes(path) === true;
  const isParty = isOpen && PARTY_REFERENCES.some((known) => known === name || known === reference);
  const codes = isPersonal || OPEN_LABELS.includes(`${type} ${path}`) ? undefined : CODES[name];
  if (!isPersonal && !isParty && codes === undefined && !(isOpen && OPEN_TEXTS.includes(name))) return undefined;
  const isOfParty = path.startsWith('parties.') || path.startsWith('party.') || path.startsWith('contacts.');
  const needsSecondPerson = isParty || isOfParty || ['outcome', 'severity', 'currency', 'employeeId'].includes(name);
  return { needsSecondPerson, isParty, ...(codes !== undefined && { codes }) };
}

/** Open texts that a register or another system names freely, although a code list has the same name. */
const OPEN_LABELS: readonly string[] = [
  'ComplaintReceived points.*.category',
  'ComplaintReceived parties.*.contacts.*.channel',
];
