import type { Category, Cause, Channel, Outcome, Severity } from '../complaint/terms/vocabulary.js';
import { handler, intake, plusMinutes, type Body, type Step } from './story.js';

/** Sequences of steps that most stories share. */

export interface Assessment {
  /** Channel of the acknowledgement; absent if the complainant gave no address. */
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
  /** The handler (default `handler-1`). */
  readonly owner?: string;
}

/** Steps from the acknowledgement, classification and severity to the assignment and its acceptance. */
export function assessAndAssign(after: string, assessment: Assessment): Step[] {
  const { channel, message, points, severity, scope = 'single', safetyCritical, cause, orgUnit, owner } = assessment;
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
    intake(plusMinutes(after, 10), 'assign', { handler: owner ?? 'handler-1', orgUnit }),
    handler(plusMinutes(after, 35), 'accept-assignment'),
  ];
}

export interface Investigation {
  /** How the complainant's identity was verified; absent if the complainant is anonymous. */
  readonly identity?: string;
  readonly finding: 'substantiated' | 'partly' | 'unsubstantiated';
  /** Grounds of `finding`. */
  readonly contentGrounds: string;
  readonly evidenceIds?: readonly string[];
  readonly reasonable: 'yes' | 'partly' | 'no';
  /** Grounds of `reasonable`. */
  readonly meritGrounds: string;
  readonly cause?: Cause;
}

/** Steps that verify identity and content and assess the merits. */
export function investigate(after: string, investigation: Investigation): Step[] {
  const { identity, finding, contentGrounds, evidenceIds, reasonable, meritGrounds, cause } = investigation;
  return [
    ...(identity === undefined
      ? []
      : [handler(after, 'verify-identity', { party: 'a1', result: 'verified', method: identity })]),
    handler(plusMinutes(after, 12), 'verify-content', {
      finding,
      grounds: contentGrounds,
      ...(evidenceIds !== undefined && { evidenceIds }),
    }),
    handler(plusMinutes(after, 25), 'assess-merits', {
      reasonable,
      grounds: meritGrounds,
      ...(cause !== undefined && { cause }),
    }),
  ];
}

/** Step that decides a complaint with one point. */
export const determine = (after: string, outcome: Outcome, reasons: string, recourse?: string): Step =>
  handler(after, 'make-determination', {
    points: [{ id: 'p1', outcome, reasons }],
    ...(recourse !== undefined && { recourse }),
  });

/** One measure of a remedy, for the first point unless `extra` says otherwise. */
export const measure = (type: string, action: string, dueAt: Body[string], extra: Body = {}): Body => ({
  type,
  pointIds: ['p1'],
  action,
  owner: 'handler-1',
  provider: 'self',
  dueAt,
  ...extra,
});
