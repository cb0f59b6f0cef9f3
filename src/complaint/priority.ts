import type { Complaint } from './complaint.js';
import { withoutUndefined } from './decision.js';
import { PRIORITIES, type Priority, type Severity } from './terms/vocabulary.js';

/**
 * The priority rule (R21). Severity sets the priority. Many affected persons raise it by one step, and so does a
 * vulnerable complainant.
 */
export const PRIORITY_RULE = { id: 'house-priority', version: 1 } as const;

export interface PriorityInputs {
  readonly severity?: Severity;
  readonly impactScope?: string;
  readonly safetyCritical: boolean;
  readonly vulnerable: boolean;
}

export const priorityInputs = ({ severity, lodged }: Complaint): PriorityInputs =>
  withoutUndefined({
    severity: severity?.severity,
    impactScope: severity?.impactScope,
    safetyCritical: severity?.safetyCritical ?? false,
    vulnerable: (lodged?.facts.vulnerabilityTags ?? []).length > 0,
  });

/** Number of the priority: 1 is the highest. */
const NUMBER_BY_SEVERITY = { serious: 2, moderate: 3, minor: 4 } as const;

/** A safety-critical complaint has P1. An unassessed severity counts as moderate. */
export function priorityByRule({
  severity = 'moderate',
  impactScope,
  safetyCritical,
  vulnerable,
}: PriorityInputs): Priority {
  if (safetyCritical) return 'P1';
  const raisedNumber = NUMBER_BY_SEVERITY[severity] - (impactScope === 'many' ? 1 : 0) - (vulnerable ? 1 : 0);
  return PRIORITIES[Math.max(1, raisedNumber) - 1] ?? 'P1';
}
