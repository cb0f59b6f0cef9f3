import { stateAfter, withoutUndefined, type Context } from './decision.js';
import type { Complaint } from './complaint.js';
import { ComplaintPrioritised, type ComplaintEvent } from './events.js';
import { isInForce } from './state-types.js';
import { PRIORITIES, type Priority, type Severity } from './terms/vocabulary.js';

/**
 * The priority rule (R21). Severity sets the priority. Many affected persons raise it by one step, and so does a
 * vulnerable complainant, and so does a need that is in force.
 */
export const PRIORITY_RULE = { id: 'house-priority', version: 1 } as const;

export interface PriorityInputs {
  readonly severity?: Severity;
  readonly impactScope?: string;
  readonly safetyCritical: boolean;
  readonly vulnerable: boolean;
}

export const priorityInputs = ({ severity, lodged, safety, needs }: Complaint, now: string): PriorityInputs =>
  withoutUndefined({
    severity: severity?.severity,
    impactScope: severity?.impactScope,
    safetyCritical: safety.isSet,
    vulnerable: (lodged?.facts.vulnerabilityTags ?? []).length > 0 || needs.some((need) => isInForce(need, now)),
  });

/** Number of the priority: 1 is the highest. */
const NUMBER_BY_SEVERITY = { serious: 2, moderate: 3, minor: 4 } as const;

/** While safety is set the priority is P1. An unassessed severity counts as moderate. */
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

/**
 * The priority by rule after events that change an input of the rule (T4, R21); empty if they change none, or if a
 * person set the priority with a reason. Safety goes before a person: the priority that they set returns when safety is
 * cleared.
 */
export function priorityAfter(complaint: Complaint, events: readonly ComplaintEvent[], context: Context) {
  const next = stateAfter(complaint, events, context);
  const inputs = priorityInputs(next, context.now);
  const override = next.safety.isSet ? undefined : next.priority?.override;
  const priority = override?.priority ?? priorityByRule(inputs);
  const isUnchanged =
    override === undefined
      ? isEqual(next.priority?.inputs ?? priorityInputs(complaint, context.now), inputs)
      : next.priority?.priority === priority;
  return isUnchanged ? [] : [ComplaintPrioritised({ priority, rule: PRIORITY_RULE, inputs, basis: 'input_changed' })];
}

const isEqual = (one: PriorityInputs, other: PriorityInputs): boolean =>
  one.severity === other.severity &&
  one.impactScope === other.impactScope &&
  one.safetyCritical === other.safetyCritical &&
  one.vulnerable === other.vulnerable;
