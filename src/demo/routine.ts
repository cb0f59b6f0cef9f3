import type { Category, Cause, Channel, Outcome, Severity } from '../complaint/terms/vocabulary.js';
import { handler, intake, plusMinutes, type Body, type Step } from './story.js';

/** Sequences of steps that most stories share. */

export interface Uptake {
  /** Channel of the acknowledgement; absent if the complainant left no address. */
  readonly channel?: Channel;
  readonly message?: string;
  /** Category by point id. */
  readonly points: Readonly<Record<string, Category>>;
  readonly severity: Severity;
  readonly scope?: 'single' | 'several' | 'many';
  readonly safetyCritical?: boolean;
  readonly cause?: Cause;
  /** The responsible department. */
  readonly orgUnit: string;
  readonly owner?: string;
}

/** Acknowledge, classify, assess severity, set priority, assign and accept. */
export function takenUp(after: string, uptake: Uptake): Step[] {
  const { channel, message, points, severity, scope = 'single', safetyCritical, cause, orgUnit, owner } = uptake;
  return [
    ...(channel === undefined
      ? []
      : [intake(after, 'acknowledge', { channel, to: 'a1', ...(message !== undefined && { message }) })]),
    intake(plusMinutes(after, 4), 'classify', {
      nature: 'complaint',
      points: Object.entries(points).map(([id, category]) => ({ id, category })),
      ...(cause !== undefined && { suspectedCause: cause }),
    }),
    intake(plusMinutes(after, 7), 'assess-severity', {
      severity,
      impactScope: scope,
      ...(safetyCritical !== undefined && { safetyCritical }),
    }),
    intake(plusMinutes(after, 8), 'set-priority'),
    intake(plusMinutes(after, 10), 'assign', { handler: owner ?? 'handler-1', orgUnit }),
    handler(plusMinutes(after, 35), 'accept-assignment'),
  ];
}

export interface Inquiry {
  /** How the complainant's identity was verified; absent if the complainant is anonymous. */
  readonly identity?: string;
  readonly finding: 'substantiated' | 'partly' | 'unsubstantiated';
  readonly found: string;
  readonly evidenceIds?: readonly string[];
  readonly reasonable: 'yes' | 'partly' | 'no';
  readonly because: string;
  readonly cause?: Cause;
}

/** Verify identity and content, and assess the merits. */
export function lookedInto(after: string, inquiry: Inquiry): Step[] {
  const { identity, finding, found, evidenceIds, reasonable, because, cause } = inquiry;
  return [
    ...(identity === undefined
      ? []
      : [handler(after, 'verify-identity', { party: 'a1', result: 'verified', method: identity })]),
    handler(plusMinutes(after, 12), 'verify-content', {
      finding,
      grounds: found,
      ...(evidenceIds !== undefined && { evidenceIds }),
    }),
    handler(plusMinutes(after, 25), 'assess-merits', {
      reasonable,
      grounds: because,
      ...(cause !== undefined && { cause }),
    }),
  ];
}

/** Decides the only point. */
export const decided = (after: string, outcome: Outcome, reasons: string, recourse?: string): Step =>
  handler(after, 'make-determination', {
    points: [{ id: 'p1', outcome, reasons }],
    ...(recourse !== undefined && { recourse }),
  });

/** One redress measure of an offer. */
export const measure = (type: string, action: string, dueAt: Body[string], extra: Body = {}): Body => ({
  type,
  pointIds: ['p1'],
  action,
  owner: 'handler-1',
  provider: 'self',
  dueAt,
  ...extra,
});
