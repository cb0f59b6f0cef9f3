import { plainMoment } from '../eventstore/stored-moment.js';
import { isBefore, latest, type Moment } from '../platform/moment.js';
import { comparableText } from '../platform/text.js';
import type { ComplaintRecord } from './complaint-record.js';
import type { Communication, Offer } from './state-types.js';
import { withImplementedRemedy, withLapsedOffers, withOffer, withSettledMeasure, withStatus } from './remedies.js';
import { END_STAGES, MONETARY_REMEDIES, type Outcome, type Stage } from './terms/vocabulary.js';

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
  /** Outcome of each point that is decided in this episode. */
  readonly outcomes: { readonly [pointId: string]: Outcome };
  /**
   * Ids of the letters and determinations of this episode. A delivery belongs to the episode if it names one of them.
   */
  readonly decisions: readonly string[];
  readonly communication: Communication;
  /** Remedies of all episodes: measures stay owed and completed measures count as relief across episodes. */
  readonly remedies: readonly Offer[];
  /** Latest time in this episode when a measure was done or waived, or an offer was rejected or lapsed. */
  readonly offersSettledAt: Moment | null;
  /** True if money was paid in any episode. */
  readonly paid: boolean;
  /** True if resolved at first contact (T24) in any episode. */
  readonly firstContact: boolean;
  /** Latest statement of the complainant in this episode: the answer to an offer, or feedback. */
  readonly lastWord: Statement | null;
  readonly latestFeedback: Statement | null;
  /** Time of the first substantive answer in this episode: a contact that reached the complainant, or a response. */
  readonly firstResponse: Moment | null;
  /** Time of the first final response in any episode, or of the register outcome that ended the complaint. */
  readonly finalResponse: Moment | null;
  /** First time in this episode when the outcome was communicated and no offer or measure was open. */
  readonly resolution: Moment | null;
  /** The outcome in a public register, unchanged. */
  readonly registerResponse: string | null;
}

/** A statement of the complainant, on the scale of feedback scores. */
export interface Statement {
  /** When the statement was made, not when it was recorded. */
  readonly at: Moment;
  /** 1 to 5; {@link UNSATISFIED} for a rejection or "not resolved", {@link SATISFIED} for an acceptance. */
  readonly score: number;
}

/** Below every possible `satisfiedScore`. */
export const UNSATISFIED = 0;
/** The best score: at or above every possible `satisfiedScore`. */
export const SATISFIED = 5;

export const initialProgress: Progress = {
  stage: null,
  episode: 0,
  endedAt: null,
  outcomes: {},
  decisions: [],
  communication: { status: 'None' },
  remedies: [],
  offersSettledAt: null,
  paid: false,
  firstContact: false,
  lastWord: null,
  latestFeedback: null,
  firstResponse: null,
  finalResponse: null,
  resolution: null,
  registerResponse: null,
};

/** Applies one event; returns the same object if nothing changes. Pure and total, like `evolve` of the complaint. */
export function evolveProgress(progress: Progress, event: ComplaintRecord): Progress {
  const next = apply(progress, event);
  if (next === progress || next.resolution !== null) return next;
  const resolution = resolutionOf(next);
  return resolution === null ? next : { ...next, resolution };
}

