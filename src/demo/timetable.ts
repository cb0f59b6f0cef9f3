import { Temporal } from 'temporal-polyfill';

import type { Json, JsonObject } from '../platform/json.js';
import { fromEpochMilliseconds } from '../platform/moment.js';
import { RelativeTime, type Actor, type Body, type BodyValue, type Step, type Story } from './story.js';

/** One request of the demo: when it is sent, by whom, and with which body. */
export interface ScheduledRequest {
  /** UTC RFC 3339 with milliseconds. */
  readonly at: string;
  readonly story: Story;
  readonly by: Actor;
  readonly command: string;
  readonly body: JsonObject;
  /** Story id and number of the step, so that it is the same in every run of the demo. */
  readonly idempotencyKey: string;
}

/** Length of the simulated period before `now`, in days. */
export const SIMULATED_DAYS = 28;

/** Start of the simulated period that ends at `now`. */
export const startTime = (now: string): string =>
  fromEpochMilliseconds(Temporal.Instant.from(now).subtract({ hours: 24 * SIMULATED_DAYS }).epochMilliseconds);

/** The requests of all stories in time order; `now` is the end of the simulated period. */
export const timetable = (stories: readonly Story[], now: string): ScheduledRequest[] =>
  stories.flatMap((story) => requestsOf(story, now)).sort(compareTimes);

/** The requests of one story in time order. Requests at the same time keep the order of the story. */
export function requestsOf(story: Story, now: string): ScheduledRequest[] {
  const start = startOf(story, now);
  return story.steps.map((step, index) => requestOf(story, step, index, start)).sort(compareTimes);
}

function compareTimes(a: ScheduledRequest, b: ScheduledRequest): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
}

function requestOf(story: Story, step: Step, index: number, start: Temporal.Instant): ScheduledRequest {
  const time = start.add(exactDuration(step.after));
  return {
    at: textOf(time),
    story,
    by: step.by,
    command: step.command,
    body: resolveBody(step.body, time),
    idempotencyKey: `${story.id}/${String(index + 1)}`,
  };
}

function startOf({ begins: { daysAgo, at, zone } }: Story, now: string): Temporal.Instant {
  const day = Temporal.Instant.from(now).toZonedDateTimeISO(zone).toPlainDate().subtract({ days: daysAgo });
  return day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(at) }).toInstant();
}

/** Converts days of an ISO 8601 duration to 24 hours: an instant accepts only exact time units. */
const exactDuration = (duration: string): Temporal.Duration =>
  Temporal.Duration.from({
    milliseconds: Temporal.Duration.from(duration).total({ unit: 'milliseconds', relativeTo: UTC_DAY }),
  });

const UTC_DAY = Temporal.ZonedDateTime.from('2026-01-01T00:00[UTC]');

const textOf = (time: Temporal.Instant): string => fromEpochMilliseconds(time.epochMilliseconds);

/** Replaces each relative time by an instant. `stepTime` is the time of the step. */
const resolveBody = (body: Body, stepTime: Temporal.Instant): JsonObject =>
  Object.fromEntries(Object.entries(body).map(([field, value]) => [field, resolveValue(value, stepTime)]));

function resolveValue(value: BodyValue, stepTime: Temporal.Instant): Json {
  if (value instanceof RelativeTime) return textOf(stepTime.add(exactDuration(value.duration)));
  if (Array.isArray(value)) return (value as readonly BodyValue[]).map((item) => resolveValue(item, stepTime));
  return typeof value === 'object' ? resolveBody(value as Body, stepTime) : value;
}
