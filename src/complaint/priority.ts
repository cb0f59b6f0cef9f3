import type { Complaint } from './complaint.js';
import { withoutUndefined } from './decision.js';
import type { Priority, Severity } from './terms/vocabulary.js';

/** The priority rule (R21): severity sets the priority; many affected persons or a vulnerable complainant raise it by one. */
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

const BY_SEVERITY = { serious: 2, moderate: 3, minor: 4 } as const;
const STEPS: readonly Priority[] = ['P1', 'P2', 'P3', 'P4'];

/** Safety-critical means P1. An unassessed severity counts as moderate. */
export function priorityByRule({
  severity = 'moderate',
  impactScope,
  safetyCritical,
  vulnerable,
}: PriorityInputs): Priority {
  if (safetyCritical) return 'P1';
  const raised = BY_SEVERITY[severity] - (impactScope === 'many' ? 1 : 0) - (vulnerable ? 1 : 0);
  return STEPS[Math.max(1, raised) - 1] ?? 'P1';
}
