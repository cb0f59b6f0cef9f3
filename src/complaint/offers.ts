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
import { nothingToChange, present, refusal, unmet, type Decider, type Guard, type Unmet } from './decision.js';
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

/** Offering a remedy (T11, R33–R37), and what the complainant says to it (T12). */

const inOfferStage = inStage('Determined', 'Responded');

export const proposeRemedy: Decider<ProposeRemedy> = {
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
        ? unmet('ends_before_it_begins', 'it would have lapsed before it was made', '/validUntil')
        : undefined,
    );
    if (wrong) return wrong;
    const given: string[] = ids.flatMap((id) => id ?? []);
    const measures = command.measures.map((measure) => {
      const id = idFor('m', measure.id, given);
      if (measure.id === undefined) given.push(id);
      const { type, pointIds, action, owner, provider, dueAt, amount } = measure;
      return present({ id, type, pointIds, action, owner, provider, dueAt, amount });
    });
    const offer: RemedyOffer = present({
      remedyId: idFor('r', named, taken),
      measures,
      needsAcceptance,
      validUntil,
      policyRefs,
    });
    return [draft ? RemedyDrafted(offer) : RemedyProposed(offer)];
  },
};

const some =
  (status: RemedyStatus, code: string, message: string, ...past: readonly RemedyStatus[]): Guard =>
  ({ remedies }) => {
    if (remedies.some((remedy) => remedy.status === status)) return undefined;
    return remedies.some((remedy) => past.includes(remedy.status)) ? nothingToChange(message) : unmet(code, message);
  };

const draftExists = some('Drafted', 'no_draft', 'no remedy waits for approval');

/** Four eyes: an author does not approve the own draft. */
const draftByAnother: Guard = ({ remedies }, { actor }) => {
  const drafts = remedies.filter(({ status }) => status === 'Drafted');
  return drafts.length > 0 && drafts.every(({ by }) => by === actor.id)
    ? unmet('needs_second_person', 'whoever drafted it does not approve it')
    : undefined;
};

export const approveRemedy: Decider<ApproveRemedy> = {
  guards: [inOfferStage, withoutInterest, draftExists, draftByAnother],
  decide: ({ remedyId, note }, complaint, { actor }) => {
    const remedy = complaint.remedies.find((one) => one.remedyId === remedyId);
    const wrong = refusal(
      notInStatus(remedy, remedyId, 'Drafted', 'not_a_draft'),
      remedy?.by === actor.id
        ? unmet('needs_second_person', 'whoever drafted it does not approve it', '/remedyId')
        : undefined,
    );
    if (wrong || remedy === undefined) return wrong ?? { unmet: [unknownRemedy(remedyId)] };
    const { needsAcceptance, validUntil, policyRefs } = remedy;
    const measures = remedy.measures.map(({ status: _status, doneAt: _doneAt, ...measure }) => measure);
    return [
      RemedyApproved(present({ remedyId, note })),
      RemedyProposed(present({ remedyId, measures, needsAcceptance, validUntil, policyRefs })),
    ];
  },
};

export const returnRemedy: Decider<ReturnRemedy> = {
  guards: [inOfferStage, withoutInterest, draftExists],
  decide: ({ remedyId, reason }, complaint) =>
    refusal(notInStatus(find(complaint, remedyId), remedyId, 'Drafted', 'not_a_draft')) ?? [
      RemedyReturned({ remedyId, reason }),
    ],
};

/** Where all that waited was answered in just this way, nothing would change. */
const offerWaits = (...past: readonly RemedyStatus[]): Guard =>
  some('Proposed', 'no_open_offer', 'no offer waits for an answer', ...past);

export const acceptRemedy: Decider<AcceptRemedy> = {
  guards: [inOfferStage, withoutInterest, offerWaits('Accepted')],
  decide: ({ remedyId, statedBy }, complaint, { now }) => {
    const remedy = find(complaint, remedyId);
    const wrong = refusal(
      remedy?.answered !== undefined && remedy.status !== 'Rejected'
        ? nothingToChange(`${remedyId} is accepted`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      statementProblems(complaint, statedBy, now),
    );
    return wrong ?? [RemedyAccepted({ remedyId, statedBy })];
  },
};

export const rejectRemedy: Decider<RejectRemedy> = {
  guards: [inOfferStage, withoutInterest, offerWaits('Rejected')],
  decide: ({ remedyId, statedBy, reason }, complaint, { now }) => {
    const remedy = find(complaint, remedyId);
    const wrong = refusal(
      remedy?.status === 'Rejected'
        ? nothingToChange(`${remedyId} is refused`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      statementProblems(complaint, statedBy, now),
    );
    return wrong ?? [RemedyRejected({ remedyId, statedBy, reason })];
  },
};

const offerIsOver: Guard = ({ remedies }, { now }) =>
  remedies.some(isWaiting) && !remedies.some((remedy) => hasLapsed(remedy, now))
    ? unmet('still_valid', 'no offer is past its validity')
    : undefined;

export const lapseRemedyOffer: Decider<LapseRemedyOffer> = {
  guards: [inOfferStage, withoutInterest, offerWaits('Lapsed'), offerIsOver],
  decide: ({ remedyId }, complaint, { now }) => {
    const remedy = find(complaint, remedyId);
    const wrong = refusal(
      remedy?.status === 'Lapsed'
        ? nothingToChange(`${remedyId} has lapsed`, '/remedyId')
        : notInStatus(remedy, remedyId, 'Proposed', 'not_offered'),
      remedy !== undefined && isWaiting(remedy) && !hasLapsed(remedy, now)
        ? unmet('still_valid', 'it is not past its validity', '/remedyId')
        : undefined,
    );
    return wrong ?? [RemedyOfferLapsed({ remedyId })];
  },
};

const hasLapsed = (remedy: Remedy, now: string): boolean =>
  isWaiting(remedy) && remedy.validUntil !== undefined && isOver(remedy.validUntil, now);

const find = ({ remedies }: Complaint, id: string): Remedy | undefined =>
  remedies.find(({ remedyId }) => remedyId === id);

export const unknownRemedy = (id: string): Unmet => unmet('unknown_remedy', `there is no remedy ${id}`, '/remedyId');

function notInStatus(remedy: Remedy | undefined, id: string, status: RemedyStatus, code: string): Unmet | undefined {
  if (remedy === undefined) return unknownRemedy(id);
  return remedy.status === status ? undefined : unmet(code, `${id} is ${remedy.status}`, '/remedyId');
}
