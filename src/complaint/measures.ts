import type { CompleteMeasure, RecordRedressPayment, WaiveMeasure } from './commands/resolution.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Decider,
  type Guard,
  type Rejection,
  type Unmet,
} from './decision.js';
import { RedressPaid, RemedyImplemented, RemedyMeasureCompleted, RemedyMeasureWaived } from './events.js';
import { conflictOfInterest, nextId, received, unknownEvidence, withoutConflictOfInterest } from './guards.js';
import { isOwed } from './progress.js';
import { unknownRemedy } from './offers.js';
import type { MeasureFile, Payment, Remedy } from './state-types.js';
import { MONETARY_REMEDIES } from './terms/vocabulary.js';

/** Measures and payments (T13). The measures of an accepted remedy stay owed in every stage of the complaint. */

/**
 * An accepted remedy can be carried out in any stage. A remedy that needs no acceptance can be carried out while the
 * complaint is Determined or Responded.
 */
const canBeDone = (remedy: Remedy, { stage }: Complaint): boolean =>
  isOwed(remedy) && (remedy.answered !== undefined || stage === 'Determined' || stage === 'Responded');

const hasOpenMeasure: Guard = (complaint) => {
  if (complaint.remedies.some((remedy) => canBeDone(remedy, complaint))) return undefined;
  return complaint.remedies.some(({ measures }) => measures.some(({ status }) => status !== 'Open'))
    ? nothingToChange('every measure is already done or waived')
    : unmet(
        'no_open_measure',
        'the complaint has no open measure: no remedy is accepted, and none is offered that needs no acceptance',
      );
};

/** A payment and a monetary measure require a party with a verified identity. */
const identityVerified: Guard = ({ parties }) =>
  parties.some(({ identity, authority }) => identity.status === 'Done' && authority !== 'rejected')
    ? undefined
    : unmet('identity_not_verified', 'no party has a verified identity; use `verify-identity` before the payment');

export const completeMeasure = {
  guards: [received, withoutConflictOfInterest, hasOpenMeasure],
  decide: ({ remedyId, measureId, confirmation, evidenceIds }, complaint, context) => {
    const located = locate(complaint, remedyId, measureId);
    if ('unmet' in located) return located;
    const { remedy, measure } = located;
    return (
      rejectionOf(
        measure.status === 'Done' ? nothingToChange(`measure ${measureId} is already done`, '/measureId') : undefined,
        measure.status === 'Waived'
          ? unmet('measure_waived', `measure ${measureId} is waived and cannot be completed or paid`, '/measureId')
          : undefined,
        measure.status === 'Open' ? notOwed(remedy, complaint) : undefined,
        measure.provider === 'third_party' && (confirmation ?? '').trim() === ''
          ? unmet(
              'confirmation_missing',
              'the measure of a third party needs its confirmation; give `confirmation`',
              '/confirmation',
            )
          : undefined,
        MONETARY_REMEDIES.includes(measure.type) ? identityVerified(complaint, context) : undefined,
        unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
      ) ?? [
        RemedyMeasureCompleted(withoutUndefined({ remedyId, measureId, confirmation, evidenceIds })),
        ...implementedAfter(remedy, measureId),
      ]
    );
  },
} satisfies Decider<CompleteMeasure>;

/** The waiver of the last open measure implements the remedy if another measure of this remedy was done. */
export const waiveMeasure = {
  guards: [received, withoutConflictOfInterest, hasOpenMeasure],
  decide: ({ remedyId, measureId, reason, responsible }, complaint) => {
    const located = locate(complaint, remedyId, measureId);
    if ('unmet' in located) return located;
    const { remedy, measure } = located;
    const rejection = rejectionOf(
      measure.status === 'Waived' ? nothingToChange(`measure ${measureId} is already waived`, '/measureId') : undefined,
      measure.status === 'Done'
        ? unmet('measure_done', `measure ${measureId} is done and cannot be waived`, '/measureId')
        : undefined,
      measure.status === 'Open' ? notOwed(remedy, complaint) : undefined,
      conflictOfInterest(complaint, responsible, '/responsible'),
    );
    if (rejection) return rejection;
    const hasDoneMeasure = remedy.measures.some(({ status }) => status === 'Done');
    return [
      RemedyMeasureWaived({ remedyId, measureId, reason, responsible }),
      ...(hasDoneMeasure ? implementedAfter(remedy, measureId) : []),
    ];
  },
} satisfies Decider<WaiveMeasure>;

/**
 * Records a payment for a measure, for a remedy, or ex gratia without a remedy. The payment that reaches the promised
 * amount completes the measure, except a measure that a third party provides: that needs a confirmation
 * (`complete-measure`).
 */
