import type { ComplaintReceived } from '../../src/complaint/events.js';
import type { EventOf } from '../../src/eventstore/envelope.js';
import type { Channel, Priority, Severity, Stage } from '../../src/complaint/terms/vocabulary.js';
import { earliest, fromEpochMilliseconds, latest, toEpochMilliseconds } from '../../src/platform/moment.js';
import { comparableName, comparableText } from '../../src/platform/text.js';
import { COMPLAINT_STREAMS, complaintId, type ComplaintRecord } from '../../src/complaint/complaint-record.js';
import { evolveProgress, initialProgress, isOpen, type Progress } from '../../src/complaint/progress.js';
import type { Projection } from '../../src/projection/projection.js';
import {
  markRecordedTimes,
  plainMoment,
  RECORDED_TIME_PATHS,
  type StoredMoment,
} from '../../src/eventstore/stored-moment.js';

/** Internal targets, in elapsed hours from {@link QueueItem.since} (R39, R40). They are not legal deadlines. */
export const TARGET_HOURS = { firstResponse: 24, resolution: 72 } as const;
const HOUR_MS = 3_600_000;

/** One complaint in the queue. An ended complaint keeps its document with `open: false`, because it can be reopened. */
export interface QueueItem {
  readonly reference: string;
  readonly open: boolean;
  readonly stage: Stage | null;
  readonly episode: number;
  /** Name of the first complainant, if known. */
  readonly complainant: string | null;
  readonly anonymous: boolean;
  readonly handler: string | null;
  readonly orgUnit: string | null;
  readonly severity: Severity | null;
  readonly safetyCritical: boolean;
  readonly priority: Priority | null;
  readonly channel: Channel;
  /** Id of the first point; product, category and issue are those of this point. */
  readonly mainPoint: string | null;
  readonly product: string | null;
  readonly category: string | null;
  readonly issue: string | null;
  readonly sources: readonly string[];
  /** Holds that are not released. A hold ends at `until` (UTC) without an event, so the query compares the time (I10). */
  readonly holds: readonly { readonly id: string; readonly until: string }[];
  readonly receivedAt: StoredMoment;
  /** Time from which the targets count: receipt or latest reopening. A day counts from its first instant. */
  readonly since: StoredMoment;
  readonly targets: { readonly firstResponse: Target; readonly resolution: Target };
  /** True if both targets are met. */
  readonly settled: boolean;
  /** Due time (UTC): of the first response until it is given, then of the resolution. */
  readonly nextDue: string;
  readonly progress: Progress;
}

export interface Target {
  /** UTC. */
  readonly dueAt: string;
  readonly metAt: StoredMoment | null;
}

export const workQueue: Projection<QueueItem> = {
  name: 'work_queue',
  version: 4,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => [complaintId(event)],
  evolve(item, recorded) {
    const event = markRecordedTimes(recorded) as ComplaintRecord;
    if (event.type === 'ComplaintReceived') return initialItem(event.data, evolveProgress(initialProgress, event));
    if (item === null) return null; // a complaint enters the queue with its receipt
    const progress = evolveProgress(item.progress, event);
    const changed = reduceColumns(item, event);
    if (progress === item.progress && changed === item) return item;
    const hasEnded = item.open && !isOpen(progress);
    return withDerivedColumns({ ...changed, ...(hasEnded && { holds: [] }), progress });
  },
  indexes: [
    { fields: { open: 1, settled: 1, nextDue: 1 } },
    { fields: { handler: 1, open: 1, settled: 1, nextDue: 1 } },
    {
      fields: { stage: 1, orgUnit: 1, severity: 1, priority: 1, channel: 1, product: 1, category: 1, anonymous: 1 },
    },
    { fields: { sources: 1 } },
  ],
  nonDeterministicFields: [...RECORDED_TIME_PATHS, 'nextDue', 'targets.*.dueAt'],
};

