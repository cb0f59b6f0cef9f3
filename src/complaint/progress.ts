import { plainMoment } from '../eventstore/stored-moment.js';
import { latest, type Moment } from '../platform/moment.js';
import type { ComplaintRecord } from './complaint-record.js';
import { evolveLetters, isContested, isUndone, type LetterStanding } from './letter-standing.js';
import { evolveParties, type PartyStanding } from './party-standing.js';
import {
  communicationOf,
  finalResponseAt,
  firstLetterAt,
  isEverybodyTold,
  type Communication,
} from './communication.js';
import type { Offer } from './state-types.js';
import {
  withAcceptance,
  withImplementedRemedy,
  withLapsedOffers,
  withOffer,
  withReopenedMeasure,
  withReversedLapse,
  withSettledMeasure,
  withStatus,
} from './remedies.js';
import {
  evolveSatisfaction,
  initialSatisfaction,
  isLater,
  UNSATISFIED,
  type Satisfaction,
  type Word,
} from './satisfaction.js';
import type { Money } from './terms/facts.js';
import {
  BEFORE_DETERMINATION,
  END_STAGES,
  MONETARY_REMEDIES,
  type Outcome,
  type RemedyType,
  type Stage,
} from './terms/vocabulary.js';

/**
 * Facts that are derived from the events of a complaint. The complaint state contains them. The documents of work
 * queue and trends contain them too, because a projection reads only its own document. All of them use this
 * implementation. status.ts derives status and company response from the progress.
 */
export interface Progress {
  /** null before receipt. */
  readonly stage: Stage | null;
  /** 1, 2, …; 0 before receipt. */
  readonly episode: number;
  /** Time of the end; null while the complaint is open, and if a register does not state the time. */
  readonly endedAt: Moment | null;
  /** True if the latest assessment says that the complaint is safety-critical. */
  readonly safetyAssessed: boolean;
  /** True while a safety flag stands. */
  readonly safetyFlagged: boolean;
  /** Our outcome of each point that is decided in this episode. */
  readonly outcomes: { readonly [pointId: string]: Outcome };
  /** The points of our latest determination. */
  readonly latestDecided: readonly string[];
  /** What a return to investigation leaves: the decisions at first contact (T10). */
  readonly lasting: Pick<Progress, 'outcomes' | 'decisions'>;
  /** Outcomes that external bodies decided in this episode (T21). */
  readonly externalOutcomes: { readonly [pointId: string]: Outcome };
  /**
   * Ids of the letters and determinations of this episode. A delivery belongs to the episode if it names one of them.
   */
  readonly decisions: readonly string[];
  /** Whether the outcome reached everybody who may be told. */
  readonly communication: Communication;
  /** The parties with what decides whether they may act or be told. */
  readonly parties: readonly PartyStanding[];
  /** The letters of all episodes with their deliveries. */
  readonly letters: readonly LetterStanding[];
  /**
   * Id of the letter, or determination at first contact, that tells the determination in force; null before it is sent.
   */
  readonly standingLetter: string | null;
  /** Remedies of all episodes: measures stay owed and completed measures count as relief across episodes. */
  readonly remedies: readonly Offer[];
  /** Latest time in this episode when a measure was done or waived, or an offer was rejected or lapsed. */
  readonly offersSettledAt: Moment | null;
  /** The payments of all episodes that stand: those that did not come back. */
  readonly payments: readonly StandingPayment[];
  /** Interim relief of all episodes: its types, and the money. */
  readonly relief: readonly { readonly type: RemedyType; readonly amount?: Money }[];
  /** True if resolved at first contact (T24) in any episode. */
  readonly firstContact: boolean;
  readonly satisfaction: Satisfaction;
  /** Ids of the points that count. */
  readonly points: readonly string[];
  /** The latest feedback of this episode. */
  readonly latestFeedback: Word | null;
  /** Time of the first holding response, or substantive contact that reached the complainant, in this episode. */
  readonly contactedAt: Moment | null;
  /** Time of the first answer in this episode: that contact, or a letter. */
  readonly firstResponse: Moment | null;
  /** When the register stated the outcome that ended the complaint. */
  readonly registerFinalAt: Moment | null;
  /** Time of the first final response in any episode, or of the register outcome that ended the complaint. */
  readonly finalResponse: Moment | null;
  /** Time in this episode since which nothing was open for the first time. */
  readonly resolution: Moment | null;
  /** The outcome in a public register, unchanged. */
  readonly registerResponse: string | null;
}

