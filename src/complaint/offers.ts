import { latest } from '../platform/moment.js';
import type {
  AcceptRemedy,
  ApproveRemedy,
  LapseRemedyOffer,
  ProposeRemedy,
  RejectRemedy,
  ReturnRemedy,
} from './commands/resolution.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import {
  RemedyAccepted,
  RemedyApproved,
  RemedyDrafted,
  RemedyOfferLapsed,
  RemedyProposed,
  RemedyRejected,
  RemedyReturned,
  type RemedyOffer,
} from './events.js';
import { duplicateId, inStage, nextId, statementProblems, unknownPoints, withoutConflictOfInterest } from './guards.js';
import { isAwaitingAnswer } from './progress.js';
import type { Remedy, RemedyStatus } from './state-types.js';
import { isOver } from './time.js';

/** Remedy offers (T11, R33–R37) and the complainant's answer to them (T12). */

const inOfferStage = inStage('Determined', 'Responded');

export const proposeRemedy = {
  guards: [inOfferStage, withoutConflictOfInterest],
  decide: (command, complaint, { occurredAt }) => {
    const { remedyId: requestedId, needsAcceptance, validUntil, policyRefs, draft = false } = command;
    const usedIds = complaint.remedies.map(({ remedyId }) => remedyId);
    const requestedMeasureIds = command.measures.map(({ id }) => id);
    const rejection = rejectionOf(
      duplicateId(requestedId, usedIds, '/remedyId'),
      requestedMeasureIds.flatMap((id, index) => {
        const earlierIds = requestedMeasureIds.slice(0, index).flatMap((earlierId) => earlierId ?? []);
        return duplicateId(id, earlierIds, `/measures/${index}/id`) ?? [];
      }),
      command.measures.flatMap(({ pointIds }, index) =>
        unknownPoints(complaint, pointIds, `/measures/${index}/pointIds`),
      ),
      validUntil !== undefined && occurredAt.precision === 'instant' && latest(validUntil) <= occurredAt.at
        ? unmet('ends_before_it_begins', 'the validity ends before the offer is made; give a later time', '/validUntil')
        : undefined,
    );
    if (rejection) return rejection;
    const usedMeasureIds = requestedMeasureIds.flatMap((id) => id ?? []);
    const measures = command.measures.map((measure) => {
      const id = measure.id ?? nextId('m', usedMeasureIds);
      if (measure.id === undefined) usedMeasureIds.push(id);
      const { type, pointIds, action, owner, provider, dueAt, amount } = measure;
      return withoutUndefined({ id, type, pointIds, action, owner, provider, dueAt, amount });
    });
    const offer: RemedyOffer = withoutUndefined({
      remedyId: requestedId ?? nextId('r', usedIds),
      measures,
      needsAcceptance,
      validUntil,
      policyRefs,
    });
    return [draft ? RemedyDrafted(offer) : RemedyProposed(offer)];
  },
} satisfies Decider<ProposeRemedy>;

/**
 * Requires a remedy with this status. Without one, the code is `nothing_to_change` if a remedy already has the
 * status `result`, otherwise `code`.
 */
const requireRemedy =
  (status: RemedyStatus, code: string, message: string, result?: RemedyStatus): Guard =>
  ({ remedies }) => {
    if (remedies.some((remedy) => remedy.status === status)) return undefined;
    const hasResult = remedies.some((remedy) => remedy.status === result);
    return hasResult ? nothingToChange(message) : unmet(code, message);
  };

const draftExists = requireRemedy('Drafted', 'no_draft', 'no remedy is awaiting approval');

/**
 * Four-eyes principle (I14): the author of a draft cannot approve it. Unmet if the actor is the author of every draft.
 */
const draftByAnother: Guard = ({ remedies }, { actor }) => {
  const drafts = remedies.filter(({ status }) => status === 'Drafted');
  return drafts.length > 0 && drafts.every(({ by }) => by === actor.id)
    ? unmet('needs_second_person', 'the author of the draft cannot approve it; another person must')
    : undefined;
};

