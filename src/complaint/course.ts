import { isInProgress } from './complaint.js';
import type { Measure } from './terms/facts.js';
import { MONETARY_REMEDIES, type Outcome, type RemedyType, type Stage } from './terms/vocabulary.js';
import type { ComplaintRecord } from './complaint-record.js';
import type { KeptMoment } from '../projection/stored-moment.js';

/**
 * The course of a complaint as far as the queue and the trends need it: a small part of its state, kept in their own
 * documents because a projection reads nothing else. Stage and episode are those of the complaint file.
 */
export interface Course {
  readonly stage: Stage;
  /** 1, 2, … (I9). */
  readonly episode: number;
  /** Letters and determinations of this episode: what a delivery must name to count for it. */
  readonly decisions: readonly string[];
  readonly remedies: { readonly [remedyId: string]: OfferCourse };
  /** Outcome of each point in this episode. */
  readonly outcomes: { readonly [pointId: string]: Outcome };
  readonly communication: 'None' | 'Communicated' | 'Undeliverable';
  /** The first answer of substance in this episode (clock `firstResponse`, language.md §2.7). */
  readonly firstResponse: KeptMoment | null;
  /** Put right, or told when nothing is owed, in this episode (clock `resolution`). */
  readonly resolution: KeptMoment | null;
  /** What was done for the complainant, in any episode. */
  readonly relief: 'none' | 'non_monetary' | 'monetary';
  /** The complainant turned down the latest offer of this episode. */
  readonly rejected: boolean;
}

interface OfferCourse {
  /** Accepted, or not needing acceptance: what is open is owed. */
  readonly owed: boolean;
  /** Types of the measures that are neither done nor waived, by measure id. */
  readonly open: { readonly [measureId: string]: RemedyType };
}

export const begun: Course = {
  stage: 'Received',
  episode: 1,
  decisions: [],
  remedies: {},
  outcomes: {},
  communication: 'None',
  firstResponse: null,
  resolution: null,
  relief: 'none',
  rejected: false,
};

