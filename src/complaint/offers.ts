import { earliest, isBefore, latest, plusDays, instant, type Moment } from '../platform/moment.js';
import { complainantsOf } from './addressees.js';
import type { ApproveRemedy, ProposeRemedy, ReturnRemedy, WithdrawOffer } from './commands/remedies.js';
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
import { approvableDraftExists, approvalProblems, draftIds, letThroughBy, nextRedressId } from './drafts.js';
import {
  RemedyApproved,
  RemedyDrafted,
  RemedyOfferWithdrawn,
  RemedyProposed,
  RemedyReturned,
  type RemedyOffer,
} from './events.js';
import {
  conflictOfInterest,
  duplicateId,
  inStage,
  nextId,
  received,
  unknownPoints,
  withoutConflictOfInterest,
} from './guards.js';
import { letterEvents, letterProblems } from './letters.js';
import { isAboveLimit } from './limits.js';
import { beforeWhatItAnswers } from './order.js';
import { unknownPerson } from './people.js';
import { letThrough } from './policy-refs.js';
import type { Remedy, RemedyStatus } from './state-types.js';
import type { Measure } from './terms/facts.js';
import { isOver } from './time.js';
import { PAID_REMEDIES } from './terms/vocabulary.js';

/** Remedy offers (T11, R33–R37): proposed, drafted and approved, returned, withdrawn. */

const inOfferStage = inStage('Determined', 'Responded');

/** An offer above the limit of the person is a draft until a second person approves it (I14, I25). */
export const proposeRemedy = {
  guards: [inOfferStage, withoutConflictOfInterest],
  decide: (command, complaint, context) => {
    const { remedyId: requestedId, to, needsAcceptance, policyRefs, draft = false } = command;
    const usedIds = draftIds(complaint);
    const requestedMeasureIds = command.measures.map(({ id }) => id);
    const rejection = rejectionOf(
      duplicateId(requestedId, usedIds, '/remedyId'),
      addresseesOfOffer(complaint, to),
      requestedMeasureIds.flatMap((id, index) => {
        const earlierIds = requestedMeasureIds.slice(0, index).flatMap((earlierId) => earlierId ?? []);
        return duplicateId(id, earlierIds, `/measures/${index}/id`) ?? [];
      }),
      command.measures.flatMap((measure, index) => measureProblems(complaint, measure, context, `/measures/${index}`)),
      validityProblem(command.validUntil, context.occurredAt),
      beforeTheDecision(complaint, context),
    );
    if (rejection) return rejection;
    const usedMeasureIds = requestedMeasureIds.flatMap((id) => id ?? []);
    const measures = command.measures.map((measure) => {
      const id = measure.id ?? nextId('m', usedMeasureIds);
      if (measure.id === undefined) usedMeasureIds.push(id);
      const { type, pointIds, action, owner, provider, dueAt, amount } = measure;
      return withoutUndefined({ id, type, pointIds, action, owner, provider, dueAt, amount });
    });
    const complainantIds = complainantsOf(complaint).map(({ id }) => id);
    const terms: RemedyOffer = withoutUndefined({
      remedyId: requestedId ?? nextRedressId('r', complaint),
      to: to ?? (complainantIds.length > 0 ? complainantIds : undefined),
      measures,
      needsAcceptance,
      validUntil: command.validUntil,
      policyRefs,
    });
    const amounts = measures.flatMap(({ amount }) => amount ?? []);
    const isAbove = isAboveLimit(complaint, amounts, context);
    if (draft || (isAbove && context.reference.house.remedyByTwo)) return [RemedyDrafted(terms)];
    return [
      letThrough(RemedyProposed(withValidity(terms, context)), context, ...(isAbove ? (['remedyByTwo'] as const) : [])),
    ];
  },
} satisfies Decider<ProposeRemedy>;

/** An offer that waits for an answer is valid for a number of days if it does not say until when. */
const withValidity = (terms: RemedyOffer, { occurredAt, reference }: Context): RemedyOffer =>
  terms.validUntil !== undefined || !terms.needsAcceptance
    ? terms
    : { ...terms, validUntil: instant(plusDays(latest(occurredAt), reference.house.offerValidDays)) };

/** An offer follows the first determination of the episode that stands (I21). */
function beforeTheDecision({ determinations, episode }: Complaint, context: Context): Unmet | undefined {
  const decided = determinations.find((determination) => determination.episode === episode && !determination.returned);
  return beforeWhatItAnswers(
    context.occurredAt,
    decided && { event: 'DeterminationMade', at: decided.at },
    context,
    '/occurredAt',
  );
}

const validityProblem = (validUntil: Moment | undefined, offeredAt: Moment): Unmet | undefined =>
  validUntil !== undefined && latest(validUntil) <= earliest(offeredAt)
    ? unmet('ends_before_it_begins', 'the validity ends before the offer is made; give a later time', '/validUntil')
    : undefined;

/** An offer is made to complainants; whoever acts for them answers it (I22). */
const addresseesOfOffer = (complaint: Complaint, to: readonly string[] | undefined): Unmet[] =>
  (to ?? []).flatMap((id, index) => {
    if (complainantsOf(complaint).some((party) => party.id === id)) return [];
    return unmet('not_a_complainant', `${id} is not a complainant of this complaint`, `/to/${index}`);
  });