export const recordRedressPayment = {
  guards: [
    received,
    withoutConflictOfInterest,
    identityVerified,
    (complaint) =>
      complaint.stage === 'Determined' ||
      complaint.stage === 'Responded' ||
      complaint.remedies.some(({ answered, status }) => answered !== undefined && status !== 'Rejected')
        ? undefined
        : unmet(
            'nothing_owed',
            'no remedy is accepted and the stage is neither Determined nor Responded; no payment is owed',
          ),
  ],
  decide: ({ remedyId, measureId, money, exGratia, paymentRef }, complaint) => {
    const paymentIds = complaint.payments.map((payment) => payment.paymentId);
    const paid = RedressPaid(
      withoutUndefined({ paymentId: nextId('y', paymentIds), remedyId, measureId, money, exGratia, paymentRef }),
    );
    const isRepeated = complaint.payments.some(
      (payment) => paymentRef !== undefined && payment.paymentRef === paymentRef && sameMoney(payment, money),
    );
    const rejection = rejectionOf(
      isRepeated ? nothingToChange('a payment with this reference is already recorded', '/paymentRef') : undefined,
      money.amount === 0
        ? unmet('no_money', 'the amount is 0; give the amount that was paid', '/money/amount')
        : undefined,
      remedyId === undefined && (measureId !== undefined || !exGratia)
        ? unmet('remedy_missing', 'the payment names no remedy; give `remedyId`', '/remedyId')
        : undefined,
    );
    if (rejection) return rejection;
    if (remedyId === undefined)
      return complaint.stage === 'Determined' || complaint.stage === 'Responded'
        ? [paid]
        : { unmet: [unmet('remedy_missing', 'the payment names no accepted remedy; give `remedyId`', '/remedyId')] };
    const remedy = complaint.remedies.find((candidate) => candidate.remedyId === remedyId);
    if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
    if (measureId === undefined)
      return rejectionOf(remedy.status === 'Implemented' ? undefined : notOwed(remedy, complaint)) ?? [paid];
    const located = locate(complaint, remedyId, measureId);
    if ('unmet' in located) return located;
    const { measure } = located;
    const measureRejection = rejectionOf(
      measure.status === 'Waived'
        ? unmet('measure_waived', `measure ${measureId} is waived and cannot be completed or paid`, '/measureId')
        : undefined,
      measure.status === 'Open' ? notOwed(remedy, complaint) : undefined,
      measure.amount !== undefined && measure.amount.currency !== money.currency
        ? unmet(
            'other_currency',
            `the currency differs from that of the measure; use ${measure.amount.currency}`,
            '/money/currency',
          )
        : undefined,
    );
    if (measureRejection) return measureRejection;
    const paidInTotal = complaint.payments
      .filter((payment) => payment.remedyId === remedyId && payment.measureId === measureId)
      .reduce((sum, payment) => sum + payment.money.amount, money.amount);
    const completesMeasure =
      measure.status === 'Open' &&
      measure.provider === 'self' &&
      MONETARY_REMEDIES.includes(measure.type) &&
      paidInTotal >= (measure.amount?.amount ?? 0);
    return completesMeasure
      ? [paid, RemedyMeasureCompleted({ remedyId, measureId }), ...implementedAfter(remedy, measureId)]
      : [paid];
  },
} satisfies Decider<RecordRedressPayment>;

const sameMoney = ({ money }: Payment, other: Payment['money']): boolean =>
  money.amount === other.amount && money.currency === other.currency;

const notOwed = (remedy: Remedy, complaint: Complaint): Unmet | undefined =>
  canBeDone(remedy, complaint)
    ? undefined
    : unmet(
        'not_owed',
        `remedy ${remedy.remedyId} is not owed (remedy: ${remedy.status}, stage: ${String(complaint.stage)})`,
        '/remedyId',
      );

/** `RemedyImplemented`, if no other measure of the remedy is open after this measure is done or waived. */
const implementedAfter = ({ remedyId, measures }: Remedy, measureId: string) =>
  measures.every(({ id, status }) => id === measureId || status !== 'Open') ? [RemedyImplemented({ remedyId })] : [];

type Located = { readonly remedy: Remedy; readonly measure: MeasureFile } | Rejection;

/** The remedy and its measure with these ids, or a rejection if one of them is unknown. */
function locate({ remedies }: Complaint, remedyId: string, measureId: string): Located {
  const remedy = remedies.find((candidate) => candidate.remedyId === remedyId);
  if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
  const measure = remedy.measures.find(({ id }) => id === measureId);
  return measure === undefined
    ? { unmet: [unmet('unknown_measure', `remedy ${remedyId} has no measure ${measureId}`, '/measureId')] }
    : { remedy, measure };
}
