import type { RecordPaymentReturned, RecordRedressPayment } from './commands/remedies.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import { RedressPaid, RedressReturned, RemedyMeasureCompleted } from './events.js';
import { duplicateId, nextId, received, withoutConflictOfInterest } from './guards.js';
import { isAboveLimit, isPromised } from './limits.js';
import { implementedAfter, locate, measureWaived, notOwed, owedSince } from './measures.js';
import { amountText, isMore, isSameMoney, remainderOfMeasure } from './money.js';
import { findRemedy, unknownRemedy } from './offers.js';
import { beforeWhatItAnswers } from './order.js';
import { owedTo, payeeProblems } from './payees.js';
import { letThrough } from './policy-refs.js';
import { isOwed } from './progress.js';
import type { MeasureFile, Payment, Remedy } from './state-types.js';
import type { Money } from './terms/facts.js';
import { futureTime } from './time.js';
import { PAID_REMEDIES } from './terms/vocabulary.js';

/** Payments (T13): of a measure, never more than it promises (I23); and ex gratia, within the limit of the person (I14). */

/**
 * The payments that stand complete a measure of money when they reach its amount, except a measure that a third party
 * provides: that needs a confirmation (`complete-measure`).
 */
export const recordRedressPayment = {
  guards: [received, withoutConflictOfInterest],
  decide: (command, complaint, context) => {
    const { paymentId: requestedId, remedyId, measureId, payee, money, paidAt, exGratia, paymentRef } = command;
    const paymentIds = complaint.payments.map((payment) => payment.paymentId);
    const rejection = rejectionOf(
      duplicateId(requestedId, paymentIds, '/paymentId'),
      isRepeated(complaint, paymentRef, money)
        ? nothingToChange('a payment with this reference is already recorded', '/paymentRef')
        : undefined,
      money.amount === 0
        ? unmet('no_money', 'the amount is 0; give the amount that was paid', '/money/amount')
        : undefined,
      futureTime(paidAt, context.now, '/paidAt'),
      measureId === undefined ? exGratiaProblems(command, complaint, context) : [],
      measureId !== undefined && remedyId === undefined
        ? unmet('remedy_missing', 'the payment names a measure without its remedy; give `remedyId`', '/remedyId')
        : undefined,
    );
    const paymentId = requestedId ?? nextId('y', paymentIds);
    const data = withoutUndefined({ paymentId, remedyId, measureId, payee, money, paidAt, exGratia, paymentRef });
    const isGranted = isAboveLimit(complaint, [money], context) && !isPromised(data, complaint);
    const paid = letThrough(
      { ...RedressPaid(data), ...(paidAt !== undefined && { occurredAt: paidAt }) },
      context,
      ...(isGranted ? (['remedyByTwo'] as const) : []),
    );
    if (rejection !== undefined || measureId === undefined || remedyId === undefined) return rejection ?? [paid];
    const located = locate(complaint, remedyId, measureId);
    if ('unmet' in located) return located;
    const { remedy, measure } = located;
    const rest = remainderOfMeasure(measure, remedyId, complaint.payments);
    const problems = rejectionOf(
      measureProblems(remedy, measure, complaint, context, { payee, money }),
      rest !== undefined && rest.currency === money.currency && isMore(money, rest)
        ? unmet(
            'more_than_owed',
            `the measure still owes ${amountText(rest)}; pay what is more ex gratia, without \`measureId\``,
            '/money/amount',
          )
        : undefined,
      beforeWhatItAnswers(
        paidAt ?? context.occurredAt,
        owedSince(remedy),
        context,
        paidAt === undefined ? '/occurredAt' : '/paidAt',
      ),
    );
    if (problems) return problems;
    const isComplete = rest === undefined || isSameMoney(rest, money);
    const completesMeasure =
      measure.status === 'Open' && measure.provider === 'self' && PAID_REMEDIES.includes(measure.type) && isComplete;
    return completesMeasure
      ? [paid, RemedyMeasureCompleted({ remedyId, measureId }), ...implementedAfter(remedy, measureId)]
      : [paid];
  },
} satisfies Decider<RecordRedressPayment>;

/** True if a payment with the same reference and amount stands. */
const isRepeated = ({ payments }: Complaint, paymentRef: string | undefined, money: Money): boolean =>
  payments.some(
    (payment) =>
      paymentRef !== undefined &&
      payment.paymentRef === paymentRef &&
      payment.returned === undefined &&
      isSameMoney(payment.money, money),
  );

