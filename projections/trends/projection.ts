import { END_STAGES, type Channel, type Outcome, type Severity } from '../../src/complaint/terms/vocabulary.js';
import { isInProgress } from '../../src/complaint/complaint.js';
import type { ComplaintReceived } from '../../src/complaint/events.js';
import type { EventOf } from '../../src/eventstore/envelope.js';
import { dayIn, toEpochMilliseconds, type Moment } from '../../src/platform/moment.js';
import { COMPLAINT_STREAMS, complaintId, type ComplaintRecord } from '../../src/complaint/complaint-record.js';
import { begun, follow, outcomeOf, type Course } from '../../src/complaint/course.js';
import type { Projection } from '../../src/projection/projection.js';
import { markRunTimes, plain, RUN_TIMES, type KeptMoment } from '../../src/projection/stored-moment.js';

/** 1 counts, 0 does not: sums over them are counts. */
export type Count = 0 | 1;

/**
 * One complaint as a flat row of facts. Everything that can be grouped, filtered or summed is a column of its own; the
 * query does the rest. The first point is the main one and names product, issue, category, region and respondent.
 */
export interface TrendFact {
  readonly product: string | null;
  readonly issue: string | null;
  readonly category: string | null;
  readonly channel: Channel;
  readonly region: string | null;
  readonly severity: Severity | null;
  readonly outcome: Outcome | null;
  /** The register's own response where there is one, else ours in the same words (language.md §2.4). */
  readonly response: string;
  readonly respondent: string | null;
  /** System of the first source. */
  readonly source: string | null;

  /** When, as {@link slotOf} has it; null is not known. `responded` is the first final answer. */
  readonly received: string | null;
  readonly responded: string | null;
  readonly ended: string | null;
  /** Whole days from receipt to response; null while there is none or where a register does not say. */
  readonly daysToResponse: number | null;

  readonly open: Count;
  readonly firstContact: Count;
  readonly reopened: Count;
  readonly withdrawn: Count;
  readonly inadmissible: Count;
  readonly undeliverable: Count;
  /** As the register says; both 0 when it does not. */
  readonly timelyYes: Count;
  readonly timelyNo: Count;
  readonly disputedYes: Count;
  readonly disputedNo: Count;
  /** The latest feedback; what counts as satisfied is for the query. */
  readonly score: number | null;
  readonly resolved: 'yes' | 'partly' | 'no' | null;

  readonly times: {
    readonly received: KeptMoment;
    readonly responded: KeptMoment | null;
    readonly ended: KeptMoment | null;
  };
  readonly mainPoint: string | null;
  readonly registerResponse: string | null;
  readonly course: Course;
}

/** The parts that follow from the others. */
type Derived = 'outcome' | 'response' | 'received' | 'responded' | 'ended' | 'daysToResponse' | 'open' | 'withdrawn';
type Facts = Omit<TrendFact, Derived | 'inadmissible' | 'undeliverable'>;

/** Groups and sums first, then times: one index that holds every column. */
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
  'score',
  'resolved',
] as const satisfies readonly (keyof TrendFact)[];

export const trends: Projection<TrendFact> = {
  name: 'trends',
  version: 1,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => [complaintId(event)],
  evolve(fact, recorded) {
    const event = markRunTimes(recorded) as ComplaintRecord;
    if (event.type === 'ComplaintReceived') return received(event.data);
    if (fact === null) return null; // nothing is counted that was never received
    const course = follow(fact.course, event);
    const changed = particulars(fact, event);
    return course === fact.course && changed === fact ? fact : derived({ ...changed, course });
  },
  indexes: [{ fields: Object.fromEntries(TREND_COLUMNS.map((column) => [column, 1])) }],
  // the columns of times repeat `times`, which says of each whether it was given
  runFields: [...RUN_TIMES, 'received', 'responded', 'ended', 'daysToResponse'],
};

function received(data: EventOf<typeof ComplaintReceived>['data']): TrendFact {
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
    firstContact: 0,
    reopened: 0,
    timelyYes: 0,
    timelyNo: 0,
    disputedYes: 0,
    disputedNo: 0,
    score: null,
    resolved: null,
    times: { received: data.receivedAt, responded: null, ended: null },
    mainPoint: point?.id ?? null,
    registerResponse: null,
    course: begun,
  });
}