/** The owner of a measure is known and has no interest (I6), and the measure is not due before it is offered. */
function measureProblems(
  complaint: Complaint,
  { type, pointIds, owner, dueAt, amount }: Omit<Measure, 'id'>,
  context: Context,
  pointer: string,
): Unmet[] {
  return [
    ...unknownPoints(complaint, pointIds, `${pointer}/pointIds`),
    unknownPerson(owner, context, `${pointer}/owner`) ?? [],
    conflictOfInterest(complaint, owner, `${pointer}/owner`) ?? [],
    isBefore(dueAt, context.occurredAt)
      ? unmet('due_before_offer', 'the measure is due before it is offered; give a later time', `${pointer}/dueAt`)
      : [],
    PAID_REMEDIES.includes(type) && (amount === undefined || amount.amount === 0)
      ? unmet('amount_missing', `the type ${type} pays money; give the amount`, `${pointer}/amount`)
      : [],
  ].flat();
}

/**
 * Requires a remedy with this status. Without one, the code is `nothing_to_change` if a remedy already has the
 * status `result`, otherwise `code`.
 */
export const requireRemedy =
  (status: RemedyStatus, code: string, message: string, result?: RemedyStatus): Guard =>
  ({ remedies }) => {
    if (remedies.some((remedy) => remedy.status === status)) return undefined;
    const hasResult = remedies.some((remedy) => remedy.status === result);
    return hasResult ? nothingToChange(message) : unmet(code, message);
  };

/** The approval is that of a second person, whose limit covers the money of the offer (I14, I25). */
export const approveRemedy = {
  guards: [inOfferStage, withoutConflictOfInterest, approvableDraftExists('remedy')],
  decide: ({ remedyId, note }, complaint, context) => {
    const remedy = findRemedy(complaint, remedyId);
    if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
    const { to, needsAcceptance, validUntil, policyRefs } = remedy;
    const measures = remedy.measures.map(({ status: _status, doneAt: _doneAt, ...measure }) => measure);
    const amounts = measures.flatMap(({ amount }) => amount ?? []);
    const draft = { kind: 'remedy', by: remedy.by, amounts } as const;
    const rejection = rejectionOf(
      notInStatus(remedy, remedyId, 'Drafted', 'not_a_draft') ?? approvalProblems(draft, context, '/remedyId'),
      validUntil !== undefined && isOver(validUntil, context.now)
        ? unmet(
            'ends_before_it_begins',
            'the validity of the offer is over; return the draft (`return-remedy`) and propose another',
            '/remedyId',
          )
        : undefined,
      beforeWhatItAnswers(context.occurredAt, { event: 'RemedyDrafted', at: remedy.at }, context, '/occurredAt'),
    );
    const terms = withoutUndefined({ remedyId, to, measures, needsAcceptance, validUntil, policyRefs });
    return (
      rejection ?? [
        RemedyApproved(withoutUndefined({ remedyId, note })),
        letThrough(RemedyProposed(withValidity(terms, context)), context, ...letThroughBy(draft, context)),
      ]
    );
  },
} satisfies Decider<ApproveRemedy>;

export const returnRemedy = {
  guards: [
    inOfferStage,
    withoutConflictOfInterest,
    requireRemedy('Drafted', 'no_draft', 'no remedy is awaiting approval'),
  ],
  decide: ({ remedyId, reason }, complaint) =>
    rejectionOf(notInStatus(findRemedy(complaint, remedyId), remedyId, 'Drafted', 'not_a_draft')) ?? [
      RemedyReturned({ remedyId, reason }),
    ],
} satisfies Decider<ReturnRemedy>;

/** Requires an open offer; `result` is the status to which the command changes an offer. */
export const openOfferExists = (result: RemedyStatus): Guard =>
  requireRemedy('Proposed', 'no_open_offer', 'no offer is awaiting an answer', result);

/** Takes back an offer that waits. The letter tells it; until then the complainants can still accept (I24). */
export const withdrawOffer = {
  guards: [received, withoutConflictOfInterest, openOfferExists('Withdrawn')],
  decide: ({ remedyId, reason, addressees, channel }, complaint, context) => {
    const remedy = findRemedy(complaint, remedyId);
    const rejection = rejectionOf(
      remedy?.status === 'Withdrawn'
        ? nothingToChange(`the offer ${remedyId} is already withdrawn`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      letterProblems(complaint, { addressees, channel }, context),
      remedy &&
        beforeWhatItAnswers(context.occurredAt, { event: 'RemedyProposed', at: remedy.at }, context, '/occurredAt'),
    );
    if (rejection) return rejection;
    const noticeId = nextRedressId('o', complaint);
    return [
      RemedyOfferWithdrawn({ remedyId, noticeId, reason, addressees, channel }),
      ...letterEvents(noticeId, { addressees, channel }, context),
    ];
  },
} satisfies Decider<WithdrawOffer>;

export const findRemedy = ({ remedies }: Complaint, id: string): Remedy | undefined =>
  remedies.find(({ remedyId }) => remedyId === id);

export const unknownRemedy = (id: string): Unmet =>
  unmet('unknown_remedy', `the complaint has no remedy ${id}`, '/remedyId');

export function notInStatus(
  remedy: Remedy | undefined,
  id: string,
  status: RemedyStatus,
  code: string,
): Unmet | undefined {
  if (remedy === undefined) return unknownRemedy(id);
  return remedy.status === status
    ? undefined
    : unmet(code, `remedy ${id} is ${remedy.status}; expected: ${status}`, '/remedyId');
}
