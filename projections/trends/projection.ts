import type { Channel, Outcome, Severity } from '../../src/complaint/terms/vocabulary.js';
import type { ComplaintReceived } from '../../src/complaint/events.js';
import type { EventOf } from '../../src/eventstore/envelope.js';
import { dayIn, toEpochMilliseconds, type Moment } from '../../src/platform/moment.js';
import { COMPLAINT_STREAMS, complaintId, type ComplaintRecord } from '../../src/complaint/complaint-record.js';
import { evolveProgress, initialProgress, isOpen, outcomeOf, type Progress } from '../../src/complaint/progress.js';
import { mayBeDisputed, satisfactionOf, undisputedResponse } from '../../src/complaint/status.js';
import type { Projection } from '../../src/projection/projection.js';
import { markRunTimes, plain, RUN_TIME_PATHS, type StoredMoment } from '../../src/eventstore/stored-moment.js';

/** 1 or 0; the sum over complaints is a count. */
export type Count = 0 | 1;

/**
 * One complaint as a flat row. Every value that can be grouped, filtered or summed is a separate column. The first point
 * is the main one; product, issue, category, region and respondent are taken from it.
 */
export interface TrendFact {
  readonly product: string | null;
  readonly issue: string | null;
  readonly category: string | null;
  readonly channel: Channel;
  readonly region: string | null;
  readonly severity: Severity | null;
  readonly outcome: Outcome | null;
  /** The response of the register, else the derived response in the same terms if the complainant does not dispute it. */
  readonly response: string;
  /** 1 if `response` is derived; it is then "In progress" while the complainant disputes it. */
  readonly mayBeDisputed: Count;
  readonly respondent: string | null;
  /** System of the first source. */
  readonly source: string | null;

  /** Times as {@link timeBucketOf} returns them; null means unknown. `responded` is the first final response. */
  readonly received: string | null;
  readonly responded: string | null;
  readonly ended: string | null;
  /** Whole days from receipt to response; null without a response or if a register does not state it. */
  readonly daysToResponse: number | null;

  readonly open: Count;
  readonly firstContact: Count;
  readonly reopened: Count;
  readonly withdrawn: Count;
  readonly inadmissible: Count;
  readonly undeliverable: Count;
  /** As stated by the register; both 0 if it does not state it. */
  readonly timelyYes: Count;
  readonly timelyNo: Count;
  readonly disputedYes: Count;
  readonly disputedNo: Count;
  /** Satisfaction on the scale of scores; the query defines the limit for satisfied. */
  readonly satisfaction: number | null;
  /** The latest feedback of this episode, on the same scale. */
  readonly feedback: number | null;

  readonly receivedAt: StoredMoment;
  readonly mainPoint: string | null;
  readonly progress: Progress;
}

/** Columns taken directly from events; all others derive from the progress. */
type Facts = Pick<
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
  | 'mainPoint'
  | 'progress'
>;

/** One index over every column: groups and sums first, then times. */
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
  'feedback',
] as const satisfies readonly (keyof TrendFact)[];

export const trends: Projection<TrendFact> = {
  name: 'trends',
  version: 2,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => [complaintId(event)],
  evolve(fact, recorded) {
    const event = markRunTimes(recorded) as ComplaintRecord;
    if (event.type === 'ComplaintReceived') return received(event.data, evolveProgress(initialProgress, event));
    if (fact === null) return null; // a complaint counts only after its receipt
    const progress = evolveProgress(fact.progress, event);
    const changed = reduceColumns(fact, event);
    return progress === fact.progress && changed === fact ? fact : derived({ ...changed, progress });
  },
  indexes: [{ fields: Object.fromEntries(TREND_COLUMNS.map((column) => [column, 1])) }],
  // the time columns copy moments, which already state whether the sender gave them
  nonDeterministicFields: [...RUN_TIME_PATHS, 'received', 'responded', 'ended', 'daysToResponse'],
};

function received(data: EventOf<typeof ComplaintReceived>['data'], progress: Progress): TrendFact {
  const [point] = data.points;
  return derived({
    product: point?.subject.product ?? null,
    issue: point?.issue ?? null,
    category: point?.category ?? null,
    channel: data.channel,
    region: point?.subject.region ?? null,
    severity: null,
    respondent: point?.subject.respondent ?? null,
    source: data.sources[0]?.system ?? null,
    timelyYes: 0,
    timelyNo: 0,
    disputedYes: 0,
    disputedNo: 0,
    receivedAt: data.receivedAt,
    mainPoint: point?.id ?? null,
    progress,
  });
}

/** Columns taken directly from an event; the same object if none changes. */
function reduceColumns(fact: TrendFact, event: ComplaintRecord): TrendFact {
  switch (event.type) {
    case 'ComplaintClassified': {
      const main = event.data.points.find(({ id }) => id === fact.mainPoint);
      return main === undefined ? fact : { ...fact, category: main.category, issue: main.issue ?? fact.issue };
    }
    case 'SeverityAssessed':
      return { ...fact, severity: event.data.severity };
    case 'ExternalOutcomeRecorded': {
      const { timely, disputed } = event.data;
      return {
        ...fact,
        timelyYes: count(timely === true),
        timelyNo: count(timely === false),
        disputedYes: count(disputed === true),
        disputedNo: count(disputed === false),
      };
    }
    default:
      return fact;
  }
}

function derived(facts: Facts): TrendFact {
  const { progress, receivedAt } = facts;
  const { stage, episode, communication, endedAt, finalResponse, registerResponse } = progress;
  return {
    ...facts,
    outcome: outcomeOf(progress),
    response: registerResponse ?? undisputedResponse(progress),
    mayBeDisputed: count(registerResponse === null && mayBeDisputed(progress)),
    received: timeBucketOf(receivedAt),
    responded: finalResponse && timeBucketOf(finalResponse),
    ended: endedAt && timeBucketOf(endedAt),
    daysToResponse: finalResponse && daysBetween(plain(receivedAt), plain(finalResponse)),
    open: count(isOpen(progress)),
    firstContact: count(progress.firstContact),
    reopened: count(episode > 1),
    withdrawn: count(stage === 'Withdrawn'),
    inadmissible: count(stage === 'Inadmissible'),
    undeliverable: count(communication.status === 'Undeliverable'),
    satisfaction: satisfactionOf(progress),
    feedback: progress.latestFeedback?.score ?? null,
  };
}

const count = (counts: boolean): Count => (counts ? 1 : 0);

/**
 * The column value of a moment: a day unchanged, an instant as its quarter of an hour (UTC). Every zone differs from UTC
 * by whole quarters, so a quarter lies within one day in any zone, and the number of values stays small.
 */
export function timeBucketOf(kept: StoredMoment): string {
  const moment = plain(kept);
  if (moment.precision === 'day') return moment.day;
  const minute = Math.floor(Number(moment.at.slice(14, 16)) / 15) * 15;
  return `${moment.at.slice(0, 14)}${String(minute).padStart(2, '0')}Z`;
}

/** Elapsed days between instants, rounded down; calendar days where one of them is a day, in its zone. */
function daysBetween(from: Moment, to: Moment): number {
  if (from.precision === 'instant' && to.precision === 'instant')
    return Math.floor((toEpochMilliseconds(to.at) - toEpochMilliseconds(from.at)) / DAY);
  const zone = from.precision === 'day' ? from.zone : to.precision === 'day' ? to.zone : 'UTC';
  return (Date.parse(dayIn(to, zone)) - Date.parse(dayIn(from, zone))) / DAY;
}

const DAY = 86_400_000;
