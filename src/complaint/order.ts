import { earliest, fromEpochMilliseconds, latest, toEpochMilliseconds, type Moment } from '../platform/moment.js';
import { unmet, type Context, type Unmet } from './decision.js';

/** An earlier event or statement that a later one answers. */
export interface Answered {
  /** Type of the event. */
  readonly event: string;
  readonly at: Moment;
}

/**
 * The problem of a time before what it answers (I21). The tolerance is the permitted difference between two clocks. A
 * day is a problem only if all of its instants are too early.
 */
export function beforeWhatItAnswers(
  at: Moment | undefined,
  answered: Answered | undefined,
  context: Pick<Context, 'reference'>,
  pointer: string,
): Unmet | undefined {
  if (at === undefined || answered === undefined) return undefined;
  const tolerance = context.reference.house.timeTolerance * MINUTE_MS;
  const isEarlier = toEpochMilliseconds(latest(at)) + tolerance < toEpochMilliseconds(earliest(answered.at));
  return isEarlier
    ? unmet(
        'before_what_it_answers',
        `the time is before ${answered.event} (${momentText(answered.at)}), which it answers; give a later time`,
        pointer,
      )
    : undefined;
}

const MINUTE_MS = 60_000;

const momentText = (moment: Moment): string => (moment.precision === 'day' ? moment.day : moment.at);

/** The later of two moments. If the order is unknown, the moment whose last instant is later. */
export const laterOf = (one: Moment, other: Moment): Moment => (latest(one) >= latest(other) ? one : other);

/** The instants of this moment shifted by a number of hours, as UTC. */
export const plusHours = (at: string, hours: number): string =>
  fromEpochMilliseconds(toEpochMilliseconds(at) + hours * 3_600_000);
