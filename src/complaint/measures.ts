import type { CompleteMeasure, RecordRedressPayment, WaiveMeasure } from './commands/resolution.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  present,
  refusal,
  unmet,
  type Decider,
  type Guard,
  type Rejection,
  type Unmet,
} from './decision.js';
import { RedressPaid, RemedyImplemented, RemedyMeasureCompleted, RemedyMeasureWaived } from './events.js';
import { idFor, interestOf, received, unknownEvidence, withoutInterest } from './guards.js';
import { isOwed } from './progress.js';
import { unknownRemedy } from './offers.js';
import type { MeasureFile, Payment, Remedy } from './state-types.js';
import { MONETARY_REMEDIES } from './terms/vocabulary.js';

/** Doing what was promised (T13): accepted measures stay owed whatever becomes of the complaint. */

/** An accepted remedy can always be carried out; one that needs no acceptance while its complaint is Determined or Responded. */
const canBeDone = (remedy: Remedy, { stage }: Complaint): boolean =>
  isOwed(remedy) && (remedy.answered !== undefined || stage === 'Determined' || stage === 'Responded');

const somethingToDo: Guard = (complaint) => {
  if (complaint.remedies.some((remedy) => canBeDone(remedy, complaint))) return undefined;
  return complaint.remedies.some(({ measures }) => measures.some(({ status }) => status !== 'Open'))
    ? nothingToChange('every measure is done or waived')
    : unmet('no_open_measure', 'no measure is accepted, or offered without needing acceptance');
};

/** Paying and disclosing need to know who it is. */
const somebodyIdentified: Guard = ({ parties }) =>
  parties.some(({ identity, authority }) => identity.status === 'Done' && authority !== 'rejected')
    ? undefined
    : unmet('identity_not_verified', 'money is paid to nobody whose identity is not verified');

export const completeMeasure: Decider<CompleteMeasure> = {
  guards: [received, withoutInterest, somethingToDo],
  decide: ({ remedyId, measureId, confirmation, evidenceIds }, complaint, context) => {
    const place = locate(complaint, remedyId, measureId);
    if ('unmet' in place) return place;
    const { remedy, measure } = place;
    return (
      refusal(
        measure.status === 'Done' ? nothingToChange(`${measureId} is done`, '/measureId') : undefined,
        measure.status === 'Waived' ? unmet('measure_waived', `${measureId} was waived`, '/measureId') : undefined,
        measure.status === 'Open' ? notYet(remedy, complaint) : undefined,
        measure.provider === 'thirdParty' && (confirmation ?? '').trim() === ''
          ? unmet('confirmation_missing', 'a third party’s measure is complete when confirmed', '/confirmation')
          : undefined,
        MONETARY_REMEDIES.includes(measure.type) ? somebodyIdentified(complaint, context) : undefined,
        unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
      ) ?? [
        RemedyMeasureCompleted(present({ remedyId, measureId, confirmation, evidenceIds })),
        ...implementedBy(remedy, measureId),
      ]
    );
  },
};

/** The last open measure waived implements the remedy where anything else of it was done. */
export const waiveMeasure: Decider<WaiveMeasure> = {
  guards: [received, withoutInterest, somethingToDo],
  decide: ({ remedyId, measureId, reason, responsible }, complaint) => {
    const place = locate(complaint, remedyId, measureId);
    if ('unmet' in place) return place;
    const { remedy, measure } = place;
    const problem = refusal(
      measure.status === 'Waived' ? nothingToChange(`${measureId} is waived`, '/measureId') : undefined,
      measure.status === 'Done' ? unmet('measure_done', `${measureId} is done`, '/measureId') : undefined,
      measure.status === 'Open' ? notYet(remedy, complaint) : undefined,
      interestOf(complaint, responsible, '/responsible'),
    );
    if (problem) return problem;
    const anythingDone = remedy.measures.some(({ status }) => status === 'Done');
    return [
      RemedyMeasureWaived({ remedyId, measureId, reason, responsible }),
      ...(anythingDone ? implementedBy(remedy, measureId) : []),
    ];
  },
};

/**
 * Money that was paid: under a measure, under a remedy, or ex gratia beside both. A payment that makes up what a
 * measure of money promises completes it; a third party's is complete when confirmed.
 */
