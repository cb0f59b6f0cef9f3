import { Temporal } from 'temporal-polyfill';

import type { Stage, StatusCode } from '../complaint/terms/vocabulary.js';

/** Roles that send the requests of the demo. A new installation has a key for each of them. */
export type Actor = 'intake_officer' | 'handler' | 'supervisor' | 'reviewer' | 'upstream';

export const INDUSTRIES = ['restaurant', 'hotel', 'delivery', 'telecom', 'bank', 'software', 'utilities'] as const;
export type Industry = (typeof INDUSTRIES)[number];

/** One simulated complaint: the commands with sender and time, and the expected stage and status at the end. */
export interface Story {
  readonly id: string;
  readonly title: string;
  readonly industry: Industry;
  /** Start of the story: `daysAgo` days before today, at the local time `at` (`HH:MM`). */
  readonly begins: { readonly daysAgo: number; readonly at: string; readonly zone: Zone };
  readonly steps: readonly Step[];
  readonly ends: { readonly stage: Stage; readonly status: StatusCode };
}

export type Zone = 'Asia/Shanghai' | 'Europe/London';

export interface Step {
  /** ISO 8601 duration from the start of the story. */
  readonly after: string;
  readonly by: Actor;
  /** `lodge`, or the last segment of the path of a command, such as `make-determination`. */
  readonly command: string;
  readonly body: Body;
}

/** A JSON value in which times may be relative to the time of the step. */
export type BodyValue = string | number | boolean | RelativeTime | readonly BodyValue[] | Body;
export interface Body {
  readonly [field: string]: BodyValue;
}

/** A time relative to the time of the step. The request has it as an RFC 3339 instant. */
export class RelativeTime {
  /** ISO 8601 duration; negative for a time before the step. */
  constructor(readonly duration: string) {}
}

export const later = (duration: string): RelativeTime => new RelativeTime(duration);
export const ago = (duration: string): RelativeTime => new RelativeTime(`-${duration}`);
export const justNow = new RelativeTime('PT0S');

/** Party, medium and time of a statement that a party makes at the time of the step. */
export const statement = (medium: 'in_person' | 'phone' | 'written' | 'online', party = 'a1'): Body => ({
  party,
  medium,
  at: justNow,
});

/** A complainant with one contact. */
export const person = (name: string, channel: string, address: string): Body => ({
  role: 'complainant',
  name,
  contacts: [{ channel, address }],
});

/** `amount` in hundredths of the currency unit. */
export const money = (amount: number, currency: 'CNY' | 'GBP'): Body => ({ amount, currency });

/** Returns a function that creates steps of one actor. `after` is the duration from the start of the story to the step. */
const stepsBy =
  (actor: Actor) =>
  (after: string, command: string, body: Body = {}): Step => ({ after, by: actor, command, body });

export const intake = stepsBy('intake_officer');
export const handler = stepsBy('handler');
export const supervisor = stepsBy('supervisor');
export const reviewer = stepsBy('reviewer');
export const upstream = stepsBy('upstream');

/** Adds minutes to an ISO 8601 duration. */
export const plusMinutes = (after: string, minutes: number): string =>
  Temporal.Duration.from(after).add({ minutes }).toString();
