import { Temporal } from 'temporal-polyfill';

import type { Json, JsonObject } from '../platform/json.js';
import { fromEpochMilliseconds } from '../platform/moment.js';
import { FromStep, type Actor, type Body, type BodyValue, type Step, type Story } from './story.js';

/** One request of the demo: when it is sent, by whom, and with which body. */
export interface Cue {
  /** UTC RFC 3339 with milliseconds. */
  readonly at: string;
  readonly story: Story;
  readonly by: Actor;
  readonly command: string;
  readonly body: JsonObject;
  /** Story id and number of the step, so it is the same whenever the story is played. */
  readonly idempotencyKey: string;
}

/** Length of the simulated period before `now`, in days. */
export const PLAYED_DAYS = 28;

/** Start of the simulated period. */
export const startTime = (now: string): string =>
  fromEpochMilliseconds(Temporal.Instant.from(now).subtract({ hours: 24 * PLAYED_DAYS }).epochMilliseconds);

/** Every step of every story in time order; `now` is the end of the simulated period. */
export const timetable = (stories: readonly Story[], now: string): Cue[] =>
  stories
    .flatMap((story) => cuesOf(story, now))
    .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));

/** The steps of one story in time order. Steps at the same time keep the order of the story. */
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

/** Converts a duration; a day has 24 hours. */
const hoursOf = (duration: string): Temporal.Duration =>
  Temporal.Duration.from({
    milliseconds: Temporal.Duration.from(duration).total({ unit: 'milliseconds', relativeTo: UTC_DAY }),
  });

const UTC_DAY = Temporal.ZonedDateTime.from('2026-01-01T00:00[UTC]');

const written = (at: Temporal.Instant): string => fromEpochMilliseconds(at.epochMilliseconds);

const resolved = (body: Body, at: Temporal.Instant): JsonObject =>
  Object.fromEntries(Object.entries(body).map(([field, value]) => [field, resolvedValue(value, at)]));

function resolvedValue(value: BodyValue, at: Temporal.Instant): Json {
  if (value instanceof FromStep) return written(at.add(hoursOf(value.duration)));
  if (Array.isArray(value)) return (value as readonly BodyValue[]).map((item) => resolvedValue(item, at));
  return typeof value === 'object' ? resolved(value as Body, at) : value;
}