/** Money that no measure promises is ex gratia. Above the limit of the person it needs an approved remedy or relief. */
function exGratiaProblems(
  { remedyId, payee, money, exGratia }: RecordRedressPayment,
  complaint: Complaint,
  context: Context,
): Unmet[] {
  const openMeasures = complaint.remedies
    .filter((remedy) => isOwed(remedy) && (remedyId === undefined || remedy.remedyId === remedyId))
    .flatMap((remedy) => remedy.measures.map(({ id }) => `${remedy.remedyId} ${id}`));
  const choices = openMeasures.length > 0 ? ` (${openMeasures.join(', ')})` : '';
  return [
    remedyId !== undefined && findRemedy(complaint, remedyId) === undefined ? unknownRemedy(remedyId) : [],
    exGratia
      ? []
      : unmet(
          'measure_missing',
          `a payment without a measure is ex gratia; name the measure that it pays${choices}, or set \`exGratia\``,
          '/measureId',
        ),
    limitProblems(money, complaint, context),
    payeeProblems(complaint, { payee, money }, context, PAYMENT_POINTERS),
  ].flat();
}

/** Money that no approved measure promises is granted by whoever pays it (I14). */
const limitProblems = (money: Money, complaint: Complaint, context: Context): Unmet[] =>
  context.reference.house.remedyByTwo && isAboveLimit(complaint, [money], context)
    ? [
        unmet(
          'above_limit',
          `the amount, with what ${context.actor.id} granted before, is above their limit; use \`propose-remedy\` or \`provide-interim-relief\`, which a second person approves`,
          '/money/amount',
        ),
      ]
    : [];

const PAYMENT_POINTERS = { payee: '/payee', amount: '/money/amount' };

/** Money that others receive in place of the complainant, such as a taxi or a hotel, has no payee (I23). */
function measureProblems(
  remedy: Remedy,
  measure: MeasureFile,
  complaint: Complaint,
  context: Context,
  { payee, money }: { readonly payee: string | undefined; readonly money: Money },
): Unmet[] {
  const isPaidToOthers = payee === undefined && !PAID_REMEDIES.includes(measure.type);
  const payout = { payee, money, owedTo: owedTo(complaint, remedy.to) };
  return [
    measure.type === 'waiver_of_charge'
      ? unmet('moves_no_money', 'a waived charge moves no money; use `complete-measure`', '/measureId')
      : [],
    measureWaived(measure) ?? [],
    measure.status === 'Done' ? [] : (notOwed(remedy) ?? []),
    measure.amount === undefined ? limitProblems(money, complaint, context) : [],
    measure.amount !== undefined && measure.amount.currency !== money.currency
      ? unmet(
          'other_currency',
          `the currency differs from that of the measure; use ${measure.amount.currency}`,
          '/money/currency',
        )
      : [],
    isPaidToOthers ? [] : payeeProblems(complaint, payout, context, PAYMENT_POINTERS),
  ].flat();
}

const standingPaymentExists: Guard = ({ payments }) => {
  if (payments.some(({ returned }) => returned === undefined)) return undefined;
  return payments.length > 0
    ? nothingToChange('every payment is already recorded as returned')
    : unmet('no_payment', 'the complaint has no payment');
};

/** A payment that came back no longer counts, and its measure is owed again (I23). */
export const recordPaymentReturned = {
  guards: [received, withoutConflictOfInterest, standingPaymentExists],
  decide: ({ paymentId, reason }, complaint, context) => {
    const payment = complaint.payments.find((candidate) => candidate.paymentId === paymentId);
    const rejection = rejectionOf(
      payment === undefined
        ? unmet('unknown_payment', `the complaint has no payment ${paymentId}`, '/paymentId')
        : undefined,
      payment?.returned === undefined
        ? undefined
        : nothingToChange(`payment ${paymentId} is already recorded as returned`, '/paymentId'),
      payment && beforeWhatItAnswers(context.occurredAt, paymentTime(payment), context, '/occurredAt'),
    );
    return rejection ?? [RedressReturned({ paymentId, reason })];
  },
} satisfies Decider<RecordPaymentReturned>;

const paymentTime = ({ paidAt, at }: Payment) => ({ event: 'RedressPaid', at: paidAt ?? at });
