import type { ApproveRelief, ProvideInterimRelief } from './commands/remedies.js';
import type { Complaint } from './complaint.js';
import { withoutUndefined, rejectionOf, unmet, type Context, type Decider, type Unmet } from './decision.js';
import { approvableDraftExists, approvalProblems, letThroughBy, nextRedressId, unknownDraft } from './drafts.js';
import { InterimReliefDrafted, InterimReliefProvided } from './events.js';
import { inStage, withoutConflictOfInterest } from './guards.js';
import { isAboveLimit } from './limits.js';
import { beforeWhatItAnswers } from './order.js';
import { letThrough } from './policy-refs.js';
import { payeeProblems } from './payees.js';
import type { Relief } from './state-types.js';
import { BEFORE_DETERMINATION, PAID_REMEDIES } from './terms/vocabulary.js';

/** Interim relief (T13, R36): help before the determination, ex gratia. */

/** Above the limit of the person it is a draft until a second person approves it (I14, I25). */
export const provideInterimRelief = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest],
  decide: ({ type, amount, payee, reason }, complaint, context) => {
    const rejection = rejectionOf(
      moneyProblems({ type, amount, payee }, complaint, context, { payee: '/payee', amount: '/amount' }),
    );
    if (rejection) return rejection;
    const reliefId = nextRedressId('l', complaint);
    const relief = withoutUndefined({ reliefId, type, amount, payee, reason });
    const isAbove = amount !== undefined && isAboveLimit(complaint, [amount], context);
    if (isAbove && context.reference.house.reliefByTwo) return [InterimReliefDrafted(relief)];
    return [letThrough(InterimReliefProvided(relief), context, ...(isAbove ? (['reliefByTwo'] as const) : []))];
  },
} satisfies Decider<ProvideInterimRelief>;

export const approveRelief = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest, approvableDraftExists('relief')],
  decide: ({ reliefId }, complaint, context) => {
    const drafted = complaint.relief.find((candidate) => candidate.reliefId === reliefId);
    if (drafted?.status !== 'Drafted') return { unmet: [unknownDraft(reliefId, '/reliefId')] };
    const { type, amount, payee, reason, by, at } = drafted;
    const draft = { kind: 'relief', by, amounts: amount === undefined ? [] : [amount] } as const;
    const rejection = rejectionOf(
      approvalProblems(draft, context, '/reliefId'),
      moneyProblems({ type, amount, payee }, complaint, context, { payee: '/reliefId', amount: '/reliefId' }),
      beforeWhatItAnswers(context.occurredAt, { event: 'InterimReliefDrafted', at }, context, '/occurredAt'),
    );
    const provided = InterimReliefProvided(withoutUndefined({ reliefId, type, amount, payee, reason }));
    return rejection ?? [letThrough(provided, context, ...letThroughBy(draft, context))];
  },
} satisfies Decider<ApproveRelief>;

/**
 * Money needs a payee. What others receive in place of the complainant, such as a taxi or a hotel, and a waived charge
 * have none (I23).
 */
function moneyProblems(
  { type, amount, payee }: { [Field in 'type' | 'amount' | 'payee']: Relief[Field] | undefined } & Pick<Relief, 'type'>,
  complaint: Complaint,
  context: Context,
  pointers: { readonly payee: string; readonly amount: string },
): Unmet[] {
  const isPaid = PAID_REMEDIES.includes(type);
  if (amount === undefined || amount.amount === 0)
    return isPaid ? [unmet('amount_missing', `the type ${type} pays money; give the amount`, pointers.amount)] : [];
  if (payee === undefined && !isPaid) return [];
  if (type === 'waiver_of_charge')
    return [unmet('moves_no_money', 'a waived charge moves no money; omit `payee`', pointers.payee)];
  return payeeProblems(complaint, { payee, money: amount, isRecorderResponsible: true }, context, pointers);
}
