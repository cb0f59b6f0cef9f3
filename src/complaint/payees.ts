import { complainantsOf, speaksFor } from './addressees.js';
import { partyProblems } from './authority.js';
import type { Complaint } from './complaint.js';
import { unmet, type Context, type Unmet } from './decision.js';
import { identityWaiverLimit } from './limits.js';
import { amountText, isSumAbove } from './money.js';
import type { Money } from './terms/facts.js';
import { UNIDENTIFIED } from './terms/vocabulary.js';

/** Who may receive money (I22, I23). */

export interface Payout {
  readonly payee: string | undefined;
  readonly money: Money;
  /** The complainants to whom the measure is owed; absent if the money is not owed for a measure. */
  readonly owedTo?: readonly string[] | undefined;
  /** True if whoever records the payout is responsible for an identity that nobody checked: at first contact, for relief. */
  readonly isRecorderResponsible?: boolean;
}

/**
 * The problems of a payee: money goes to a complainant, or to a party with verified authority for their money, whose
 * identity is verified. A waived identity is enough up to a limit for all such payments of the complaint.
 */
export function payeeProblems(
  complaint: Complaint,
  { payee, money, owedTo, isRecorderResponsible = false }: Payout,
  context: Context,
  pointers: { readonly payee: string; readonly amount: string },
): Unmet[] {
  if (payee === undefined)
    return [unmet('payee_missing', 'money needs a payee: a party, or `unidentified` without one', pointers.payee)];
  const limitProblems = (): Unmet[] => aboveWaiverLimit(complaint, money, context, pointers.amount);
  if (payee === UNIDENTIFIED)
    return complaint.parties.length > 0
      ? [unmet('party_on_file', 'the complaint has parties; name the party that is paid', pointers.payee)]
      : limitProblems();
  const problems = partyProblems(complaint, payee, 'money', context, pointers.payee);
  const file = complaint.parties.find(({ id }) => id === payee);
  if (file === undefined) return problems;
  const isOwed = owedTo === undefined || speaksFor(complaint, payee).some((id) => owedTo.includes(id));
  if (!isOwed)
    problems.push(unmet('not_owed_to', `the measure is not owed to ${payee} or somebody they act for`, pointers.payee));
  switch (file.identity.status) {
    case 'Done':
    case 'Failed': // partyProblems reports it
      return problems;
    case 'Waived':
      return [...problems, ...limitProblems()];
    case 'None':
      return isRecorderResponsible
        ? [...problems, ...limitProblems()]
        : [
            ...problems,
            unmet(
              'identity_not_verified',
              `the identity of ${payee} is not verified; use \`verify-identity\`, or \`waive-identity\` for a small amount`,
              pointers.payee,
            ),
          ];
  }
}

/** The problem of money that, with what was paid before to payees with a waived identity, is above the limit (I23). */
function aboveWaiverLimit(complaint: Complaint, money: Money, context: Context, pointer: string): Unmet[] {
  const limit = identityWaiverLimit(money.currency, context);
  return isSumAbove([money, ...paidWithoutIdentity(complaint)], money.currency, limit)
    ? [
        unmet(
          'above_identity_limit',
          `without a verified identity, at most ${amountText({ amount: limit, currency: money.currency })} may be paid in one complaint; use \`verify-identity\``,
          pointer,
        ),
      ]
    : [];
}

/** The money that payees received in this complaint whose identity is still not verified. */
function paidWithoutIdentity({ payments, relief, remedies, parties }: Complaint): Money[] {
  const isUnverified = (payee: string | undefined): boolean =>
    payee !== undefined && parties.find(({ id }) => id === payee)?.identity.status !== 'Done';
  return [
    ...payments
      .filter(({ returned, payee }) => returned === undefined && isUnverified(payee))
      .map(({ money }) => money),
    ...relief
      .filter(({ status, payee }) => status === 'Provided' && isUnverified(payee))
      .flatMap(({ amount }) => amount ?? []),
    ...remedies.filter(({ payee }) => isUnverified(payee)).flatMap(({ money }) => money ?? []),
  ];
}

/** The complainants to whom an offer is made; all of them if it names nobody, undefined if the complaint has none. */
export function owedTo(complaint: Complaint, to: readonly string[] | undefined): readonly string[] | undefined {
  const complainants = complainantsOf(complaint).map(({ id }) => id);
  return to ?? (complainants.length > 0 ? complainants : undefined);
}
