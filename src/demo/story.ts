import { Temporal } from 'temporal-polyfill';

import type { StatusLabel } from '../complaint/status.js';
import type { Stage } from '../complaint/terms/vocabulary.js';

/** The actors of the demo: the roles that have a key in a new installation and that work on complaints. */
export type Actor = 'intake_officer' | 'handler' | 'supervisor' | 'reviewer' | 'upstream';

export const INDUSTRIES = ['restaurant', 'hotel', 'delivery', 'telecom', 'bank', 'software', 'utilities'] as const;
export type Industry = (typeof INDUSTRIES)[number];

/** One simulated complaint: who sends which command when, and the expected end. */
export interface Story {
  readonly id: string;
  readonly title: string;
  readonly industry: Industry;
  /** When it begins: whole days before today, at a local time of day. */
  readonly begins: { readonly daysAgo: number; readonly at: string; readonly zone: Zone };
  readonly steps: readonly Step[];
  readonly ends: { readonly stage: Stage; readonly status: StatusLabel };
}

export type Zone = 'Asia/Shanghai' | 'Europe/London';

export interface Step {
  /** ISO 8601 duration since the story began. */
  readonly after: string;
  readonly by: Actor;
  /** `lodge`, or a command as in its address: `make-determination`. */
  readonly command: string;
  readonly body: Body;
}

/** JSON in which a time may be relative to its step. */
export type BodyValue = string | number | boolean | FromStep | readonly BodyValue[] | Body;
export interface Body {
  readonly [field: string]: BodyValue;
}

/** A time relative to its step; it is sent as an RFC 3339 instant. */
export class FromStep {
  /** ISO 8601 duration, negative for the past. */
  constructor(readonly duration: string) {}
}

export const later = (duration: string): FromStep => new FromStep(duration);
export const ago = (duration: string): FromStep => new FromStep(`-${duration}`);
export const justNow = new FromStep('PT0S');

/** A statement of a party at the time of the step. */
export const said = (medium: 'in_person' | 'phone' | 'written' | 'online', party = 'a1'): Body => ({
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

export const money = (amount: number, currency: 'CNY' | 'GBP'): Body => ({ amount, currency });

const by =
  (actor: Actor) =>
  (after: string, command: string, body: Body = {}): Step => ({ after, by: actor, command, body });

export const intake = by('intake_officer');
export const handler = by('handler');
export const supervisor = by('supervisor');
export const reviewer = by('reviewer');
export const upstream = by('upstream');

/** Adds minutes to the duration `after`. */
export const plusMinutes = (after: string, minutes: number): string =>
  Temporal.Duration.from(after).add({ minutes }).toString();
