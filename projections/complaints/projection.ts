import type { ComplaintReceived } from '../../src/complaint/events.js';
import type { Point } from '../../src/complaint/terms/facts.js';
import type { EventOf } from '../../src/eventstore/envelope.js';
import type { Channel, Nature, Outcome, Priority, Severity, Stage } from '../../src/complaint/terms/vocabulary.js';
import { CORRECTIONS } from '../../src/complaint/corrected-history.js';
import {
  earliest,
  fromEpochMilliseconds,
  instant,
  latest,
  toEpochMilliseconds,
  type Moment,
} from '../../src/platform/moment.js';
import {
  COMPLAINT_STREAMS,
  complaintId,
  reopeningAskedAt,
  type ComplaintRecord,
} from '../../src/complaint/complaint-record.js';
import {
  evolveProgress,
  initialProgress,
  isOpen,
  isOutstanding,
  outcomeOf,
  type Progress,
} from '../../src/complaint/progress.js';
import { isSafetySet } from '../../src/complaint/safety.js';
import { standingOf, type Standing } from '../../src/complaint/status.js';
import { evolvePoints, type PointColumns } from '../../src/complaint/counted-points.js';
import { comparableName, comparableText } from '../../src/platform/text.js';
import type { Projection } from '../../src/projection/projection.js';
import {
  markRecordedTimes,
  plainMoment,
  RECORDED_TIME_PATHS,
  type StoredMoment,
} from '../../src/eventstore/stored-moment.js';
import { DATE_BASES, FIND_INDEXES, HANDLER_QUEUE_INDEX, QUEUE_INDEX, type DateBasis } from './filters.js';
import { indexedWords } from './words.js';

/** Internal targets, in elapsed hours from receipt or reopening (R39, R40). They are not legal deadlines. */
export const TARGET_HOURS = { firstResponse: 24, resolution: 72 } as const;
const HOUR_MS = 3_600_000;
/** Maximum number of different words of one complaint that are indexed. */
const MAX_WORDS = 500;

/** One complaint, open or ended, as lists show it. */
export interface ComplaintEntry extends Dates {
  readonly reference: string;
  readonly open: boolean;
  /** True if somebody has to work on it: the queue lists these complaints. An ended complaint may become outstanding. */
  readonly outstanding: boolean;
  readonly stage: Stage;
  readonly standing: Standing;
  readonly outcome: Outcome | null;
  readonly nature: Nature;
  /** Name of the first complainant, if known. */
  readonly complainant: string | null;
  readonly anonymous: boolean;
  readonly handler: string | null;
  readonly orgUnit: string | null;
  readonly severity: Severity | null;
  /** True while safety is set. */
  readonly safetyCritical: boolean;
  /** False while safety is set: such complaints lead the queue (R42). */
  readonly routine: boolean;
  readonly priority: Priority | null;
  readonly channel: Channel;
  /** The points that count, in their order. */
  readonly points: readonly EntryPoint[];
  /** Id of the first point that counts; product, category and issue are those of this point. */
  readonly mainPoint: string | null;
  readonly product: string | null;
  readonly category: string | null;
  readonly issue: string | null;
  /** Words of the products and issues of all points. A new issue adds its words; those of the former one stay. */
  readonly words: readonly string[];
  /** The systems of the sources. */
  readonly sources: readonly string[];
  /** For each source its reference, followed by {@link sourceKey} of system and reference. */
  readonly sourceRefs: readonly string[];
  /** Holds that are not released. A hold ends at `until` (UTC) without an event, so the query compares the time (I10). */
  readonly holds: readonly { readonly id: string; readonly until: string }[];
  /** The time zones of `received` and `incident`; null for an instant. */
  readonly receivedZone: string | null;
  readonly incidentZone: string | null;
  /** Time of the latest reopening. */
  readonly reopenedAt: StoredMoment | null;
  /** True if both targets are met. */
  readonly settled: boolean;
  /** Due time (UTC): of the first response until it is given, then of the resolution. */
  readonly nextDue: string;
  readonly progress: StoredProgress;
}

/** The fields of the progress that are not those of {@link initialProgress}. */
type StoredProgress = Partial<Progress>;

/** The day, or the instant if it is known; null if the complaint has no such date. */
type Dates = { readonly [basis in DateBasis]: string | null };

interface EntryPoint {
  readonly id: string;
  readonly product: string | null;
  readonly category: string | null;
  readonly issue: string | null;
}

const POINT_COLUMNS: PointColumns<EntryPoint> = {
  of: ({ id, category, issue = null, subject }) => ({
    id,
    product: comparableName(subject.product),
    category: comparableName(category),
    issue,
  }),
  classified: (point, { category, issue = point.issue }) => ({ ...point, category, issue }),
};

export interface Target {
  /** UTC. */
  readonly dueAt: string;
  readonly metAt: StoredMoment | null;
}

