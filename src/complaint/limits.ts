import { isUpstream } from '../access/actor.js';
import { identityWaiverLimitOf, limitOf, type LimitHolder } from '../house-policy/limits.js';
import { isSameId } from '../staff/person.js';
import type { Complaint } from './complaint.js';
import type { Context } from './decision.js';
import { currenciesOf, isSumAbove, standingPayments } from './money.js';
import type { Payment, Remedy } from './state-types.js';
import type { Money } from './terms/facts.js';

/** How much money a person may grant without a second person (I14). The limit is for one complaint. */

/** True if these amounts, with all that the actor granted alone in the complaint, are above the actor's limit. */
export const isAboveLimit = (complaint: Complaint, amounts: readonly Money[], context: Context): boolean =>
  isAboveOwnLimit([...amounts, ...grantedAlone(complaint, context.actor.id)], context, currenciesOf(amounts));

/** True if these amounts are above the limit of the actor. */
export const isAboveOwnLimit = (
  amounts: readonly Money[],
  context: Context,
  currencies: readonly string[] = currenciesOf(amounts),
): boolean =>
  currencies.some((currency) =>
    isSumAbove(amounts, currency, limitOf(limitHolder(context), currency, context.reference.house)),
  );

/** A sending system has no limit of its own: that of the person for whom it acts counts. */
const limitHolder = ({ actor, reference }: Context): LimitHolder =>
  (isUpstream(actor) ? reference.staff.person(actor.id) : undefined) ?? actor;

/**
 * What a person granted in this complaint without a second person: offers, interim relief, remedies at first contact,
 * and money that stands and that no measure promised. What an external body ordered is not granted by the person who recorded it.
 */
export const grantedAlone = (complaint: Complaint, person: string): Money[] => [
  ...complaint.remedies
    .filter(
      ({ by, approvedBy, orderedBy }) => isSameId(by, person) && approvedBy === undefined && orderedBy === undefined,
    )
    .flatMap((remedy) => grantedBy(remedy, complaint)),
  ...complaint.relief
    .filter(({ by, approvedBy, status }) => status === 'Provided' && isSameId(by, person) && approvedBy === undefined)
    .flatMap(({ amount }) => amount ?? []),
  ...complaint.payments
    .filter((payment) => isSameId(payment.by, person) && payment.returned === undefined)
    .filter((payment) => !isPromised(payment, complaint))
    .map(({ money }) => money),
];

/** True if the payment is of a measure with an amount, which was granted with the measure. */
export const isPromised = (
  { remedyId, measureId }: Pick<Payment, 'remedyId' | 'measureId'>,
  { remedies }: Complaint,
): boolean =>
  remedies.some(
    (remedy) =>
      remedy.remedyId === remedyId &&
      remedy.measures.some(({ id, amount }) => id === measureId && amount !== undefined),
  );

const NOT_GRANTED: readonly Remedy['status'][] = [
  'Drafted',
  'Returned',
  'Discarded',
  'Rejected',
  'Lapsed',
  'Withdrawn',
];

/** The money of an offer that can still be claimed or was paid. */
function grantedBy({ remedyId, status, measures, money }: Remedy, { payments }: Complaint): Money[] {
  if (NOT_GRANTED.includes(status)) return [];
  const promised = measures.flatMap(({ id, status: measureStatus, amount }) => {
    if (measureStatus !== 'Waived') return amount ?? [];
    return standingPayments(payments, remedyId, id).map((payment) => payment.money);
  });
  return money === undefined ? promised : [...promised, money];
}

/** The most that may be paid in the complaint to payees whose identity is waived (I23), in minor units. */
export const identityWaiverLimit = (currency: string, { reference }: Context): number =>
  identityWaiverLimitOf(currency, reference.house);
