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
import { nothingToChange, withoutUndefined, refusal, unmet, type Decider, type Guard, type Unmet } from './decision.js';
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
import { idFor, inStage, statementProblems, takenId, unknownPoints, withoutInterest } from './guards.js';
import { isWaiting } from './progress.js';
import type { Remedy, RemedyStatus } from './state-types.js';
import { isOver } from './time.js';

/** Remedy offers (T11, R33–R37) and the complainant's answer to them (T12). */

const inOfferStage = inStage('Determined', 'Responded');

export const proposeRemedy = {
  guards: [inOfferStage, withoutInterest],
  decide: (command, complaint, { occurredAt }) => {
    const { remedyId: named, needsAcceptance, validUntil, policyRefs, draft = false } = command;
    const taken = complaint.remedies.map(({ remedyId }) => remedyId);
    const ids = command.measures.map(({ id }) => id);
    const wrong = refusal(
      takenId(named, taken, '/remedyId'),
      ids.flatMap(
        (id, index) =>
          takenId(
            id,
            ids.slice(0, index).flatMap((one) => one ?? []),
            `/measures/${index}/id`,
          ) ?? [],
      ),
      command.measures.flatMap(({ pointIds }, index) =>
        unknownPoints(complaint, pointIds, `/measures/${index}/pointIds`),
      ),
      validUntil !== undefined && occurredAt.precision === 'instant' && latest(validUntil) <= occurredAt.at
        ? unmet('ends_before_it_begins', 'the validity ends before the offer is made; give a later time', '/validUntil')
        : undefined,
    );
    if (wrong) return wrong;
    const given: string[] = ids.flatMap((id) => id ?? []);
    const measures = command.measures.map((measure) => {
      const id = idFor('m', measure.id, given);
      if (measure.id === undefined) given.push(id);
      const { type, pointIds, action, owner, provider, dueAt, amount } = measure;
      return withoutUndefined({ id, type, pointIds, action, owner, provider, dueAt, amount });
    });
    const offer: RemedyOffer = withoutUndefined({
      remedyId: idFor('r', named, taken),
      measures,
      needsAcceptance,
      validUntil,
      policyRefs,
    });
    return [draft ? RemedyDrafted(offer) : RemedyProposed(offer)];
  },
} satisfies Decider<ProposeRemedy>;

const some =
  (status: RemedyStatus, code: string, message: string, ...past: readonly RemedyStatus[]): Guard =>
  ({ remedies }) => {
    if (remedies.some((remedy) => remedy.status === status)) return undefined;
    return remedies.some((remedy) => past.includes(remedy.status)) ? nothingToChange(message) : unmet(code, message);
  };

const draftExists = some('Drafted', 'no_draft', 'no remedy is awaiting approval');

/** Four-eyes principle: the author of a draft cannot approve it. */
const draftByAnother: Guard = ({ remedies }, { actor }) => {
  const drafts = remedies.filter(({ status }) => status === 'Drafted');
  return drafts.length > 0 && drafts.every(({ by }) => by === actor.id)
    ? unmet('needs_second_person', 'the author of the draft cannot approve it; another person must')
    : undefined;
};

export const approveRemedy = {
  guards: [inOfferStage, withoutInterest, draftExists, draftByAnother],
  decide: ({ remedyId, note }, complaint, { actor }) => {
    const remedy = complaint.remedies.find((one) => one.remedyId === remedyId);
    const wrong = refusal(
      notInStatus(remedy, remedyId, 'Drafted', 'not_a_draft'),
      remedy?.by === actor.id
        ? unmet('needs_second_person', 'the author of the draft cannot approve it; another person must', '/remedyId')
        : undefined,
    );
    if (wrong || remedy === undefined) return wrong ?? { unmet: [unknownRemedy(remedyId)] };
    const { needsAcceptance, validUntil, policyRefs } = remedy;
    const measures = remedy.measures.map(({ status: _status, doneAt: _doneAt, ...measure }) => measure);
    return [
      RemedyApproved(withoutUndefined({ remedyId, note })),
      RemedyProposed(withoutUndefined({ remedyId, measures, needsAcceptance, validUntil, policyRefs })),
    ];
  },
} satisfies Decider<ApproveRemedy>;