/** The course after one more event; the same object when the event does not touch it. */
export function follow(course: Course, event: ComplaintRecord): Course {
  const { occurredAt } = event.metadata;
  switch (event.type) {
    case 'ComplaintAdmitted':
    case 'ComplaintClassified':
    case 'SeverityAssessed':
    case 'ComplaintPrioritised':
    case 'ComplaintAssigned':
      return course.stage === 'Received' ? { ...course, stage: 'UnderAssessment' } : course;
    case 'ContentVerified':
    case 'MeritsAssessed':
      return course.stage === 'Received' || course.stage === 'UnderAssessment'
        ? { ...course, stage: 'UnderInvestigation' }
        : course;
    case 'ComplaintDeclaredInadmissible': {
      const { noticeId } = event.data;
      const decisions = noticeId === undefined ? course.decisions : [...course.decisions, noticeId];
      return { ...course, stage: 'Inadmissible', decisions };
    }
    case 'DeterminationMade': {
      const { determinationId, points } = event.data;
      const outcomes = { ...course.outcomes, ...Object.fromEntries(points.map(({ id, outcome }) => [id, outcome])) };
      return { ...course, stage: 'Determined', outcomes, decisions: [...course.decisions, determinationId] };
    }
    case 'DeterminationReviewed':
      return event.data.decision === 'approve' ? course : { ...course, stage: 'UnderInvestigation', outcomes: {} };
    case 'ReturnedToInvestigation':
      return { ...course, stage: 'UnderInvestigation', outcomes: {} };
    case 'RemedyProposed':
      return withOffer(course, event.data.remedyId, {
        owed: !event.data.needsAcceptance,
        open: Object.fromEntries(event.data.measures.map(({ id, type }: Measure) => [id, type])),
      });
    case 'RemedyAccepted':
      return {
        ...withOffer(course, event.data.remedyId, { ...offerOf(course, event.data.remedyId), owed: true }),
        rejected: false,
      };
    case 'RemedyRejected':
      return {
        ...withOffer(course, event.data.remedyId, { ...offerOf(course, event.data.remedyId), owed: false }),
        rejected: true,
      };
    case 'RemedyOfferLapsed':
      return withOffer(course, event.data.remedyId, { ...offerOf(course, event.data.remedyId), owed: false });
    case 'RemedyMeasureCompleted': {
      const { [event.data.measureId]: type, ...open } = offerOf(course, event.data.remedyId).open;
      const after = withOffer(course, event.data.remedyId, { ...offerOf(course, event.data.remedyId), open });
      return type === undefined ? after : relieved(after, MONETARY_REMEDIES.includes(type));
    }
    case 'RemedyMeasureWaived': {
      const { [event.data.measureId]: _waived, ...open } = offerOf(course, event.data.remedyId).open;
      const after = withOffer(course, event.data.remedyId, { ...offerOf(course, event.data.remedyId), open });
      return after.communication === 'Communicated' ? resolvedIfNothingIsOwed(after, occurredAt) : after;
    }
    case 'RemedyImplemented': {
      const { remedyId, remedyType, money, whatWasDone } = event.data;
      const after = resolvedIfNothingIsOwed(withOffer(course, remedyId, { owed: false, open: {} }), occurredAt);
      if (remedyType === undefined && money === undefined && whatWasDone === undefined) return after;
      return relieved(
        after,
        money !== undefined || (remedyType !== undefined && MONETARY_REMEDIES.includes(remedyType)),
      );
    }
    case 'FinalResponseSent':
      return answered(
        { ...course, stage: 'Responded', decisions: [...course.decisions, event.data.responseId] },
        occurredAt,
      );
    case 'OutcomeCommunicated': {
      const { of, deliveredAt } = event.data;
      if (!course.decisions.includes(of)) return course;
      const stage = course.stage === 'Determined' ? 'Responded' : course.stage;
      return resolvedIfNothingIsOwed(
        answered({ ...course, stage, communication: 'Communicated' }, deliveredAt),
        deliveredAt,
      );
    }
    case 'OutcomeUndeliverable':
      return course.decisions.includes(event.data.of) && course.communication === 'None'
        ? { ...course, communication: 'Undeliverable' }
        : course;
    case 'ContactRecorded': {
      const { direction, substantive, result, at } = event.data;
      return direction === 'outbound' && substantive && result === 'reached' ? answered(course, at) : course;
    }
    case 'ComplaintClosed':
      return { ...course, stage: 'Closed' };
    case 'ComplaintWithdrawn':
      return event.data.continuedOnOwnInitiative ? course : { ...course, stage: 'Withdrawn' };
    case 'ComplaintReopened': {
      const { remedies, relief } = course;
      return { ...begun, stage: 'UnderAssessment', episode: event.data.episode, remedies: onlyOwed(remedies), relief };
    }
    case 'ExternalOutcomeRecorded':
      return course.stage === 'Received' && course.episode === 1 && !isInProgress(event.data.response)
        ? { ...course, stage: 'Closed' }
        : course;
    default:
      return course;
  }
}

/** The case's outcome from its points: all of one kind, else any mix is partly upheld (language.md §2.3). */
export function outcomeOf({ outcomes }: Course): Outcome | null {
  const [first, ...rest] = Object.values(outcomes);
  if (first === undefined) return null;
  return rest.every((outcome) => outcome === first) ? first : 'partly_upheld';
}

const offerOf = (course: Course, id: string): OfferCourse => course.remedies[id] ?? { owed: false, open: {} };

const withOffer = (course: Course, id: string, offer: OfferCourse): Course => ({
  ...course,
  remedies: { ...course.remedies, [id]: offer },
});

/** Offers lapse when an episode ends; accepted measures stay owed. */
const onlyOwed = (remedies: Course['remedies']): Course['remedies'] =>
  Object.fromEntries(Object.entries(remedies).filter(([, offer]) => offer.owed));

const relieved = (course: Course, monetary: boolean): Course => ({
  ...course,
  relief: monetary || course.relief === 'monetary' ? 'monetary' : 'non_monetary',
});

const answered = (course: Course, at: KeptMoment): Course =>
  course.firstResponse === null ? { ...course, firstResponse: at } : course;

function resolvedIfNothingIsOwed(course: Course, at: KeptMoment): Course {
  const owed = Object.values(course.remedies).some((offer) => offer.owed && Object.keys(offer.open).length > 0);
  return owed || course.resolution !== null ? course : { ...course, resolution: at };
}