export const recordRedressPayment: Decider<RecordRedressPayment> = {
  guards: [
    received,
    withoutInterest,
    somebodyIdentified,
    (complaint) =>
      complaint.stage === 'Determined' ||
      complaint.stage === 'Responded' ||
      complaint.remedies.some(({ answered, status }) => answered !== undefined && status !== 'Rejected')
        ? undefined
        : unmet('nothing_owed', 'nothing is accepted, and the complaint is neither Determined nor Responded'),
  ],
  decide: ({ remedyId, measureId, money, exGratia, paymentRef }, complaint) => {
    const taken = complaint.payments.map((payment) => payment.paymentId);
    const paid = RedressPaid(
      present({ paymentId: idFor('y', undefined, taken), remedyId, measureId, money, exGratia, paymentRef }),
    );
    const repeated = complaint.payments.some(
      (payment) => paymentRef !== undefined && payment.paymentRef === paymentRef && sameMoney(payment, money),
    );
    const wrong = refusal(
      repeated ? nothingToChange('this payment is recorded', '/paymentRef') : undefined,
      money.amount === 0 ? unmet('no_money', 'nothing was paid', '/money/amount') : undefined,
      remedyId === undefined && (measureId !== undefined || !exGratia)
        ? unmet('remedy_missing', 'say which remedy it is paid under', '/remedyId')
        : undefined,
    );
    if (wrong) return wrong;
    if (remedyId === undefined)
      return complaint.stage === 'Determined' || complaint.stage === 'Responded'
        ? [paid]
        : { unmet: [unmet('remedy_missing', 'say which accepted remedy it is paid under', '/remedyId')] };
    const remedy = complaint.remedies.find((one) => one.remedyId === remedyId);
    if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
    if (measureId === undefined)
      return refusal(remedy.status === 'Implemented' ? undefined : notYet(remedy, complaint)) ?? [paid];
    const place = locate(complaint, remedyId, measureId);
    if ('unmet' in place) return place;
    const { measure } = place;
    const problem = refusal(
      measure.status === 'Waived' ? unmet('measure_waived', `${measureId} was waived`, '/measureId') : undefined,
      measure.status === 'Open' ? notYet(remedy, complaint) : undefined,
      measure.amount !== undefined && measure.amount.currency !== money.currency
        ? unmet('other_currency', `the measure is in ${measure.amount.currency}`, '/money/currency')
        : undefined,
    );
    if (problem) return problem;
    const soFar = complaint.payments
      .filter((payment) => payment.remedyId === remedyId && payment.measureId === measureId)
      .reduce((sum, payment) => sum + payment.money.amount, money.amount);
    const settles =
      measure.status === 'Open' &&
      measure.provider === 'self' &&
      MONETARY_REMEDIES.includes(measure.type) &&
      soFar >= (measure.amount?.amount ?? 0);
    return settles
      ? [paid, RemedyMeasureCompleted({ remedyId, measureId }), ...implementedBy(remedy, measureId)]
      : [paid];
  },
};

const sameMoney = ({ money }: Payment, other: Payment['money']): boolean =>
  money.amount === other.amount && money.currency === other.currency;

const notYet = (remedy: Remedy, complaint: Complaint): Unmet | undefined =>
  canBeDone(remedy, complaint)
    ? undefined
    : unmet(
        'not_owed',
        `${remedy.remedyId} is ${remedy.status} and the complaint ${String(complaint.stage)}`,
        '/remedyId',
      );

/** The last measure implements its remedy. */
const implementedBy = ({ remedyId, measures }: Remedy, last: string) =>
  measures.every(({ id, status }) => id === last || status !== 'Open') ? [RemedyImplemented({ remedyId })] : [];

type Located = { readonly remedy: Remedy; readonly measure: MeasureFile } | Rejection;

function locate({ remedies }: Complaint, remedyId: string, measureId: string): Located {
  const remedy = remedies.find((one) => one.remedyId === remedyId);
  if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
  const measure = remedy.measures.find(({ id }) => id === measureId);
  return measure === undefined
    ? { unmet: [unmet('unknown_measure', `${remedyId} has no measure ${measureId}`, '/measureId')] }
    : { remedy, measure };
}