export const complaints: Projection<ComplaintEntry> = {
  name: 'complaints',
  version: 13,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  rewriting: CORRECTIONS,
  keys: (event) => [complaintId(event)],
  evolve(entry, recorded) {
    const event = markRecordedTimes(recorded) as ComplaintRecord;
    if (event.type === 'ComplaintReceived')
      return initialEntry(event.data, event.metadata.recordedAt, evolveProgress(initialProgress, event));
    if (entry === null) return null; // a complaint is listed only after its receipt
    const before = progressOf(entry);
    const progress = evolveProgress(before, event);
    const changed = withPoints(reduceColumns(entry, event), evolvePoints(entry.points, event, POINT_COLUMNS));
    if (progress === before) return changed;
    const hasEnded = entry.open && !isOpen(progress);
    return withDerivedColumns({ ...changed, ...(hasEnded && { holds: [] }) }, progress);
  },
  indexes: [{ fields: QUEUE_INDEX }, { fields: HANDLER_QUEUE_INDEX }, ...FIND_INDEXES],
  // a date does not show whether the sender gave the time, so the content digest leaves all of them out
  nonDeterministicFields: [...RECORDED_TIME_PATHS, ...DATE_BASES, 'nextDue'],
};

type BaseColumns = Omit<
  ComplaintEntry,
  | 'open'
  | 'outstanding'
  | 'safetyCritical'
  | 'routine'
  | 'stage'
  | 'standing'
  | 'outcome'
  | 'responded'
  | 'ended'
  | 'settled'
  | 'nextDue'
  | 'progress'
>;

function initialEntry(
  data: EventOf<typeof ComplaintReceived>['data'],
  recordedAt: string,
  progress: Progress,
): ComplaintEntry {
  const { receivedAt, incidentAt, points, sources } = data;
  const [point] = points;
  const complainant = data.parties.find(({ role }) => role === 'complainant') ?? data.parties[0];
  const columns: BaseColumns = {
    reference: data.reference,
    nature: 'complaint',
    complainant: complainant?.name ?? null,
    anonymous: data.parties.length === 0,
    handler: null,
    orgUnit: comparableName(point?.subject.orgUnit),
    severity: null,
    priority: null,
    channel: data.channel,
    points: [],
    mainPoint: null,
    product: null,
    category: null,
    issue: null,
    words: addWords([], points.flatMap(textsOf)),
    sources: sources.map(({ system }) => comparableText(system)),
    sourceRefs: sources.flatMap(({ system, ref }) => [ref, sourceKey(comparableText(system), ref)]),
    holds: [],
    received: dateText(receivedAt),
    receivedZone: zoneOf(receivedAt),
    incident: incidentAt === undefined ? null : dateText(incidentAt.from),
    incidentZone: incidentAt === undefined ? null : zoneOf(incidentAt.from),
    recorded: recordedAt,
    reopenedAt: null,
  };
  return withDerivedColumns(withPoints(columns, points.map(POINT_COLUMNS.of)), progress);
}

/** Applies an event to the columns taken directly from events; returns the same object if none changes. */
function reduceColumns(entry: ComplaintEntry, event: ComplaintRecord): ComplaintEntry {
  switch (event.type) {
    case 'ComplaintClassified': {
      const { nature, points } = event.data;
      const words = addWords(
        entry.words,
        points.flatMap(({ issue, subIssue }) => [issue, subIssue]),
      );
      return {
        ...entry,
        nature,
        words,
      };
    }
    case 'PointAdded':
      return withWordsOf(entry, [event.data.point]);
    case 'PointSplit':
      return withWordsOf(entry, event.data.points);
    case 'PartyAdded': {
      const { role, name = null } = event.data.party;
      const isFirstComplainant = role === 'complainant' && entry.complainant === null;
      return { ...entry, anonymous: false, ...((isFirstComplainant || entry.anonymous) && { complainant: name }) };
    }
    case 'ComplaintDeclaredInadmissible':
      return { ...entry, nature: event.data.nature };
    case 'SeverityAssessed':
      return { ...entry, severity: event.data.severity };
    case 'ComplaintPrioritised':
      return { ...entry, priority: event.data.priority };
    case 'ComplaintAssigned':
      return {
        ...entry,
        handler: event.data.handler ?? null,
        orgUnit: comparableName(event.data.orgUnit) ?? entry.orgUnit,
      };
    case 'ComplaintReassigned':
      return { ...entry, handler: event.data.to ?? null, orgUnit: comparableName(event.data.orgUnit) ?? entry.orgUnit };
    case 'ComplaintUnassigned':
      return { ...entry, handler: null };
    case 'AssignmentAccepted':
      return { ...entry, handler: event.data.handler };
    case 'HoldPlaced':
      return {
        ...entry,
        holds: [...entry.holds, { id: event.data.holdId, until: endOfHold(event.data.expectedEnd) }],
      };
    case 'HoldReleased':
      return { ...entry, holds: entry.holds.filter(({ id }) => id !== event.data.holdId) };
    case 'ComplaintReopened':
      return { ...entry, reopenedAt: reopeningAskedAt(event.data, event.metadata.occurredAt) };
    default:
      return entry;
  }
}

