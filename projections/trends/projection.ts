import type { Channel, Outcome, Severity } from '../../src/complaint/terms/vocabulary.js';
import type { ComplaintReceived } from '../../src/complaint/events.js';
import type { EventOf } from '../../src/eventstore/envelope.js';
import { CORRECTIONS } from '../../src/complaint/corrected-history.js';
import { dayIn, toEpochMilliseconds, type Moment } from '../../src/platform/moment.js';
import { COMPLAINT_STREAMS, complaintId, type ComplaintRecord } from '../../src/complaint/complaint-record.js';
import { evolvePoints, type PointColumns } from '../../src/complaint/counted-points.js';
import { evolveProgress, initialProgress, isOpen, outcomeOf, type Progress } from '../../src/complaint/progress.js';
import {
  disputeOf,
  knownResponse,
  mayBeDisputed,
  undisputedResponse,
  type Dispute,
} from '../../src/complaint/status.js';
import { comparableName } from '../../src/platform/text.js';
import type { Projection } from '../../src/projection/projection.js';
import { timeBucketAt } from './calendar.js';
import {
  markRecordedTimes,
  plainMoment,
  RECORDED_TIME_PATHS,
  type StoredMoment,
} from '../../src/eventstore/stored-moment.js';

/** 1 for yes and 0 for no, so that the sum of the column is a number of complaints. */
type Flag = 0 | 1;

/**
 * One complaint as a flat row. Every value that can be grouped, filtered or summed is a separate column. The first point
 * is the main one; product, issue, category, region and respondent are taken from it. They and the source are in the form
 * for comparison, so that names that look the same are one group.
 */
export interface TrendFact {
  readonly product: string | null;
  readonly issue: string | null;
  readonly category: string | null;
  readonly channel: Channel;
  readonly region: string | null;
  readonly severity: Severity | null;
  readonly outcome: Outcome | null;
  /**
   * The response that the register states, with one spelling for each response. Without a register outcome, the response
   * that we derive in the same terms, as if the complainant did not dispute the outcome.
   */
  readonly response: string;
  /** 1 if queries return "In progress" instead of `response` while the complainant disputes the outcome. */
  readonly mayBeDisputed: Flag;
  readonly respondent: string | null;
  /** System of the first source. */
  readonly source: string | null;

  /** Time buckets, see {@link timeBucketOf}; null if unknown. `responded` is the time of the first final response. */
  readonly received: string | null;
  readonly responded: string | null;
  readonly ended: string | null;
  /** Whole days from receipt to the first final response; null if there is none or its time is unknown. */
  readonly daysToResponse: number | null;

  readonly open: Flag;
  readonly firstContact: Flag;
  readonly reopened: Flag;
  readonly withdrawn: Flag;
  readonly inadmissible: Flag;
  readonly undeliverable: Flag;
  /** As stated by the register; yes and no are both 0 if it does not state the value. */
  readonly timelyYes: Flag;
  readonly timelyNo: Flag;
  readonly disputedYes: Flag;
  readonly disputedNo: Flag;
  /** Score of the last word; the query defines the score that counts as satisfied. */
  readonly satisfaction: number | null;
  /** Whether the complainant disputes the outcome, unless the last word is dissatisfied. */
  readonly disputedOtherwise: Dispute['otherwise'];
  /** Score of the latest feedback in this episode. */
  readonly feedback: number | null;

  readonly receivedAt: StoredMoment;
  /** The points that count; the first one is the main point. */
  readonly points: readonly PointFact[];
  readonly progress: Progress;
}

interface PointFact {
  readonly id: string;
  readonly product: string | null;
  readonly issue: string | null;
  readonly category: string | null;
  readonly region: string | null;
  readonly respondent: string | null;
}

const POINT_COLUMNS: PointColumns<PointFact> = {
  of: ({ id, issue, category, subject }) => ({
    id,
    product: comparableName(subject.product),
    issue: comparableName(issue),
    category: comparableName(category),
    region: comparableName(subject.region),
    respondent: comparableName(subject.respondent),
  }),
  classified: (point, { category, issue }) => ({ ...point, category, issue: comparableName(issue) ?? point.issue }),
};

/** The fact with these points; the same object if the points are the same. */
function withPoints<F extends Pick<TrendFact, 'points'>>(fact: F, points: readonly PointFact[]): F {
  if (points === fact.points) return fact;
  const { id: _id, ...main } = points[0] ?? NO_POINT;
  return { ...fact, ...main, points };
}

const NO_POINT: PointFact = { id: '', product: null, issue: null, category: null, region: null, respondent: null };

/** Columns taken directly from events, and the progress. All other columns derive from them. */
type BaseColumns = Pick<
  TrendFact,
  | 'product'
  | 'issue'
  | 'category'
  | 'channel'
  | 'region'
  | 'severity'
  | 'respondent'
  | 'source'
  | 'timelyYes'
  | 'timelyNo'
  | 'disputedYes'
  | 'disputedNo'
  | 'receivedAt'
  | 'points'
  | 'progress'
>;