function initialItem(data: EventOf<typeof ComplaintReceived>['data'], progress: Progress): QueueItem {
  const [point] = data.points;
  const complainant = data.parties.find(({ role }) => role === 'complainant') ?? data.parties[0];
  const { receivedAt } = data;
  return withDerivedColumns({
    reference: data.reference,
    complainant: complainant?.name ?? null,
    anonymous: data.parties.length === 0,
    handler: null,
    orgUnit: comparableName(point?.subject.orgUnit),
    severity: null,
    safetyCritical: false,
    priority: null,
    channel: data.channel,
    mainPoint: point?.id ?? null,
    product: comparableName(point?.subject.product),
    category: comparableName(point?.category),
    issue: point?.issue ?? null,
    sources: data.sources.map(({ system }) => comparableText(system)),
    holds: [],
    receivedAt,
    since: receivedAt,
    progress,
  });
}

/** Applies an event to the columns taken directly from events; returns the same object if none changes. */
function reduceColumns(item: QueueItem, event: ComplaintRecord): QueueItem {
  switch (event.type) {
    case 'ComplaintClassified': {
      const main = event.data.points.find(({ id }) => id === item.mainPoint);
      return main === undefined ? item : { ...item, category: main.category, issue: main.issue ?? item.issue };
    }
    case 'SeverityAssessed':
      return { ...item, severity: event.data.severity, safetyCritical: event.data.safetyCritical };
    case 'ComplaintPrioritised':
      return { ...item, priority: event.data.priority };
    case 'ComplaintAssigned':
      return { ...item, handler: event.data.handler, orgUnit: comparableName(event.data.orgUnit) ?? item.orgUnit };
    case 'ComplaintReassigned':
      return { ...item, handler: event.data.to, orgUnit: comparableName(event.data.orgUnit) ?? item.orgUnit };
    case 'AssignmentAccepted':
      return { ...item, handler: event.data.handler };
    case 'HoldPlaced':
      return {
        ...item,
        holds: [...item.holds, { id: event.data.holdId, until: latest(plainMoment(event.data.expectedEnd)) }],
      };
    case 'HoldReleased':
      return { ...item, holds: item.holds.filter(({ id }) => id !== event.data.holdId) };
    case 'ComplaintReopened':
      return { ...item, since: event.metadata.occurredAt };
    default:
      return item;
  }
}

/** Sets the columns that derive from the progress: stage, targets and due time. */
function withDerivedColumns(
  item: Omit<QueueItem, 'open' | 'stage' | 'episode' | 'targets' | 'settled' | 'nextDue'>,
): QueueItem {
  const { stage, episode, firstResponse, resolution } = item.progress;
  const due = dueTimes(item.since);
  const targets = {
    firstResponse: { dueAt: due.firstResponse, metAt: firstResponse },
    resolution: { dueAt: due.resolution, metAt: resolution },
  };
  const nextTarget = firstResponse === null ? targets.firstResponse : targets.resolution;
  return {
    ...item,
    open: isOpen(item.progress),
    stage,
    episode,
    targets,
    settled: nextTarget.metAt !== null,
    nextDue: nextTarget.dueAt,
  };
}

type DueTimes = { readonly [target in keyof typeof TARGET_HOURS]: string };

/** Due times of the targets. Cached per `since` object, which the fold keeps from event to event. */
function dueTimes(since: StoredMoment): DueTimes {
  let times = dueTimesCache.get(since);
  if (times === undefined) {
    const start = toEpochMilliseconds(earliest(plainMoment(since)));
    const due = (hours: number): string => fromEpochMilliseconds(start + hours * HOUR_MS);
    times = { firstResponse: due(TARGET_HOURS.firstResponse), resolution: due(TARGET_HOURS.resolution) };
    dueTimesCache.set(since, times);
  }
  return times;
}

const dueTimesCache = new WeakMap<StoredMoment, DueTimes>();