/** The columns with these points; the same object if the points are the same. */
function withPoints<C extends Pick<ComplaintEntry, 'points'>>(columns: C, points: readonly EntryPoint[]): C {
  if (points === columns.points) return columns;
  const { id: mainPoint = null, product = null, category = null, issue = null } = points[0] ?? {};
  return { ...columns, points, mainPoint, product, category, issue };
}

const withWordsOf = (entry: ComplaintEntry, points: readonly Point[]): ComplaintEntry => ({
  ...entry,
  words: addWords(entry.words, points.flatMap(textsOf)),
});

/** The texts of a point that are found by their words. */
const textsOf = ({ issue, subIssue, subject }: Point) => [issue, subIssue, subject.product, subject.subProduct];

/** Sets the columns that derive from the progress. */
function withDerivedColumns(columns: BaseColumns, progress: Progress): ComplaintEntry {
  const { stage, finalResponse, endedAt } = progress;
  const next = progress.firstResponse === null ? 'firstResponse' : 'resolution';
  return {
    ...columns,
    open: isOpen(progress),
    outstanding: isOutstanding(progress),
    safetyCritical: isSafetySet(progress),
    routine: !isSafetySet(progress),
    stage: stage ?? 'Received', // a listed complaint was received
    standing: standingOf(progress),
    outcome: outcomeOf(progress),
    responded: finalResponse && dateText(finalResponse),
    ended: endedAt && dateText(endedAt),
    settled: progress[next] !== null,
    nextDue: dueAt(next, sinceOf(columns)),
    progress: withoutInitialFields(progress),
  };
}

/** When the hold ends automatically (UTC); without a stated end it lasts until it is released. */
const endOfHold = (expectedEnd: StoredMoment | undefined): string =>
  expectedEnd === undefined ? '9999-12-31T23:59:59.999Z' : latest(plainMoment(expectedEnd));

export const progressOf = (entry: Pick<ComplaintEntry, 'progress'>): Progress => ({
  ...initialProgress,
  ...entry.progress,
});

function withoutInitialFields(progress: Progress): StoredProgress {
  const stored: Partial<Record<keyof Progress, unknown>> = {};
  for (const field of PROGRESS_FIELDS) if (progress[field] !== initialProgress[field]) stored[field] = progress[field];
  return stored as StoredProgress;
}

const PROGRESS_FIELDS = Object.keys(initialProgress) as (keyof Progress)[];

/** The targets of the current episode, and when they were met. */
export function targetsOf(entry: ComplaintEntry): { readonly [target in TargetName]: Target } {
  const { firstResponse, resolution } = progressOf(entry);
  const since = sinceOf(entry);
  return {
    firstResponse: { dueAt: dueAt('firstResponse', since), metAt: firstResponse },
    resolution: { dueAt: dueAt('resolution', since), metAt: resolution },
  };
}

type TargetName = keyof typeof TARGET_HOURS;

const dueAt = (target: TargetName, since: StoredMoment): string =>
  fromEpochMilliseconds(toEpochMilliseconds(earliest(plainMoment(since))) + TARGET_HOURS[target] * HOUR_MS);

type ReceiptColumns = Pick<ComplaintEntry, 'received' | 'receivedZone' | 'reopenedAt'>;

/** Time from which the targets count: receipt or latest reopening. A day counts from its first instant. */
export const sinceOf = (columns: ReceiptColumns): StoredMoment => columns.reopenedAt ?? receivedAtOf(columns);

export const receivedAtOf = ({ received, receivedZone }: ReceiptColumns): Moment =>
  momentOf(received ?? '', receivedZone);

/** The moment of a date of a complaint. `zone`: null for an instant. */
export const momentOf = (date: string, zone: string | null): Moment =>
  zone === null ? instant(date) : { precision: 'day', day: date, zone };

function dateText(stored: StoredMoment): string {
  const moment = plainMoment(stored);
  return moment.precision === 'day' ? moment.day : moment.at;
}

function zoneOf(stored: StoredMoment): string | null {
  const moment = plainMoment(stored);
  return moment.precision === 'day' ? moment.zone : null;
}

/** A text that identifies a source: no two pairs of system and reference have the same. */
export const sourceKey = (system: string, ref: string): string => JSON.stringify([system, ref]);

/** The words with those of more texts; the same object if there is no new word. */
function addWords(words: readonly string[], texts: readonly (string | undefined)[]): readonly string[] {
  const known = new Set(words);
  const added = indexedWords(texts.filter((text) => text !== undefined)).filter((word) => !known.has(word));
  return added.length === 0 ? words : [...words, ...added].slice(0, MAX_WORDS);
}