export const returnRemedy = {
  guards: [inOfferStage, withoutInterest, draftExists],
  decide: ({ remedyId, reason }, complaint) =>
    refusal(notInStatus(find(complaint, remedyId), remedyId, 'Drafted', 'not_a_draft')) ?? [
      RemedyReturned({ remedyId, reason }),
    ],
} satisfies Decider<ReturnRemedy>;

/** If no offer is open and one already has this answer, the rejection is `nothing_to_change`. */
const offerWaits = (...past: readonly RemedyStatus[]): Guard =>
  some('Proposed', 'no_open_offer', 'no offer is awaiting an answer', ...past);

export const acceptRemedy = {
  guards: [inOfferStage, withoutInterest, offerWaits('Accepted')],
  decide: ({ remedyId, statedBy }, complaint, { now }) => {
    const remedy = find(complaint, remedyId);
    const wrong = refusal(
      remedy?.answered !== undefined && remedy.status !== 'Rejected'
        ? nothingToChange(`remedy ${remedyId} is already accepted`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      statementProblems(complaint, statedBy, now),
    );
    return wrong ?? [RemedyAccepted({ remedyId, statedBy })];
  },
} satisfies Decider<AcceptRemedy>;

export const rejectRemedy = {
  guards: [inOfferStage, withoutInterest, offerWaits('Rejected')],
  decide: ({ remedyId, statedBy, reason }, complaint, { now }) => {
    const remedy = find(complaint, remedyId);
    const wrong = refusal(
      remedy?.status === 'Rejected'
        ? nothingToChange(`remedy ${remedyId} is already rejected`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      statementProblems(complaint, statedBy, now),
    );
    return wrong ?? [RemedyRejected({ remedyId, statedBy, reason })];
  },
} satisfies Decider<RejectRemedy>;

const offerIsOver: Guard = ({ remedies }, { now }) =>
  remedies.some(isWaiting) && !remedies.some((remedy) => hasLapsed(remedy, now))
    ? unmet('still_valid', 'every open offer is still valid; an offer can lapse only after its validity ends')
    : undefined;

export const lapseRemedyOffer = {
  guards: [inOfferStage, withoutInterest, offerWaits('Lapsed'), offerIsOver],
  decide: ({ remedyId }, complaint, { now }) => {
    const remedy = find(complaint, remedyId);
    const wrong = refusal(
      remedy?.status === 'Lapsed'
        ? nothingToChange(`remedy ${remedyId} has already lapsed`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      remedy !== undefined && isWaiting(remedy) && !hasLapsed(remedy, now)
        ? unmet('still_valid', 'the offer is still valid; it can lapse only after its validity ends', '/remedyId')
        : undefined,
    );
    return wrong ?? [RemedyOfferLapsed({ remedyId })];
  },
} satisfies Decider<LapseRemedyOffer>;

const hasLapsed = (remedy: Remedy, now: string): boolean =>
  isWaiting(remedy) && remedy.validUntil !== undefined && isOver(remedy.validUntil, now);

const find = ({ remedies }: Complaint, id: string): Remedy | undefined =>
  remedies.find(({ remedyId }) => remedyId === id);

export const unknownRemedy = (id: string): Unmet =>
  unmet('unknown_remedy', `the complaint has no remedy ${id}`, '/remedyId');

function notInStatus(remedy: Remedy | undefined, id: string, status: RemedyStatus, code: string): Unmet | undefined {
  if (remedy === undefined) return unknownRemedy(id);
  return remedy.status === status
    ? undefined
    : unmet(code, `remedy ${id} is ${remedy.status}; expected: ${status}`, '/remedyId');
}