export const approveRemedy = {
  guards: [inOfferStage, withoutConflictOfInterest, draftExists, draftByAnother],
  decide: ({ remedyId, note }, complaint, { actor }) => {
    const remedy = findRemedy(complaint, remedyId);
    if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
    const rejection = rejectionOf(
      notInStatus(remedy, remedyId, 'Drafted', 'not_a_draft'),
      remedy.by === actor.id
        ? unmet('needs_second_person', 'the author of the draft cannot approve it; another person must', '/remedyId')
        : undefined,
    );
    if (rejection) return rejection;
    const { needsAcceptance, validUntil, policyRefs } = remedy;
    const measures = remedy.measures.map(({ status: _status, doneAt: _doneAt, ...measure }) => measure);
    return [
      RemedyApproved(withoutUndefined({ remedyId, note })),
      RemedyProposed(withoutUndefined({ remedyId, measures, needsAcceptance, validUntil, policyRefs })),
    ];
  },
} satisfies Decider<ApproveRemedy>;

export const returnRemedy = {
  guards: [inOfferStage, withoutConflictOfInterest, draftExists],
  decide: ({ remedyId, reason }, complaint) =>
    rejectionOf(notInStatus(findRemedy(complaint, remedyId), remedyId, 'Drafted', 'not_a_draft')) ?? [
      RemedyReturned({ remedyId, reason }),
    ],
} satisfies Decider<ReturnRemedy>;

/** Requires an open offer; `result` is the status to which the command changes an offer. */
const openOfferExists = (result: RemedyStatus): Guard =>
  requireRemedy('Proposed', 'no_open_offer', 'no offer is awaiting an answer', result);

export const acceptRemedy = {
  guards: [inOfferStage, withoutConflictOfInterest, openOfferExists('Accepted')],
  decide: ({ remedyId, statedBy }, complaint, { now }) => {
    const remedy = findRemedy(complaint, remedyId);
    const rejection = rejectionOf(
      remedy?.answered !== undefined && remedy.status !== 'Rejected'
        ? nothingToChange(`remedy ${remedyId} is already accepted`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      statementProblems(complaint, statedBy, now),
    );
    return rejection ?? [RemedyAccepted({ remedyId, statedBy })];
  },
} satisfies Decider<AcceptRemedy>;

export const rejectRemedy = {
  guards: [inOfferStage, withoutConflictOfInterest, openOfferExists('Rejected')],
  decide: ({ remedyId, statedBy, reason }, complaint, { now }) => {
    const remedy = findRemedy(complaint, remedyId);
    const rejection = rejectionOf(
      remedy?.status === 'Rejected'
        ? nothingToChange(`remedy ${remedyId} is already rejected`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      statementProblems(complaint, statedBy, now),
    );
    return rejection ?? [RemedyRejected({ remedyId, statedBy, reason })];
  },
} satisfies Decider<RejectRemedy>;

const expiredOfferExists: Guard = ({ remedies }, { now }) =>
  remedies.some(isAwaitingAnswer) && !remedies.some((remedy) => isExpired(remedy, now))
    ? unmet('still_valid', 'every open offer is still valid; an offer can lapse only after its validity ends')
    : undefined;

export const lapseRemedyOffer = {
  guards: [inOfferStage, withoutConflictOfInterest, openOfferExists('Lapsed'), expiredOfferExists],
  decide: ({ remedyId }, complaint, { now }) => {
    const remedy = findRemedy(complaint, remedyId);
    const rejection = rejectionOf(
      remedy?.status === 'Lapsed'
        ? nothingToChange(`remedy ${remedyId} has already lapsed`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      remedy !== undefined && isAwaitingAnswer(remedy) && !isExpired(remedy, now)
        ? unmet('still_valid', 'the offer is still valid; it can lapse only after its validity ends', '/remedyId')
        : undefined,
    );
    return rejection ?? [RemedyOfferLapsed({ remedyId })];
  },
} satisfies Decider<LapseRemedyOffer>;

/** True if the offer has no answer and its validity has ended. */
const isExpired = (remedy: Remedy, now: string): boolean =>
  isAwaitingAnswer(remedy) && remedy.validUntil !== undefined && isOver(remedy.validUntil, now);

const findRemedy = ({ remedies }: Complaint, id: string): Remedy | undefined =>
  remedies.find(({ remedyId }) => remedyId === id);

export const unknownRemedy = (id: string): Unmet =>
  unmet('unknown_remedy', `the complaint has no remedy ${id}`, '/remedyId');

function notInStatus(remedy: Remedy | undefined, id: string, status: RemedyStatus, code: string): Unmet | undefined {
  if (remedy === undefined) return unknownRemedy(id);
  return remedy.status === status
    ? undefined
    : unmet(code, `remedy ${id} is ${remedy.status}; expected: ${status}`, '/remedyId');
}