/** The columns of the index, in its order: all columns that a query uses, so that a query does not read the documents. */
export const TREND_COLUMNS = [
  'source',
  'product',
  'issue',
  'category',
  'channel',
  'region',
  'severity',
  'outcome',
  'response',
  'mayBeDisputed',
  'respondent',
  'received',
  'responded',
  'ended',
  'daysToResponse',
  'open',
  'firstContact',
  'reopened',
  'withdrawn',
  'inadmissible',
  'undeliverable',
  'timelyYes',
  'timelyNo',
  'disputedYes',
  'disputedNo',
  'satisfaction',
  'disputedOtherwise',
  'feedback',
] as const satisfies readonly (keyof TrendFact)[];

export const trends: Projection<TrendFact> = {
  name: 'trends',
  version: 14,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  rewriting: CORRECTIONS,
  keys: (event) => [complaintId(event)],
  evolve(fact, recorded) {
    const event = markRecordedTimes(recorded) as ComplaintRecord;
    if (event.type === 'ComplaintReceived') return initialFact(event.data, evolveProgress(initialProgress, event));
    if (fact === null) return null; // a complaint is counted only after its receipt
    const progress = evolveProgress(fact.progress, event);
    const changed = withPoints(reduceColumns(fact, event), evolvePoints(fact.points, event, POINT_COLUMNS));
    return progress === fact.progress && changed === fact ? fact : withDerivedColumns({ ...changed, progress });
  },
  indexes: [{ fields: Object.fromEntries(TREND_COLUMNS.map((column) => [column, 1])) }],
  // a time column does not show whether the sender gave the time, so the content digest leaves all of them out
  nonDeterministicFields: [...RECORDED_TIME_PATHS, 'received', 'responded', 'ended', 'daysToResponse'],
};

function initialFact(data: EventOf<typeof ComplaintReceived>['data'], progress: Progress): TrendFact {
  const points = data.points.map(POINT_COLUMNS.of);
  const { id: _id, ...main } = points[0] ?? NO_POINT;
  return withDerivedColumns({
    ...main,
    channel: data.channel,
    severity: null,
    source: comparableName(data.sources[0]?.system),
    timelyYes: 0,
    timelyNo: 0,
    disputedYes: 0,
    disputedNo: 0,
    receivedAt: data.receivedAt,
    points,
    progress,
  });
}

/** Applies an event to the columns taken directly from events; returns the same object if none changes. */
function reduceColumns(fact: TrendFact, event: ComplaintRecord): TrendFact {
  switch (event.type) {
    case 'SeverityAssessed':
      return { ...fact, severity: event.data.severity };
    case 'ExternalOutcomeRecorded': {
      const { timely, disputed } = event.data;
      return {
        ...fact,
        timelyYes: flag(timely === true),
        timelyNo: flag(timely === false),
        disputedYes: flag(disputed === true),
        disputedNo: flag(disputed === false),
      };
    }
    default:
      return fact;
  }
}

function withDerivedColumns(columns: BaseColumns): TrendFact {
  const { progress, receivedAt } = columns;
  const { stage, episode, communication, endedAt, finalResponse, registerResponse } = progress;
  const dispute = disputeOf(progress);
  return {
    ...columns,
    outcome: outcomeOf(progress),
    response: registerResponse === null ? undisputedResponse(progress) : knownResponse(registerResponse),
    mayBeDisputed: flag(registerResponse === null && mayBeDisputed(progress)),
    received: timeBucketOf(receivedAt),
    responded: finalResponse && timeBucketOf(finalResponse),
    ended: endedAt && timeBucketOf(endedAt),
    daysToResponse: finalResponse && daysBetween(plainMoment(receivedAt), plainMoment(finalResponse)),
    open: flag(isOpen(progress)),
    firstContact: flag(progress.firstContact),
    reopened: flag(episode > 1),
    withdrawn: flag(stage === 'Withdrawn'),
    inadmissible: flag(stage === 'Inadmissible'),
    undeliverable: flag(communication.status === 'Undeliverable'),
    satisfaction: dispute.score,
    disputedOtherwise: dispute.otherwise,
    feedback: progress.latestFeedback?.score ?? null,
  };
}

const flag = (value: boolean): Flag => (value ? 1 : 0);

/** The time bucket of a moment: a day unchanged, such as `2026-01-05`, or the bucket that contains an instant. */
export function timeBucketOf(stored: StoredMoment): string {
  const moment = plainMoment(stored);
  return moment.precision === 'day' ? moment.day : timeBucketAt(toEpochMilliseconds(moment.at));
}

/** Days between two instants, rounded down. If one moment is only a day, calendar days in the zone of that day. */
function daysBetween(from: Moment, to: Moment): number {
  if (from.precision === 'instant' && to.precision === 'instant')
    return Math.floor((toEpochMilliseconds(to.at) - toEpochMilliseconds(from.at)) / DAY_MS);
  const moment = from.precision === 'day' ? from : to;
  const zone = moment.precision === 'day' ? moment.zone : 'UTC';
  return (Date.parse(dayIn(to, zone)) - Date.parse(dayIn(from, zone))) / DAY_MS;
}

const DAY_MS = 86_400_000;