function apply(progress: Progress, event: ComplaintRecord): Progress {
  const { occurredAt } = event.metadata;
  const { stage, remedies } = progress;
  switch (event.type) {
    case 'ComplaintReceived':
      return { ...progress, stage: 'Received', episode: 1 };
    case 'ComplaintAdmitted':
    case 'ComplaintClassified':
    case 'SeverityAssessed':
    case 'ComplaintPrioritised':
    case 'ComplaintAssigned':
      return stage === 'Received' ? { ...progress, stage: 'UnderAssessment' } : progress;
    case 'ContentVerified':
    case 'MeritsAssessed':
      return stage === 'Received' || stage === 'UnderAssessment'
        ? { ...progress, stage: 'UnderInvestigation' }
        : progress;
    case 'ComplaintDeclaredInadmissible': {
      const { noticeId } = event.data;
      return withEnd(noticeId === undefined ? progress : withDecision(progress, noticeId), 'Inadmissible', occurredAt);
    }
    case 'DeterminationMade': {
      const { determinationId, points } = event.data;
      const outcomes = { ...progress.outcomes, ...Object.fromEntries(points.map(({ id, outcome }) => [id, outcome])) };
      return { ...withDecision(progress, determinationId), stage: 'Determined', outcomes };
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
    case 'RemedyAccepted':
      return withStatement(
        { ...progress, remedies: withStatus(remedies, event.data.remedyId, 'Accepted') },
        { at: event.data.statedBy.at, score: SATISFIED },
      );
    case 'RemedyRejected':
      return withStatement(
        {
          ...progress,
          remedies: withStatus(remedies, event.data.remedyId, 'Rejected'),
          ...offersSettled(progress, event.data.statedBy.at),
        },
        { at: event.data.statedBy.at, score: UNSATISFIED },
      );
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
    case 'RedressPaid':
      return { ...progress, paid: progress.paid || event.data.money.amount > 0 };
    case 'RemedyImplemented': {
      const { statedBy } = event.data;
      const next = {
        ...progress,
        remedies: withImplementedRemedy(remedies, event.data),
        ...offersSettled(progress, occurredAt),
      };
      if (statedBy === undefined) return next;
      return withStatement({ ...next, firstContact: true }, { at: statedBy.at, score: SATISFIED });
    }
    case 'FinalResponseSent':
      return withFinalResponse({ ...withDecision(progress, event.data.responseId), stage: 'Responded' }, occurredAt);
    case 'OutcomeCommunicated': {
      const { of, deliveredAt: at } = event.data;
      if (!progress.decisions.includes(of)) return progress;
      const communicated: Progress =
        progress.communication.status === 'Communicated'
          ? progress
          : { ...progress, communication: { status: 'Communicated', of, at } };
      // at first contact the outcome is communicated orally, without a letter
      return stage === 'Determined'
        ? withFinalResponse({ ...communicated, stage: 'Responded' }, at)
        : withFirstResponse(communicated, at);
    }
    case 'OutcomeUndeliverable': {
      const { of } = event.data;
      return progress.decisions.includes(of) && progress.communication.status === 'None'
        ? { ...progress, communication: { status: 'Undeliverable', of, at: occurredAt } }
        : progress;
    }
    case 'FeedbackSubmitted': {
      const { score, resolved, statedBy } = event.data;
      const statement: Statement = { at: statedBy?.at ?? occurredAt, score: resolved === 'no' ? UNSATISFIED : score };
      const next = withStatement(progress, statement);
      return isLaterStatement(statement, progress.latestFeedback) ? { ...next, latestFeedback: statement } : next;
    }
    case 'ContactRecorded': {
      const { direction, substantive, result, at } = event.data;
      return direction === 'outbound' && substantive && result === 'reached'
        ? withFirstResponse(progress, at)
        : progress;
    }
    case 'ComplaintClosed':
      return withEnd(progress, 'Closed', occurredAt);
    case 'ComplaintWithdrawn':
      return event.data.continuedOnOwnInitiative ? progress : withEnd(progress, 'Withdrawn', occurredAt);
    case 'ComplaintReopened': {
      const { paid, firstContact, finalResponse, registerResponse } = progress;
      return {
        ...initialProgress,
        paid,
        firstContact,
        finalResponse,
        registerResponse,
        stage: 'UnderAssessment',
        episode: event.data.episode,
        remedies: withLapsedOffers(remedies),
      };
    }
    case 'ExternalOutcomeRecorded': {
      const { response, statedOn = null } = event.data;
      const next = { ...progress, registerResponse: response };
      return stage === 'Received' && progress.episode === 1 && !isInProgress(response)
        ? { ...withEnd(next, 'Closed', statedOn), finalResponse: statedOn }
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
export function outcomeOf({ outcomes }: Pick<Progress, 'outcomes'>): Outcome | null {
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
 * True if somebody has to work on the complaint: it is open, or something is owed, which may be after its end. No event
 * of this version contests a delivery.
 */
export const isOutstanding = (progress: Pick<Progress, 'stage' | 'remedies'>): boolean =>
  isOpen(progress) || progress.remedies.some(isOwed);

/** True if the offer is neither accepted nor rejected nor lapsed. */
export const isAwaitingAnswer = ({ status }: Offer): boolean => status === 'Proposed';

/** True if the outcome was communicated or found undeliverable in this episode (I4). */
export const isCommunicated = ({ communication }: Pick<Progress, 'communication'>): boolean =>
  communication.status !== 'None';

/**
 * Time since which nothing is open: the outcome of this episode is communicated or undeliverable, no offer is awaiting
 * an answer, and no measure is owed. null if one of these conditions is not met.
 */
function resolutionOf(progress: Progress): Moment | null {
  const { communication, remedies, offersSettledAt } = progress;
  if (communication.at === undefined || remedies.some(isOwed) || remedies.some(isAwaitingAnswer)) return null;
  return later(communication.at, offersSettledAt);
}

export type Relief = 'none' | 'non_monetary' | 'monetary';

/** Relief that the complainant received in any episode: completed measures, a remedy at first contact, or a payment. */
export function reliefOf({ remedies, paid }: Pick<Progress, 'remedies' | 'paid'>): Relief {
  const carriedOut = remedies.flatMap(({ measures, remedyType }) => [
    ...measures.flatMap(({ type, status }) => (status === 'Done' ? [type] : [])),
    ...(remedyType === undefined ? [] : [remedyType]),
  ]);
  if (paid || remedies.some(({ money }) => money !== undefined && money.amount > 0)) return 'monetary';
  if (carriedOut.some((type) => MONETARY_REMEDIES.includes(type))) return 'monetary';
  return carriedOut.length > 0 ? 'non_monetary' : 'none';
}

/** True if the register states that the company still works on the complaint. This outcome does not end it (T25). */
const isInProgress = (response: string): boolean => comparableText(response).toLowerCase() === 'in progress';

const withEnd = (progress: Progress, stage: Stage, endedAt: Moment | null): Progress => ({
  ...progress,
  stage,
  endedAt,
});

/** The determination of this episode is no longer in force. */
const withDeterminationReturned = (progress: Progress): Progress => ({
  ...progress,
  stage: 'UnderInvestigation',
  outcomes: {},
});

const withDecision = (progress: Progress, id: string): Progress => ({
  ...progress,
  decisions: [...progress.decisions, id],
});

const withFirstResponse = (progress: Progress, at: Moment): Progress =>
  progress.firstResponse === null ? { ...progress, firstResponse: at } : progress;

const withFinalResponse = (progress: Progress, at: Moment): Progress =>
  withFirstResponse({ ...progress, finalResponse: progress.finalResponse ?? at }, at);

const offersSettled = ({ offersSettledAt }: Progress, at: Moment): Pick<Progress, 'offersSettledAt'> => ({
  offersSettledAt: later(at, offersSettledAt),
});

const withStatement = (progress: Progress, statement: Statement): Progress =>
  isLaterStatement(statement, progress.lastWord) ? { ...progress, lastWord: statement } : progress;

/**
 * True unless the new statement was certainly made before the one that was recorded earlier. If the order of their
 * times is unknown, the order of recording applies.
 */
const isLaterStatement = (statement: Statement, recorded: Statement | null): boolean =>
  recorded === null || !isBefore(plainMoment(statement.at), plainMoment(recorded.at));

const later = (one: Moment, other: Moment | null): Moment =>
  other === null || latest(plainMoment(one)) >= latest(plainMoment(other)) ? one : other;
