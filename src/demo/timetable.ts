import { Temporal } from 'temporal-polyfill';

import type { Json, JsonObject } from '../platform/json.js';
import { fromEpochMilliseconds } from '../platform/moment.js';
import { FromStep, type Actor, type Body, type BodyValue, type Step, type Story } from './story.js';

/** One request of the play: when it is sent, by whom, and with which body. */
export interface Cue {
  /** UTC RFC 3339 with milliseconds. */
  readonly at: string;
  readonly story: Story;
  readonly by: Actor;
  readonly command: string;
  readonly body: JsonObject;
  /** The same at every play of the same story: story and number of the step. */
  readonly idempotencyKey: string;
}

/** The days before `now` in which the stories are played. */
export const PLAYED_DAYS = 28;

/** When the play begins. */
export const startTime = (now: string): string =>
  fromEpochMilliseconds(Temporal.Instant.from(now).subtract({ hours: 24 * PLAYED_DAYS }).epochMilliseconds);

/** Every step of every story in the order of time; `now` is when the play ends. */
export const timetable = (stories: readonly Story[], now: string): Cue[] =>
  stories
    .flatMap((story) => cuesOf(story, now))
    .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));

/** The steps of one story in the order of time. Steps at the same time keep the order in which they are told. */
export function cuesOf(story: Story, now: string): Cue[] {
  const start = startOf(story, now);
  return story.steps
    .map((step, index) => cueOf(story, step, index, start))
    .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
}

function cueOf(story: Story, step: Step, index: number, start: Temporal.Instant): Cue {
  const at = start.add(hoursOf(step.after));
  return {
    at: written(at),
    story,
    by: step.by,
    command: step.command,
    body: resolved(step.body, at),
    idempotencyKey: `${story.id}/${String(index + 1)}`,
  };
}

function startOf({ begins: { daysAgo, at, zone } }: Story, now: string): Temporal.Instant {
  const day = Temporal.Instant.from(now).toZonedDateTimeISO(zone).toPlainDate().subtract({ days: daysAgo });
  return day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(at) }).toInstant();
}

/** A day of a story is 24 hours. */
const hoursOf = (duration: string): Temporal.Duration =>
  Temporal.Duration.from({
    milliseconds: Temporal.Duration.from(duration).total({ unit: 'milliseconds', relativeTo: UTC_DAY }),
  });

const UTC_DAY = Temporal.ZonedDateTime.from('2026-01-01T00:00[UTC]');

const written = (at: Temporal.Instant): string => fromEpochMilliseconds(at.epochMilliseconds);

const resolved = (body: Body, at: Temporal.Instant): JsonObject =>
  Object.fromEntries(Object.entries(body).map(([field, value]) => [field, told(value, at)]));

function told(value: BodyValue, at: Temporal.Instant): Json {
  if (value instanceof FromStep) return written(at.add(hoursOf(value.duration)));
  if (Array.isArray(value)) return (value as readonly BodyValue[]).map((item) => told(item, at));
  return typeof value === 'object' ? resolved(value as Body, at) : value;
}
