import { isSameId } from '../staff/person.js';
import { personOf, type Recorded } from '../eventstore/envelope.js';
import { limitOf } from '../house-policy/limits.js';
import type { ApproveCorrection, ConfirmTime, ProposeCorrection, RejectCorrection } from './commands/correction.js';
import { isClaimed } from './claimed.js';
import type { Complaint } from './complaint.js';
import { correctable } from './correctable.js';
import { correctedHistory, OCCURRED_AT, OWN_TIMES, valueAt, withCorrection } from './corrected-history.js';
import {
  nothingToChange,
  rejectionOf,
  unmet,
  withoutUndefined,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import {
  CorrectionProposed,
  CorrectionRejected,
  RecordCorrected,
  TimeConfirmed,
  type ComplaintEvent,
} from './events.js';
import { nextId, received, unknownParty, withoutConflictOfInterest } from './guards.js';
import { unknownPerson } from './people.js';
import { letThrough } from './policy-refs.js';
import { orderProblems } from './precedence.js';
import type { Correction } from './state-types.js';
import type { RecordedValue } from './terms/facts.js';
import { futureTime } from './time.js';

/**
 * Corrections of recorded values and confirmations of late recorded times (T22). The event stays as it was recorded (I1);
 * state and derived facts use the corrected value.
 */
export const proposeCorrection = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ revision, field, newValue, basis }, complaint, context) => {
    const target = eventAt(context, revision);
    if (target === undefined) return { unmet: [unknownRecord(revision)] };
    const oldValue = valueAt(target, field);
    const rule = oldValue && correctable(target.type, field, oldValue);
    if (oldValue === undefined || rule === undefined) return { unmet: [notCorrectable(target, field)] };
    const rejection = rejectionOf(
      ...valueProblems(oldValue, newValue, rule, complaint),
      isEqual(oldValue, newValue) ? nothingToChange('the value is already this one', '/newValue') : undefined,
      complaint.corrections.some(
        ({ status, target: other, field: known }) =>
          status === 'Proposed' && other.revision === revision && known === field,
      )
        ? unmet(
            'correction_open',
            'a correction of this value is proposed; use `approve-correction` or `reject-correction`',
            '/field',
          )
        : undefined,
      ...timeProblems(target, field, newValue, context),
    );
    if (rejection) return rejection;
    const ids = complaint.corrections.map(({ correctionId }) => correctionId);
    const correction = {
      correctionId: nextId('k', ids),
      target: { revision, type: target.type },
      field,
      oldValue,
      newValue: withoutUndefined({ ...newValue }),
      basis,
    };
    if (!rule.needsSecondPerson) return [RecordCorrected(correction)];
    if (context.reference.house.correctionByTwo) return [CorrectionProposed(correction)];
    return [letThrough(RecordCorrected(correction), context, 'correctionByTwo')];
  },
} satisfies Decider<ProposeCorrection>;

const proposedCorrections = ({ corrections }: Complaint): Correction[] =>
  corrections.filter(({ status }) => status === 'Proposed');

const correctionProposed: Guard = (complaint) =>
  proposedCorrections(complaint).length === 0
    ? unmet('no_correction', 'no correction is proposed; use `propose-correction`')
    : undefined;

/** Unmet if the actor proposed every open correction (I25). */
const proposedByAnother: Guard = (complaint, { actor }) => {
  const proposed = proposedCorrections(complaint);
  return proposed.length > 0 && proposed.every(({ by }) => isSameId(by, actor.id))
    ? unmet('needs_second_person', 'the person who proposed the correction cannot approve it; another person must')
    : undefined;
};

export const approveCorrection = {
  guards: [received, withoutConflictOfInterest, correctionProposed, proposedByAnother],
  decide: ({ correctionId }, complaint, context) => {
    const { actor, reference } = context;
    const correction = complaint.corrections.find((known) => known.correctionId === correctionId);
    if (correction?.status !== 'Proposed') return { unmet: [notProposed(correction, correctionId)] };
    const { target, field, oldValue, newValue, basis, by } = correction;
    const event = eventAt(context, target.revision);
    const money = field.endsWith('.amount') && event !== undefined ? moneyOf(event, field, newValue) : undefined;
    const rejection = rejectionOf(
      isSameId(by, actor.id)
        ? unmet(
            'needs_second_person',
            'the person who proposed the correction cannot approve it; another person must',
            '/correctionId',
          )
        : undefined,
      unknownPerson(actor.id, context),
      money !== undefined &&
        actor.role !== 'scheduler' &&
        money.amount > limitOf({ role: actor.role }, money.currency, reference.house)
        ? unmet('above_limit', 'the corrected amount is above your limit; a person with a higher limit must approve it')
        : undefined,
      ...(event === undefined ? [unknownRecord(target.revision)] : timeProblems(event, field, newValue, context)),
    );
    return rejection ?? [RecordCorrected({ correctionId, target, field, oldValue, newValue, basis })];
  },
} satisfies Decider<ApproveCorrection>;

export const rejectCorrection = {
  guards: [received, withoutConflictOfInterest, correctionProposed],
  decide: ({ correctionId, reason }, complaint) => {
    const correction = complaint.corrections.find((known) => known.correctionId === correctionId);
    return correction?.status === 'Proposed'
      ? [CorrectionRejected({ correctionId, reason })]
      : { unmet: [notProposed(correction, correctionId)] };
  },
} satisfies Decider<RejectCorrection>;