export interface StandingPayment {
  readonly paymentId: string;
  readonly remedyId?: string;
  readonly measureId?: string;
  readonly money: Money;
}

export const initialProgress: Progress = {
  stage: null,
  episode: 0,
  endedAt: null,
  safetyAssessed: false,
  safetyFlagged: false,
  outcomes: {},
  latestDecided: [],
  lasting: { outcomes: {}, decisions: [] },
  externalOutcomes: {},
  decisions: [],
  communication: { status: 'None' },
  parties: [],
  letters: [],
  standingLetter: null,
  remedies: [],
  offersSettledAt: null,
  payments: [],
  relief: [],
  firstContact: false,
  satisfaction: initialSatisfaction,
  points: [],
  latestFeedback: null,
  contactedAt: null,
  firstResponse: null,
  registerFinalAt: null,
  finalResponse: null,
  resolution: null,
  registerResponse: null,
};

/** Applies one event; returns the same object if nothing changes. Pure and total, like `evolve` of the complaint. */
export function evolveProgress(progress: Progress, event: ComplaintRecord): Progress {
  const next = withParts(apply(progress, event), progress, event);
  if (next === progress) return next;
  const resolution = isUndoing(next, event) ? null : (next.resolution ?? nothingOpenSince(next));
  return resolution === next.resolution ? next : { ...next, resolution };
}

/** Applies the event to the parts that have a fold of their own. */
function withParts(progress: Progress, before: Progress, event: ComplaintRecord): Progress {
  const parties = evolveParties(progress.parties, event);
  const letters = evolveLetters(progress.letters, event, {
    ...progress,
    isPartlyDecided: undecidedPoints(progress).length > 0,
  });
  const satisfaction = evolveSatisfaction(progress.satisfaction, event, parties);
  const points = evolvePoints(progress.points, event);
  const isUnchanged =
    parties === progress.parties &&
    letters === progress.letters &&
    satisfaction === progress.satisfaction &&
    points === progress.points;
  if (isUnchanged && progress === before) return before;
  const next = { ...progress, parties, letters, satisfaction, points };
  const communication = communicationOf(next);
  const isSame = JSON.stringify(communication) === JSON.stringify(before.communication);
  return withResponseTimes({ ...next, communication: isSame ? before.communication : communication });
}

/** The points that count. */
function evolvePoints(points: readonly string[], event: ComplaintRecord): readonly string[] {
  switch (event.type) {
    case 'ComplaintReceived':
      return event.data.points.map(({ id }) => id);
    case 'PointAdded':
      return [...points, event.data.point.id];
    case 'PointSplit':
      return [...points, ...event.data.points.map(({ id }) => id)];
    case 'PointsSplitOff':
    case 'ComplaintReferredExternally':
      return points.filter((id) => !event.data.pointIds.includes(id));
    default:
      return points;
  }
}

