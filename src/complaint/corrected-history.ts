import type { EventMetadata, Recorded } from '../eventstore/envelope.js';
import type { Rewriting } from '../eventstore/rewriting.js';
import type { Moment } from '../platform/moment.js';
import type { ComplaintRecord } from './complaint-record.js';
import { evolve, initial, type Complaint } from './complaint.js';
import type { ComplaintEvent } from './events.js';
import type { RecordedValue } from './terms/facts.js';

/**
 * Corrections (T22). The corrected value is what state and derived facts use; the recorded event keeps the original (I1).
 */

type Scalar = string | number | boolean | Moment;

/** Field of a correction that stands for the time when the event happened. */
export const OCCURRED_AT = 'occurredAt';

export const CORRECTIONS: Rewriting = {
  isRewriting: (type) => type === 'RecordCorrected',
  rewrite: correctedHistory,
};

/** The state of a complaint after its history. */
export const foldHistory = (id: string, history: readonly Recorded<ComplaintEvent>[]): Complaint =>
  correctedHistory(history).reduce<Complaint>(evolve, initial(id));

/** The history in which each correction is applied to its event. An unknown target or field changes nothing. */
export function correctedHistory<E extends Recorded>(history: readonly E[]): E[] {
  const corrected = [...history];
  for (const event of history as readonly Recorded[]) {
    const { type, data } = event as ComplaintRecord;
    if (type !== 'RecordCorrected') continue;
    const index = corrected.findIndex(({ revision }) => revision === data.target.revision);
    const target = corrected[index];
    if (target !== undefined) corrected[index] = withCorrection(target, data.field, data.newValue);
  }
  return corrected;
}

/**
 * The event with one corrected value. Copies of a time in the event are corrected too: a payload with a time of its own
 * has it as `occurredAt`.
 */
export function withCorrection<E extends Recorded>(event: E, field: string, corrected: RecordedValue): E {
  const before = scalarAt(event, field);
  const value = corrected.text ?? corrected.number ?? corrected.flag ?? corrected.time;
  if (before === undefined || value === undefined) return event;
  const { metadata, uncorrected = event.data } = event;
  const data: unknown = isMoment(value) ? replaceMoments(event.data, before, value) : event.data;
  const changed = field === OCCURRED_AT ? data : withValueAt(data, field.split('.'), value);
  const occurredAt: Moment =
    isMoment(value) && (field === OCCURRED_AT || isSame(metadata.occurredAt, before)) ? value : metadata.occurredAt;
  const { occurredAtBasis: _basis, ...stated } = metadata;
  const times: EventMetadata = occurredAt === metadata.occurredAt ? metadata : { ...stated, occurredAt };
  return { ...event, data: changed, metadata: times, uncorrected };
}

/** The value of a field of the event; undefined if it has none, or an object or a list. */
export function valueAt(event: Pick<Recorded, 'data' | 'metadata'>, field: string): RecordedValue | undefined {
  const value = scalarAt(event, field);
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'string':
      return { text: value };
    case 'number':
      return { number: value };
    case 'boolean':
      return { flag: value };
    default:
      return { time: value };
  }
}

function scalarAt({ data, metadata }: Pick<Recorded, 'data' | 'metadata'>, field: string): Scalar | undefined {
  if (field === OCCURRED_AT) return metadata.occurredAt;
  const found = field.split('.').reduce<unknown>((value, name) => memberOf(value, name), data);
  return isMoment(found) || ['string', 'number', 'boolean'].includes(typeof found) ? (found as Scalar) : undefined;
}

export const isMoment = (value: unknown): value is Moment =>
  typeof value === 'object' && value !== null && 'precision' in value;

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

function withValueAt(value: unknown, [name, ...rest]: readonly string[], replacement: Scalar): unknown {
  if (name === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((element: unknown, index) =>
      String(index) === name ? withValueAt(element, rest, replacement) : element,
    );
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [name]: withValueAt(memberOf(value, name), rest, replacement) };
}

/** Replaces the moments of the first level, and of the statement, that equal the corrected one. */
function replaceMoments(data: unknown, before: Scalar, value: Moment): unknown {
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, member]: [string, unknown]) => {
      if (OWN_TIMES.includes(name) && isSame(member, before)) return [name, value];
      return [name, name === 'statedBy' ? replaceMoments(member, before, value) : member];
    }),
  );
}

/** The fields of a payload that are the time when its event happened. */
export const OWN_TIMES: readonly string[] = ['at', 'deliveredAt', 'paidAt', 'decidedOn', 'receivedAt', 'statedOn'];

function isSame(one: unknown, other: unknown): boolean {
  if (!isMoment(one) || !isMoment(other)) return one === other;
  if (one.precision === 'instant') return other.precision === 'instant' && one.at === other.at;
  return other.precision === 'day' && one.day === other.day && one.zone === other.zone;
}
