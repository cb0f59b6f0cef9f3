import { earliest, latest, type Moment } from '../platform/moment.js';
import { complainantsOf, speaksFor } from './addressees.js';
import { mayAct } from './authority.js';
import type { AcceptRemedy, LapseRemedyOffer, RejectRemedy } from './commands/remedies.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  rejectionOf,
  unmet,
  withoutUndefined,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import { RemedyAccepted, RemedyOfferLapsed, RemedyOfferLapseReversed, RemedyRejected } from './events.js';
import { received, withoutConflictOfInterest } from './guards.js';
import { deliveryTo } from './letter-standing.js';
import { findRemedy, notInStatus, openOfferExists, unknownRemedy } from './offers.js';
import { beforeWhatItAnswers } from './order.js';
import { isAwaitingAnswer } from './progress.js';
import type { Remedy, RemedyStatus } from './state-types.js';
import type { StatedBy } from './terms/facts.js';
import { isOver } from './time.js';

/**
 * The answers of the complainants to an offer (T12). They are judged by when they were given: an answer within the
 * validity counts, whatever was recorded since; an answer after it never does (I24).
 */

/** True if the offer waits, or ended without an answer and could have been answered before. */
const canBeAnswered = ({ status, over }: Remedy): boolean =>
  status === 'Proposed' || ((status === 'Lapsed' || status === 'Withdrawn') && over !== undefined);

/** Requires an offer that can be answered; `result` is the status to which the command changes an offer. */
const answerableOfferExists =
  (result: RemedyStatus): Guard =>
  (complaint, context) =>
    complaint.remedies.some(canBeAnswered) ? undefined : openOfferExists(result)(complaint, context);

/** Each complainant accepts alone: the offer is accepted when all to whom it was made accept it (I22). */
export const acceptRemedy = {
  guards: [received, withoutConflictOfInterest, answerableOfferExists('Accepted')],
  decide: ({ remedyId, statedBy }, complaint, context) => {
    const remedy = findRemedy(complaint, remedyId);
    if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
    const awaiting = awaitingAfter(remedy, complaint, statedBy);
    const isAnswered = remedy.answered !== undefined && remedy.status !== 'Rejected';
    const isRepeated = remedy.awaiting !== undefined && awaiting.length === remedy.awaiting.length;
    const rejection = rejectionOf(
      isAnswered ? nothingToChange(`remedy ${remedyId} is already accepted`, '/remedyId') : undefined,
      isRepeated ? nothingToChange(`${statedBy.party} has already accepted ${remedyId}`, '/statedBy/party') : undefined,
      isAnswered ? undefined : answerProblems(remedy, complaint, statedBy, context),
    );
    const accepted = withoutUndefined({ remedyId, statedBy, awaiting: awaiting.length > 0 ? awaiting : undefined });
    return rejection ?? [...reversal(remedy), { ...RemedyAccepted(accepted), occurredAt: statedBy.at }];
  },
} satisfies Decider<AcceptRemedy>;

/** One rejection rejects the offer for all to whom it was made (I22). */
export const rejectRemedy = {
  guards: [received, withoutConflictOfInterest, answerableOfferExists('Rejected')],
  decide: ({ remedyId, statedBy, reason }, complaint, context) => {
    const remedy = findRemedy(complaint, remedyId);
    if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
    const rejection = rejectionOf(
      remedy.status === 'Rejected'
        ? nothingToChange(`remedy ${remedyId} is already rejected`, '/remedyId')
        : answerProblems(remedy, complaint, statedBy, context),
    );
    return (
      rejection ?? [...reversal(remedy), { ...RemedyRejected({ remedyId, statedBy, reason }), occurredAt: statedBy.at }]
    );
  },
} satisfies Decider<RejectRemedy>;

/** The complainants to whom the offer was made and who have not accepted it, after this statement. */
function awaitingAfter({ to, awaiting }: Remedy, complaint: Complaint, { party }: StatedBy): string[] {
  const active = complainantsOf(complaint).map(({ id }) => id);
  const spokenFor = speaksFor(complaint, party);
  return (awaiting ?? to ?? []).filter((id) => active.includes(id) && !spokenFor.includes(id));
}

function answerProblems(remedy: Remedy, complaint: Complaint, statedBy: StatedBy, context: Context): Unmet[] {
  const { remedyId, to } = remedy;
  const isAddressed =
    to === undefined || speaksFor(complaint, statedBy.party).some((complainant) => to.includes(complainant));
  return [
    canBeAnswered(remedy) ? [] : (notInStatus(remedy, remedyId, 'Proposed', 'not_offered') ?? []),
    mayAct(complaint, statedBy, 'act', context),
    isAddressed
      ? []
      : unmet('not_offered_to', `remedy ${remedyId} is not offered to ${statedBy.party}`, '/statedBy/party'),
    beforeWhatItAnswers(statedBy.at, { event: 'RemedyProposed', at: remedy.at }, context, '/statedBy/at') ?? [],
    canBeAnswered(remedy) ? (tooLate(remedy, complaint, statedBy) ?? []) : [],
  ].flat();
}

/** The problem of an answer that was given after the validity of the offer. A day is too late only as a whole. */
function tooLate(remedy: Remedy, complaint: Complaint, { at, party }: StatedBy): Unmet | undefined {
  const end = endsOf(remedy, complaint, party).sort()[0];
  return end !== undefined && earliest(at) >= end
    ? unmet(
        'offer_over',
        `the offer was valid until ${end}, and the answer was given later; make another offer with \`propose-remedy\``,
        '/statedBy/at',
      )
    : undefined;
}

/**
 * When an offer ends for a party (UTC): with its validity, when its withdrawal is told to this party (sent, where
 * nobody may be told), and with the end of the complaint (I24).
 */
function endsOf({ validUntil, over }: Remedy, complaint: Complaint, party: string): string[] {
  const ends: (Moment | null | undefined)[] = [validUntil, over?.cause === 'ended' ? over.at : undefined];
  if (over?.cause === 'withdrawn') ends.push(withdrawalTold(over, complaint, party));
  else if (over === undefined) ends.push(complaint.endedAt); // an end that was recorded without settling what waits
  return ends.flatMap((end) => (end == null ? [] : latest(end)));
}

function withdrawalTold(
  { at, noticeId }: NonNullable<Remedy['over']>,
  { progress }: Complaint,
  party: string,
): Moment | undefined {
  const letter = progress.letters.find(({ id }) => id === noticeId);
  if (letter === undefined || letter.addressees.length === 0) return at;
  const delivery = deliveryTo(letter, party);
  return delivery?.result === 'delivered' ? delivery.at : undefined;
}

const reversal = ({ status, remedyId }: Remedy) =>
  status === 'Proposed' ? [] : [RemedyOfferLapseReversed({ remedyId })];

const expiredOfferExists: Guard = ({ remedies }, { now }) =>
  remedies.some(isAwaitingAnswer) && !remedies.some((remedy) => isExpired(remedy, now))
    ? unmet('still_valid', 'every open offer is still valid; an offer can lapse only after its validity ends')
    : undefined;

export const lapseRemedyOffer = {
  guards: [received, withoutConflictOfInterest, openOfferExists('Lapsed'), expiredOfferExists],
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
    return rejection ?? [RemedyOfferLapsed({ remedyId, cause: 'validity' })];
  },
} satisfies Decider<LapseRemedyOffer>;

/** True if the offer has no answer and its validity has ended. */
const isExpired = (remedy: Remedy, now: string): boolean =>
  isAwaitingAnswer(remedy) && remedy.validUntil !== undefined && isOver(remedy.validUntil, now);