function apply(progress: Progress, event: ComplaintRecord): Progress {
  const { occurredAt } = event.metadata;
  const { stage, remedies } = progress;
  switch (event.type) {
    case 'ComplaintReceived':
      return { ...progress, stage: 'Received', episode: 1 };
    case 'ComplaintAdmitted':
    case 'ComplaintClassified':
    case 'ComplaintAssigned':
      return assessing(progress);
    case 'ComplaintPrioritised':
      return event.data.basis === 'input_changed' ? progress : assessing(progress);
    case 'SeverityAssessed': {
      const { safetyCritical } = event.data;
      const next = assessing(progress);
      return safetyCritical === next.safetyAssessed ? next : { ...next, safetyAssessed: safetyCritical };
    }
    case 'RiskFlagged':
      return event.data.flag === 'safety' ? { ...progress, safetyFlagged: true } : progress;
    case 'RiskFlagCleared':
      return event.data.flag === 'safety' ? { ...progress, safetyFlagged: false } : progress;
    case 'ContentVerified':
    case 'MeritsAssessed':
      return stage === 'Received' || stage === 'UnderAssessment'
        ? { ...progress, stage: 'UnderInvestigation' }
        : progress;
    case 'ComplaintDeclaredInadmissible': {
      const { noticeId } = event.data;
      const notified =
        noticeId === undefined ? progress : { ...withDecision(progress, noticeId), standingLetter: noticeId };
      return withEnd(notified, 'Inadmissible', occurredAt);
    }
    case 'DeterminationMade': {
      const { determinationId, points, decidedBy } = event.data;
      const decided = Object.fromEntries(points.map(({ id, outcome }) => [id, outcome]));
      const next = withDecision(progress, determinationId);
      if (decidedBy === undefined) {
        const outcomes = { ...progress.outcomes, ...decided };
        // only a resolution at first contact leaves points without an outcome; they are still to be investigated
        const isPartial = undecidedPoints({ ...progress, outcomes }).length > 0;
        return {
          ...next,
          stage: isPartial ? (stage === 'Received' ? 'UnderAssessment' : stage) : 'Determined',
          outcomes,
          latestDecided: points.map(({ id }) => id),
          standingLetter: null,
        };
      }
      // a decision that is not ours replaces the investigation; it changes no later stage, and no letter that stands
      const isUndetermined = stage !== null && BEFORE_DETERMINATION.includes(stage);
      return {
        ...next,
        stage: isUndetermined ? 'Determined' : stage,
        externalOutcomes: { ...progress.externalOutcomes, ...decided },
      };
    }
    case 'DeterminationReviewed':
      return event.data.decision === 'approve' ? progress : withDeterminationReturned(progress);
    case 'ReturnedToInvestigation':
      return withDeterminationReturned(progress);
    case 'RemedyDrafted':
      return { ...progress, remedies: withOffer(remedies, event.data, 'Drafted') };
    case 'RemedyProposed':
      return {
        ...progress,
        remedies: withOffer(remedies, event.data, event.data.needsAcceptance ? 'Proposed' : 'InProgress'),
      };
    case 'RemedyReturned':
      return { ...progress, remedies: withStatus(remedies, event.data.remedyId, 'Returned') };
    case 'DraftDiscarded':
      return { ...progress, remedies: withStatus(remedies, event.data.draftId, 'Discarded') };
    case 'RemedyOfferWithdrawn':
      return {
        ...progress,
        remedies: withStatus(remedies, event.data.remedyId, 'Withdrawn'),
        ...offersSettled(progress, occurredAt),
      };
    case 'RemedyOfferLapseReversed':
      return { ...progress, remedies: withReversedLapse(remedies, event.data.remedyId), resolution: null };
    case 'RemedyAccepted':
      return { ...progress, remedies: withAcceptance(remedies, event.data) };
    case 'RemedyRejected':
      return {
        ...progress,
        remedies: withStatus(remedies, event.data.remedyId, 'Rejected'),
        ...offersSettled(progress, event.data.statedBy.at),
      };
    case 'RemedyOfferLapsed':
      return {
        ...progress,
        remedies: withStatus(remedies, event.data.remedyId, 'Lapsed'),
        ...offersSettled(progress, occurredAt),
      };
    case 'RemedyMeasureCompleted':
      return {
        ...progress,
        remedies: withSettledMeasure(remedies, event.data, 'Done'),
        ...offersSettled(progress, occurredAt),
      };
    case 'RemedyMeasureWaived':
      return {
        ...progress,
        remedies: withSettledMeasure(remedies, event.data, 'Waived'),
        ...offersSettled(progress, occurredAt),
      };
    case 'RedressPaid': {
      const { payee: _payee, paidAt: _paidAt, exGratia: _exGratia, paymentRef: _paymentRef, ...payment } = event.data;
      return { ...progress, payments: [...progress.payments, payment] };
    }
    case 'RedressReturned': {
      const { paymentId } = event.data;
      const returned = progress.payments.find((payment) => payment.paymentId === paymentId);
      return returned === undefined
        ? progress
        : {
            ...progress,
            payments: progress.payments.filter((payment) => payment !== returned),
            remedies: withReopenedMeasure(remedies, returned),
            resolution: returned.measureId === undefined ? progress.resolution : null,
          };
    }
    case 'InterimReliefProvided': {
      const { type, amount } = event.data;
      const relief = amount === undefined ? { type } : { type, amount };
      return { ...progress, relief: [...progress.relief, relief] };
    }
    case 'RemedyImplemented': {
      const { statedBy } = event.data;
      const next = {
        ...progress,
        remedies: withImplementedRemedy(remedies, event.data),
        ...offersSettled(progress, occurredAt),
      };
      // its determination comes directly before the remedy at first contact
      return statedBy === undefined
        ? next
        : { ...withLastingDecision(next, progress.decisions.at(-1)), firstContact: true };
    }
    case 'FinalResponseSent': {
      const { responseId } = event.data;
      const sent = { ...withDecision(progress, responseId), stage: 'Responded' as const, standingLetter: responseId };
      return sent;
    }
    case 'OutcomeCommunicated': {
      const { of } = event.data;
      const isLetter = progress.letters.some(({ id, kind }) => id === of && kind !== 'told');
      if (isLetter || progress.decisions.at(-1) !== of) return progress;
      // at first contact the determination is told orally, without a letter
      const standingLetter = progress.standingLetter ?? of;
      return { ...progress, standingLetter, stage: stage === 'Determined' ? 'Responded' : stage };
    }
    case 'FeedbackSubmitted': {
      const { score, resolved, statedBy } = event.data;
      const word = { of: null, at: statedBy?.at ?? occurredAt, score: resolved === 'no' ? UNSATISFIED : score };
      return isLater(word, progress.latestFeedback) ? { ...progress, latestFeedback: word } : progress;
    }
    case 'HoldingResponseSent':
      return { ...progress, contactedAt: progress.contactedAt ?? occurredAt };
    case 'ContactRecorded': {
      const { direction, substantive, result, at } = event.data;
      return direction === 'outbound' && substantive && result === 'reached'
        ? { ...progress, contactedAt: progress.contactedAt ?? at }
        : progress;
    }
    case 'ComplaintClosed':
      return withEnd(progress, 'Closed', occurredAt);
    case 'ComplaintWithdrawn': {
      const { continuedOnOwnInitiative, partial = false } = event.data;
      return continuedOnOwnInitiative || partial ? progress : withEnd(progress, 'Withdrawn', occurredAt);
    }
    case 'ComplaintReferredExternally': {
      const { referralId, pointIds, endsComplaint } = event.data;
      const next = {
        ...withDecision(progress, referralId),
        outcomes: withoutPoints(progress.outcomes, pointIds),
        externalOutcomes: withoutPoints(progress.externalOutcomes, pointIds),
      };
      return endsComplaint ? withEnd({ ...next, standingLetter: referralId }, 'ReferredOut', occurredAt) : next;
    }
    case 'ComplaintReopened': {
      const { payments, relief, firstContact, registerFinalAt, registerResponse } = progress;
      const { parties, letters, satisfaction, points } = progress;
      const { safetyAssessed, safetyFlagged } = progress;
      return {
        ...initialProgress,
        parties,
        letters,
        satisfaction,
        points,
        payments,
        relief,
        firstContact,
        registerFinalAt,
        registerResponse,
        safetyAssessed,
        safetyFlagged,
        stage: 'UnderAssessment',
        episode: event.data.episode,
        remedies: withLapsedOffers(remedies, event.data.standingOffers),
      };
    }
    case 'ExternalOutcomeRecorded': {
      const { response, statedOn = null } = event.data;
      const next = { ...progress, registerResponse: response };
      return endsByRegister(progress, event.data)
        ? { ...withEnd(next, 'Closed', statedOn), registerFinalAt: statedOn }
        : next;
    }
    default:
      return progress;
  }
}

