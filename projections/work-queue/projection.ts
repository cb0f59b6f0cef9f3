import type { ComplaintReceived } from '../../src/complaint/events.js';
import type { EventOf } from '../../src/eventstore/envelope.js';
import type { Channel, Priority, Severity, Stage } from '../../src/complaint/terms/vocabulary.js';
import { earliest, fromEpochMilliseconds, latest, toEpochMilliseconds } from '../../src/platform/moment.js';
import { COMPLAINT_STREAMS, complaintId, type ComplaintRecord } from '../../src/complaint/complaint-record.js';
import { evolveProgress, initialProgress, isOpen, type Progress } from '../../src/complaint/progress.js';
import type { Projection } from '../../src/projection/projection.js';
import { markRunTimes, plain, RUN_TIME_PATHS, type StoredMoment } from '../../src/eventstore/stored-moment.js';

/** House targets in elapsed hours from receipt (R39, R40): aims, not limits. */
export const TARGET_HOURS = { firstResponse: 24, resolution: 72 } as const;

/** One complaint in the queue. An ended one stays, marked, so that it can come back when it is re-opened. */
export interface QueueItem {
  readonly reference: string;
  readonly open: boolean;
  readonly stage: Stage | null;
  readonly episode: number;
  /** Name of the first complainant, where one was given. */
  readonly complainant: string | null;
  readonly anonymous: boolean;
  readonly handler: string | null;
  readonly orgUnit: string | null;
  readonly severity: Severity | null;
  readonly safetyCritical: boolean;
  readonly priority: Priority | null;
  readonly channel: Channel;
  /** The first point is the one reported; product, category and issue are its. */
  readonly mainPoint: string | null;
  readonly product: string | null;
  readonly category: string | null;
  readonly issue: string | null;
  readonly sources: readonly string[];
  /** Holds not released yet; each ends itself at `until` (UTC), which the query looks at (I10). */
  readonly holds: readonly { readonly id: string; readonly until: string }[];
  readonly receivedAt: StoredMoment;
  /** From when the targets count: receipt, or the latest re-opening. A day counts from its beginning. */
  readonly since: StoredMoment;
  readonly targets: { readonly firstResponse: Target; readonly resolution: Target };
  /** Both targets are met: nothing is due. */
  readonly settled: boolean;
  /** When the next target that is not met is due; the later one's time once both are. UTC. */
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
  version: 3,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => [complaintId(event)],
  evolve(item, recorded) {
    const event = markRunTimes(recorded) as ComplaintRecord;
    if (event.type === 'ComplaintReceived') return received(event.data, evolveProgress(initialProgress, event));
    if (item === null) return null; // nothing is queued that was never received
    const progress = evolveProgress(item.progress, event);
    const changed = reduceColumns(item, event);
    if (progress === item.progress && changed === item) return item;
    const ends = item.open && !isOpen(progress);
    return queued({ ...changed, ...(ends && { holds: [] }), progress });
  },
  indexes: [
    { fields: { open: 1, settled: 1, nextDue: 1 } },
    { fields: { handler: 1, open: 1, settled: 1, nextDue: 1 } },
    {
      fields: { stage: 1, orgUnit: 1, severity: 1, priority: 1, channel: 1, product: 1, category: 1, anonymous: 1 },
    },
    { fields: { sources: 1 } },
  ],
  nonDeterministicFields: [...RUN_TIME_PATHS, 'nextDue', 'targets.*.dueAt'],
};

function received(data: EventOf<typeof ComplaintReceived>['data'], progress: Progress): QueueItem {
  const [point] = data.points;
  const complainant = data.parties.find(({ role }) => role === 'complainant') ?? data.parties[0];
  const { receivedAt } = data;
  return queued({
    reference: data.reference,
    complainant: complainant?.name ?? null,
    anonymous: data.parties.length === 0,
    handler: null,
    orgUnit: point?.subject.orgUnit ?? null,
    severity: null,
    safetyCritical: false,
    priority: null,
    channel: data.channel,
    mainPoint: point?.id ?? null,
    product: point?.subject.product ?? null,
    category: point?.category ?? null,
    issue: point?.issue ?? null,
    sources: data.sources.map(({ system }) => system),
    holds: [],
    receivedAt,
    since: receivedAt,
    progress,
  });
}

/** What the columns take from an event directly; the same object when that is nothing. */
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
      return { ...item, handler: event.data.handler, orgUnit: event.data.orgUnit ?? item.orgUnit };
    case 'ComplaintReassigned':
      return { ...item, handler: event.data.to, orgUnit: event.data.orgUnit ?? item.orgUnit };
    case 'AssignmentAccepted':
      return { ...item, handler: event.data.handler };
    case 'HoldPlaced':
      return {
        ...item,
        holds: [...item.holds, { id: event.data.holdId, until: latest(plain(event.data.expectedEnd)) }],
      };
    case 'HoldReleased':
      return { ...item, holds: item.holds.filter(({ id }) => id !== event.data.holdId) };
    case 'ComplaintReopened':
      return { ...item, since: event.metadata.occurredAt };
    default:
      return item;
  }
}

/** Fills in what follows from the progress: stage, targets and what is due next. */
function queued(item: Omit<QueueItem, 'open' | 'stage' | 'episode' | 'targets' | 'settled' | 'nextDue'>): QueueItem {
  const { stage, episode, firstResponse, resolution } = item.progress;
  const due = dueTimes(item.since);
  const targets = {
    firstResponse: { dueAt: due.firstResponse, metAt: firstResponse },
    resolution: { dueAt: due.resolution, metAt: resolution },
  };
  const next = firstResponse === null ? targets.firstResponse : targets.resolution;
  return {
    ...item,
    open: isOpen(item.progress),
    stage,
    episode,
    targets,
    settled: next.metAt !== null,
    nextDue: next.dueAt,
  };
}

type DueTimes = { readonly [target in keyof typeof TARGET_HOURS]: string };

/** When the targets are due that count from a moment, which stays the same object while a complaint is folded. */
function dueTimes(since: StoredMoment): DueTimes {
  let times = knownDueTimes.get(since);
  if (times === undefined) {
    const start = toEpochMilliseconds(earliest(plain(since)));
    const due = (hours: number): string => fromEpochMilliseconds(start + hours * 3_600_000);
    times = { firstResponse: due(TARGET_HOURS.firstResponse), resolution: due(TARGET_HOURS.resolution) };
    knownDueTimes.set(since, times);
  }
  return times;
}

const knownDueTimes = new WeakMap<StoredMoment, DueTimes>();
