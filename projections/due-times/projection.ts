import { complaintId, COMPLAINT_STREAMS, type ComplaintRecord } from '../../src/complaint/complaint-record.js';
import { CORRECTIONS } from '../../src/complaint/corrected-history.js';
import {
  evolveProgress,
  initialProgress,
  isAwaitingAnswer,
  isOpen,
  type Progress,
} from '../../src/complaint/progress.js';
import {
  markRecordedTimes,
  plainMoment,
  RECORDED_TIME_PATHS,
  type StoredMoment,
} from '../../src/eventstore/stored-moment.js';
import { earliest, fromEpochMilliseconds, latest, toEpochMilliseconds } from '../../src/platform/moment.js';
import type { JsonObject } from '../../src/platform/json.js';
import type { Projection } from '../../src/projection/projection.js';

/** A command that the timers send when its time has come. */
export interface DueTime {
  /** What the time belongs to, such as hold `h1`; unique among the subjects of its purpose in one document. */
  readonly subject: string;
  readonly purpose: 'hold' | 'offer' | 'split_off';
  /** A subject may have several times for one purpose, such as a first and a second warning. */
  readonly level: string;
  /** UTC with milliseconds. */
  readonly dueAt: string;
  readonly command: { readonly name: string; readonly body: JsonObject };
}

/** The due times of one complaint, and what decides whether they still apply. */
export interface DueTimes {
  readonly complaint: string;
  /** The earliest of `due`; null if the timers have nothing to do. */
  readonly nextDue: string | null;
  /** Ordered by time. */
  readonly due: readonly DueTime[];
  /** The fields of the progress that are not those of {@link initialProgress}. */
  readonly progress: Partial<Progress>;
}

/**
 * The times at which the service itself acts: a hold ends at its expected end (I10), and an offer without an answer
 * lapses at the end of its validity (T12). A split-off that a failure interrupted is finished (T27). Complaints that have ended and have no due time have no document.
 */
export const dueTimes: Projection<DueTimes> = {
  name: 'due_times',
  version: 2,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  rewriting: CORRECTIONS,
  keys: (event) => [complaintId(event)],
  evolve(document, recorded) {
    const event = markRecordedTimes(recorded) as ComplaintRecord;
    const before: Progress = { ...initialProgress, ...document?.progress };
    const progress = evolveProgress(before, event);
    const due = withEvent(document?.due ?? [], event).filter((time) => applies(time, progress));
    if (due.length === 0 && hasEnded(progress)) return null;
    if (document !== null && progress === before && isSame(due, document.due)) return document;
    return {
      complaint: complaintId(event),
      nextDue: progress.stage === 'Consolidated' ? null : (due[0]?.dueAt ?? null),
      due,
      progress: withoutInitialFields(progress),
    };
  },
  indexes: [{ fields: { nextDue: 1 } }],
  // the end of an offer may be counted from a time that the sender did not give
  nonDeterministicFields: [...RECORDED_TIME_PATHS, 'nextDue', 'due.*.dueAt', 'due.*.command.body.occurredAt'],
};

/** The due times after the event begins or ends something; the same list if it does not. */
function withEvent(due: readonly DueTime[], event: ComplaintRecord): readonly DueTime[] {
  switch (event.type) {
    case 'HoldPlaced': {
      const { holdId, expectedEnd } = event.data;
      if (expectedEnd === undefined) return due; // lasts until it is released
      return withTime(due, endOf(expectedEnd), { subject: holdId, purpose: 'hold', command: 'ReleaseHold' });
    }
    case 'HoldReleased':
      return without(due, 'hold', event.data.holdId);
    case 'RemedyProposed': {
      const { remedyId, validUntil, needsAcceptance } = event.data;
      if (validUntil === undefined || !needsAcceptance) return due;
      // a draft may be approved after the end of the validity that it states
      const proposedAt = earliest(plainMoment(event.metadata.occurredAt));
      const lapsesAt = endOf(validUntil);
      return withTime(due, lapsesAt > proposedAt ? lapsesAt : proposedAt, {
        subject: remedyId,
        purpose: 'offer',
        command: 'LapseRemedyOffer',
      });
    }
    case 'PointsSplitOff':
      return withTime(due, plusMinute(event.metadata.recordedAt), {
        subject: event.data.complaintId,
        purpose: 'split_off',
        command: 'FinishSplitOff',
      });
    case 'RelatedComplaintLinked':
      return event.data.relation === 'split_off' ? without(due, 'split_off', event.data.complaintId) : due;
    default:
      return due;
  }
}

/** The service itself finishes a split-off at once, unless it is interrupted. */
const plusMinute = (at: string): string => fromEpochMilliseconds(toEpochMilliseconds(at) + 60_000);

/** A hold ends with the complaint, and an offer with its answer. */
function applies({ purpose, subject }: DueTime, progress: Progress): boolean {
  switch (purpose) {
    case 'hold':
      return !hasEnded(progress);
    case 'offer':
      return progress.remedies.some((offer) => offer.remedyId === subject && isAwaitingAnswer(offer));
    case 'split_off':
      return true;
  }
}

/** `Consolidated` is no end here, because it can be undone. */
const hasEnded = (progress: Progress): boolean => !isOpen(progress) && progress.stage !== 'Consolidated';

const endOf = (moment: StoredMoment): string => latest(plainMoment(moment));

/** The name of the field that names the subject in the body of a command. */
const SUBJECT_FIELDS = { hold: 'holdId', offer: 'remedyId', split_off: 'complaintId' } as const;

function withTime(
  due: readonly DueTime[],
  dueAt: string,
  { subject, purpose, command }: Pick<DueTime, 'subject' | 'purpose'> & { readonly command: string },
): DueTime[] {
  // the command happens at the due time, also if the timers were not running then
  const body = { [SUBJECT_FIELDS[purpose]]: subject, occurredAt: dueAt };
  const time: DueTime = { subject, purpose, level: 'end', dueAt, command: { name: command, body } };
  return [...without(due, purpose, subject), time].sort((one, other) => (one.dueAt < other.dueAt ? -1 : 1));
}

const without = (due: readonly DueTime[], purpose: DueTime['purpose'], subject: string): DueTime[] =>
  due.filter((time) => time.purpose !== purpose || time.subject !== subject);

const isSame = (one: readonly DueTime[], other: readonly DueTime[]): boolean =>
  one.length === other.length && one.every((time, index) => time === other[index]);

function withoutInitialFields(progress: Progress): Partial<Progress> {
  const stored: Partial<Record<keyof Progress, unknown>> = {};
  for (const field of Object.keys(initialProgress) as (keyof Progress)[])
    if (progress[field] !== initialProgress[field]) stored[field] = progress[field];
  return stored as Partial<Progress>;
}