export const isOpen = ({ stage }: Pick<Progress, 'stage'>): boolean => stage !== null && !END_STAGES.includes(stage);

/**
 * Overall outcome: the outcome of all points if it is the same, otherwise partly upheld; null before the
 * determination.
 */
export const outcomeOf = (progress: Outcomes): Outcome | null => overallOutcome(outcomesOf(progress));

/** Overall outcome of our own determination; null before it. */
export const ownOutcomeOf = ({ outcomes }: Outcomes): Outcome | null => overallOutcome(outcomes);

type Outcomes = Pick<Progress, 'outcomes' | 'externalOutcomes'>;

/** The outcome of each decided point: that of an external body, otherwise our own. */
export const outcomesOf = ({ outcomes, externalOutcomes }: Outcomes): Progress['outcomes'] => ({
  ...outcomes,
  ...externalOutcomes,
});

function overallOutcome(outcomes: Progress['outcomes']): Outcome | null {
  const [first, ...others] = Object.values(outcomes);
  if (first === undefined) return null;
  return others.every((outcome) => outcome === first) ? first : 'partly_upheld';
}

/**
 * True if the remedy is accepted, or needs no acceptance, and at least one of its measures is neither done nor waived.
 * Does not depend on the stage.
 */
export const isOwed = ({ status }: Offer): boolean => status === 'Accepted' || status === 'InProgress';