/** A second person confirms the time of an event that was recorded late (I12). */
export const confirmTime = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ revision, basis }, complaint, context) => {
    const { actor, reference } = context;
    const event = eventAt(context, revision);
    if (event === undefined) return { unmet: [unknownRecord(revision)] };
    const isOwn = isSameId(personOf(event.metadata), actor.id);
    const rejection = rejectionOf(
      isClaimed(event, reference.house)
        ? undefined
        : unmet(
            'time_not_claimed',
            'the time was recorded when it happened, or is proven; nothing is to be confirmed',
            '/revision',
          ),
      complaint.confirmedTimes.some((time) => time.revision === revision)
        ? nothingToChange('the time is already confirmed', '/revision')
        : undefined,
      isOwn && reference.house.timeByTwo
        ? unmet('needs_second_person', 'the person who recorded the time cannot confirm it; another person must')
        : undefined,
      unknownPerson(actor.id, context),
    );
    if (rejection) return rejection;
    const confirmed = TimeConfirmed(withoutUndefined({ target: { revision, type: event.type }, basis }));
    return [isOwn ? letThrough(confirmed, context, 'timeByTwo') : confirmed];
  },
} satisfies Decider<ConfirmTime>;

/** The event with the corrections that are in force. */
const eventAt = ({ history = [] }: Context, revision: number): Recorded<ComplaintEvent> | undefined =>
  correctedHistory(history).find((event) => event.revision === revision);

const unknownRecord = (revision: number): Unmet =>
  unmet('unknown_record', `the complaint has no event with revision ${revision}; see its history`, '/revision');

const notCorrectable = ({ type }: Recorded<ComplaintEvent>, field: string): Unmet =>
  unmet(
    'not_correctable',
    `${type} has no value ${field} that can be corrected; name a text, number or time of its data, or \`occurredAt\``,
    '/field',
  );

const notProposed = (correction: Correction | undefined, id: string): Unmet =>
  correction === undefined
    ? unmet('unknown_correction', `the complaint has no correction ${id}`, '/correctionId')
    : nothingToChange(`correction ${id} is already ${correction.status.toLowerCase()}`, '/correctionId');

function valueProblems(
  oldValue: RecordedValue,
  newValue: RecordedValue,
  { codes, range, isParty }: NonNullable<ReturnType<typeof correctable>>,
  complaint: Complaint,
): (Unmet | undefined)[] {
  const kinds = kindsOf(newValue);
  const [expected = ''] = kindsOf(oldValue);
  if (kinds.length !== 1 || kinds[0] !== expected)
    return [unmet('wrong_value', `the value is a ${expected}; give exactly \`newValue.${expected}\``, '/newValue')];
  const { text, number } = newValue;
  return [
    codes !== undefined && text !== undefined && !codes.includes(text)
      ? unmet('not_in_list', `the value must be one of ${codes.slice(0, 30).join(', ')}`, '/newValue/text')
      : undefined,
    range !== undefined && number !== undefined && (number < range[0] || number > range[1])
      ? unmet('out_of_range', `the value must be from ${range[0]} to ${range[1]}`, '/newValue/number')
      : undefined,
    isParty ? unknownParty(complaint, text, '/newValue/text') : undefined,
  ];
}

const KINDS = ['text', 'number', 'flag', 'time'] as const;
const kindsOf = (value: RecordedValue) => KINDS.filter((kind) => value[kind] !== undefined);

const isEqual = (one: RecordedValue, other: RecordedValue): boolean =>
  KINDS.every((kind) => JSON.stringify(one[kind]) === JSON.stringify(other[kind]));

/**
 * The problems of a corrected time of a fact: it is in the future, or after its recording, or an event would be before
 * what it answers (I12, I21). A due time may lie anywhere.
 */
function timeProblems(
  target: Recorded<ComplaintEvent>,
  field: string,
  { time }: RecordedValue,
  context: Context,
): (Unmet | undefined)[] {
  const isFact = field === OCCURRED_AT || OWN_TIMES.includes(field) || field === 'statedBy.at';
  if (time === undefined || !isFact) return [];
  const { history = [] } = context;
  const before = correctedHistory(history);
  const after = before.map((event) =>
    event.revision === target.revision ? withCorrection(event, field, { time }) : event,
  );
  const known = orderProblems(before, context, '/newValue/time').map(
    ({ revision, message }) => `${revision} ${message}`,
  );
  const added = orderProblems(after, context, '/newValue/time').filter(
    ({ revision, message }) => !known.includes(`${revision} ${message}`),
  );
  return [
    futureTime(time, target.metadata.recordedAt, '/newValue/time'),
    ...added.map(({ revision: _revision, ...problem }) => problem),
  ];
}

/** The corrected amount with its currency. */
function moneyOf(event: Recorded<ComplaintEvent>, field: string, { number }: RecordedValue) {
  const currency = valueAt(event, field.replace(/amount$/, 'currency'))?.text;
  return number === undefined || currency === undefined ? undefined : { amount: number, currency };
}