/** What the columns take from an event directly; the same object when that is nothing. */
function particulars(fact: TrendFact, event: ComplaintRecord): TrendFact {
  const { occurredAt } = event.metadata;
  switch (event.type) {
    case 'ComplaintClassified': {
      const main = event.data.points.find(({ id }) => id === fact.mainPoint);
      return main === undefined ? fact : { ...fact, category: main.category, issue: main.issue ?? fact.issue };
    }
    case 'SeverityAssessed':
      return { ...fact, severity: event.data.severity };
    case 'FinalResponseSent':
      return responded(fact, occurredAt);
    case 'OutcomeCommunicated': // at first contact nothing is sent: it is said
      return fact.course.stage === 'Determined' ? responded(fact, event.data.deliveredAt) : fact;
    case 'RemedyImplemented':
      return event.data.statedBy === undefined ? fact : { ...fact, firstContact: 1 };
    case 'ComplaintDeclaredInadmissible':
    case 'ComplaintClosed':
      return ended(fact, occurredAt);
    case 'ComplaintWithdrawn':
      return event.data.continuedOnOwnInitiative ? fact : ended(fact, occurredAt);
    case 'ComplaintReopened':
      return { ...ended(fact, null), reopened: 1 };
    case 'FeedbackSubmitted':
      return { ...fact, score: event.data.score, resolved: event.data.resolved ?? null };
    case 'ExternalOutcomeRecorded': {
      const { response, timely, disputed, statedOn } = event.data;
      const ends = fact.course.stage === 'Received' && fact.course.episode === 1 && !isInProgress(response);
      const at = statedOn ?? null;
      return {
        ...fact,
        registerResponse: response,
        timelyYes: timely === true ? 1 : 0,
        timelyNo: timely === false ? 1 : 0,
        disputedYes: disputed === true ? 1 : 0,
        disputedNo: disputed === false ? 1 : 0,
        ...(ends && { times: { ...fact.times, responded: at, ended: at } }),
      };
    }
    default:
      return fact;
  }
}

const responded = (fact: TrendFact, at: KeptMoment): TrendFact =>
  fact.times.responded === null ? { ...fact, times: { ...fact.times, responded: at } } : fact;

const ended = (fact: TrendFact, at: KeptMoment | null): TrendFact => ({ ...fact, times: { ...fact.times, ended: at } });

function derived(facts: Facts): TrendFact {
  const { course, times } = facts;
  const open = !END_STAGES.includes(course.stage);
  return {
    ...facts,
    outcome: outcomeOf(course),
    response: facts.registerResponse ?? ourResponse(facts, open),
    received: slotOf(times.received),
    responded: times.responded && slotOf(times.responded),
    ended: open ? null : times.ended && slotOf(times.ended),
    daysToResponse: times.responded && daysBetween(plain(times.received), plain(times.responded)),
    open: open ? 1 : 0,
    withdrawn: course.stage === 'Withdrawn' ? 1 : 0,
    inadmissible: course.stage === 'Inadmissible' ? 1 : 0,
    undeliverable: course.communication === 'Undeliverable' ? 1 : 0,
  };
}

/** Our own response in the words of the register (language.md §2.4, right column). */
function ourResponse({ course, resolved }: Facts, open: boolean): string {
  if (open && course.stage !== 'Responded') return 'In progress';
  if (course.stage !== 'Responded' && course.stage !== 'Closed') return 'Closed';
  if (open && (course.communication === 'Undeliverable' || course.rejected || resolved === 'no')) return 'In progress';
  if (course.relief !== 'none')
    return `Closed with ${course.relief === 'monetary' ? 'monetary' : 'non-monetary'} relief`;
  return outcomeOf(course) === 'not_upheld' ? 'Closed with explanation' : 'Closed';
}

/**
 * A moment as a column: a day as it stands, an instant as the quarter of an hour (UTC) in which it lies. Every zone
 * differs from UTC by whole quarters, so that a quarter lies in one day of any zone, and there are few of them.
 */
export function slotOf(kept: KeptMoment): string {
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