/**
 * True if somebody has to work on the complaint: it is open, or something is owed or a delivery is contested, which may
 * be after its end.
 */
export const isOutstanding = (progress: Pick<Progress, 'stage' | 'remedies' | 'letters'>): boolean =>
  isOpen(progress) || progress.remedies.some(isOwed) || progress.letters.some(isContested);

/** True if the offer is neither accepted nor rejected nor lapsed. */
export const isAwaitingAnswer = ({ status }: Offer): boolean => status === 'Proposed';

/** The points that count and have no outcome. */
export const undecidedPoints = (progress: Pick<Progress, 'points' | 'outcomes' | 'externalOutcomes'>): string[] =>
  progress.points.filter((id) => outcomesOf(progress)[id] === undefined);

/**
 * True if nothing is open: no point is to be decided (after an end none is), everybody who may be told is told or undeliverable, no offer
 * waits for an answer, and nothing is owed.
 */
export const isNothingOpen = (progress: Progress): boolean =>
  (!isOpen(progress) || undecidedPoints(progress).length === 0) &&
  isEverybodyTold(progress) &&
  !progress.remedies.some((remedy) => isOwed(remedy) || isAwaitingAnswer(remedy));

/** Time since which nothing is open; null while something is. */
export function nothingOpenSince(progress: Progress): Moment | null {
  const { communication, offersSettledAt } = progress;
  return communication.at !== undefined && isNothingOpen(progress) ? later(communication.at, offersSettledAt) : null;
}

export type Relief = 'none' | 'non_monetary' | 'monetary';

/**
 * Relief that the complainant received in any episode: completed measures, interim relief, a remedy at first contact,
 * or a payment that stands.
 */
export function reliefOf({ remedies, payments, relief }: Pick<Progress, 'remedies' | 'payments' | 'relief'>): Relief {
  const carriedOut = [
    ...remedies.flatMap(({ measures, remedyType }) => [
      ...measures.flatMap(({ type, status }) => (status === 'Done' ? [type] : [])),
      ...(remedyType === undefined ? [] : [remedyType]),
    ]),
    ...relief.map(({ type }) => type),
  ];
  const moneys = [payments, remedies].flatMap((items) => items.flatMap(({ money }) => money ?? []));
  const amounts = [...moneys, ...relief.flatMap(({ amount }) => amount ?? [])];
  if (amounts.some(({ amount }) => amount > 0)) return 'monetary';
  if (carriedOut.some((type) => MONETARY_REMEDIES.includes(type))) return 'monetary';
  return carriedOut.length > 0 ? 'non_monetary' : 'none';
}

