import type { CompleteMeasure, RecordRedressPayment, WaiveMeasure } from './commands/resolution.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
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

/** Measures and payments (T13). An accepted measure stays owed in every stage of the complaint. */

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

/** Payment and disclosure require a verified identity. */
const identityVerified: Guard = ({ parties }) =>
  parties.some(({ identity, authority }) => identity.status === 'Done' && authority !== 'rejected')
    ? undefined
    : unmet('identity_not_verified', 'no party has a verified identity; use `verify-identity` before the payment');

export const completeMeasure = {
  guards: [received, withoutInterest, hasOpenMeasure],
  decide: ({ remedyId, measureId, confirmation, evidenceIds }, complaint, context) => {
    const place = locate(complaint, remedyId, measureId);
    if ('unmet' in place) return place;
    const { remedy, measure } = place;
    return (
      refusal(
        measure.status === 'Done' ? nothingToChange(`measure ${measureId} is already done`, '/measureId') : undefined,
        measure.status === 'Waived'
          ? unmet('measure_waived', `measure ${measureId} is waived and cannot be completed or paid`, '/measureId')
          : undefined,
        measure.status === 'Open' ? notYet(remedy, complaint) : undefined,
        measure.provider === 'thirdParty' && (confirmation ?? '').trim() === ''
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
        ...implementedBy(remedy, measureId),
      ]
    );
  },
} satisfies Decider<CompleteMeasure>;

/** Waiving the last open measure implements the remedy if another measure of it was done. */
export const waiveMeasure = {
  guards: [received, withoutInterest, hasOpenMeasure],
  decide: ({ remedyId, measureId, reason, responsible }, complaint) => {
    const place = locate(complaint, remedyId, measureId);
    if ('unmet' in place) return place;
    const { remedy, measure } = place;
    const problem = refusal(
      measure.status === 'Waived' ? nothingToChange(`measure ${measureId} is already waived`, '/measureId') : undefined,
      measure.status === 'Done'
        ? unmet('measure_done', `measure ${measureId} is done and cannot be waived`, '/measureId')
        : undefined,
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
} satisfies Decider<WaiveMeasure>;

/**
 * Records a payment: for a measure, for a remedy, or ex gratia outside both. A payment that reaches the promised amount
 * completes the measure. A measure of a third party is complete only after confirmation.
 */
export const recordRedressPayment = {
  guards: [
    received,
    withoutInterest,
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
    const taken = complaint.payments.map((payment) => payment.paymentId);
    const paid = RedressPaid(
      withoutUndefined({ paymentId: idFor('y', undefined, taken), remedyId, measureId, money, exGratia, paymentRef }),
    );
    const repeated = complaint.payments.some(
      (payment) => paymentRef !== undefined && payment.paymentRef === paymentRef && sameMoney(payment, money),
    );
    const wrong = refusal(
      repeated ? nothingToChange('a payment with this reference is already recorded', '/paymentRef') : undefined,
      money.amount === 0
        ? unmet('no_money', 'the amount is 0; give the amount that was paid', '/money/amount')
        : undefined,
      remedyId === undefined && (measureId !== undefined || !exGratia)
        ? unmet('remedy_missing', 'the payment names no remedy; give `remedyId`', '/remedyId')
        : undefined,
    );
    if (wrong) return wrong;
    if (remedyId === undefined)
      return complaint.stage === 'Determined' || complaint.stage === 'Responded'
        ? [paid]
        : { unmet: [unmet('remedy_missing', 'the payment names no accepted remedy; give `remedyId`', '/remedyId')] };
    const remedy = complaint.remedies.find((one) => one.remedyId === remedyId);
    if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
    if (measureId === undefined)
      return refusal(remedy.status === 'Implemented' ? undefined : notYet(remedy, complaint)) ?? [paid];
    const place = locate(complaint, remedyId, measureId);
    if ('unmet' in place) return place;
    const { measure } = place;
    const problem = refusal(
      measure.status === 'Waived'
        ? unmet('measure_waived', `measure ${measureId} is waived and cannot be completed or paid`, '/measureId')
        : undefined,
      measure.status === 'Open' ? notYet(remedy, complaint) : undefined,
      measure.amount !== undefined && measure.amount.currency !== money.currency
        ? unmet(
            'other_currency',
            `the currency differs from that of the measure; use ${measure.amount.currency}`,
            '/money/currency',
          )
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
} satisfies Decider<RecordRedressPayment>;

const sameMoney = ({ money }: Payment, other: Payment['money']): boolean =>
  money.amount === other.amount && money.currency === other.currency;

const notYet = (remedy: Remedy, complaint: Complaint): Unmet | undefined =>
  canBeDone(remedy, complaint)
    ? undefined
    : unmet(
        'not_owed',
        `remedy ${remedy.remedyId} is not owed (remedy: ${remedy.status}, stage: ${String(complaint.stage)})`,
        '/remedyId',
      );

/** Completing the last open measure implements its remedy. */
const implementedBy = ({ remedyId, measures }: Remedy, last: string) =>
  measures.every(({ id, status }) => id === last || status !== 'Open') ? [RemedyImplemented({ remedyId })] : [];

type Located = { readonly remedy: Remedy; readonly measure: MeasureFile } | Rejection;

function locate({ remedies }: Complaint, remedyId: string, measureId: string): Located {
  const remedy = remedies.find((one) => one.remedyId === remedyId);
  if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
  const measure = remedy.measures.find(({ id }) => id === measureId);
  return measure === undefined
    ? { unmet: [unmet('unknown_measure', `remedy ${remedyId} has no measure ${measureId}`, '/measureId')] }
    : { remedy, measure };
}