/**
 * True if a final outcome of a register ends the complaint while safety is not set: in the first episode from Received;
 * and in any episode from any open stage if the sender says that it was handled elsewhere and we have determined nothing
 * (T25). An archive tells of cases that were reopened and closed again.
 */
export function endsByRegister(
  progress: Progress,
  { final, handledElsewhere = false }: { readonly final: boolean; readonly handledElsewhere?: boolean },
): boolean {
  if (!final || progress.safetyAssessed || progress.safetyFlagged) return false;
  if (progress.stage === 'Received' && progress.episode === 1) return true;
  return handledElsewhere && isOpen(progress) && Object.keys(progress.outcomes).length === 0;
}

/** The outcomes without those of points that no longer count. */
const withoutPoints = (outcomes: Progress['outcomes'], ids: readonly string[]): Progress['outcomes'] =>
  Object.fromEntries(Object.entries(outcomes).filter(([id]) => !ids.includes(id)));

const assessing = (progress: Progress): Progress =>
  progress.stage === 'Received' ? { ...progress, stage: 'UnderAssessment' } : progress;

const withEnd = (progress: Progress, stage: Stage, endedAt: Moment | null): Progress => ({
  ...progress,
  stage,
  endedAt,
});

/** The determinations of this episode are no longer in force, except those that a return leaves. */
const withDeterminationReturned = (progress: Progress): Progress => ({
  ...progress,
  stage: 'UnderInvestigation',
  ...progress.lasting,
  standingLetter: null,
  resolution: null,
});

/** Keeps the latest determination in force after a return to investigation. */
const withLastingDecision = (progress: Progress, determinationId: string | undefined): Progress => ({
  ...progress,
  lasting: {
    outcomes: {
      ...progress.lasting.outcomes,
      ...Object.fromEntries(Object.entries(progress.outcomes).filter(([id]) => progress.latestDecided.includes(id))),
    },
    decisions: [...progress.lasting.decisions, ...(determinationId === undefined ? [] : [determinationId])],
  },
});

const withDecision = (progress: Progress, id: string): Progress => ({
  ...progress,
  decisions: [...progress.decisions, id],
});

/** The times of the first answers; those of letters that count as never sent are left out. */
function withResponseTimes(progress: Progress): Progress {
  const { episode, contactedAt, registerFinalAt } = progress;
  const firstResponse = earlierOf(contactedAt, firstLetterAt(progress, episode));
  const finalResponse = finalResponseAt(progress) ?? registerFinalAt;
  return firstResponse === progress.firstResponse && finalResponse === progress.finalResponse
    ? progress
    : { ...progress, firstResponse, finalResponse };
}

/** True if the event undoes the letter in force, so that the outcome counts as never told. */
const isUndoing = (progress: Progress, { type }: ComplaintRecord): boolean =>
  (type === 'DeliveryContested' || type === 'CommunicationFailed') &&
  progress.letters.some((letter) => letter.id === progress.standingLetter && isUndone(letter));

const offersSettled = ({ offersSettledAt }: Progress, at: Moment): Pick<Progress, 'offersSettledAt'> => ({
  offersSettledAt: later(at, offersSettledAt),
});

const later = (one: Moment, other: Moment | null): Moment =>
  other === null || latest(plainMoment(one)) >= latest(plainMoment(other)) ? one : other;

const earlierOf = (one: Moment | null, other: Moment | null): Moment | null => {
  if (one === null || other === null) return one ?? other;
  return latest(plainMoment(one)) <= latest(plainMoment(other)) ? one : other;
};
