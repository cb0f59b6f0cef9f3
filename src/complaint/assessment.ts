import type { AssessSeverity, ClassifyComplaint, SetPriority } from './commands/assessment.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Decider } from './decision.js';
import type { Complaint } from './complaint.js';
import { ComplaintClassified, ComplaintPrioritised, SeverityAssessed } from './events.js';
import { open, withoutConflictOfInterest } from './guards.js';
import { letThroughIfSetThemselves, setSafetyThemselves } from './flags.js';
import { impliedAdmission } from './implied-admission.js';
import { PRIORITY_RULE, priorityAfter, priorityByRule, priorityInputs } from './priority.js';
import type { Nature } from './terms/vocabulary.js';

/** ISO 10002 7.5: classification, severity and priority (T4). */

export const classify = {
  guards: [open, withoutConflictOfInterest],
  decide: (command, complaint, { reference: { taxonomy } }) => {
    const { nature, points, suspectedCause, impact, taxonomyVersion = taxonomy.version } = command;
    const ids = points.map(({ id }) => id);
    const rejection = rejectionOf(
      taxonomyVersion === taxonomy.version
        ? undefined
        : unmet(
            'taxonomy_not_current',
            `the taxonomy version is not current; use version ${taxonomy.version}`,
            '/taxonomyVersion',
          ),
      ids.flatMap((id, index) => {
        const pointer = `/points/${index}/id`;
        if (!complaint.points.some((point) => point.id === id))
          return [unmet('unknown_point', `the complaint has no point ${id}`, pointer)];
        return ids.indexOf(id) < index
          ? [unmet('point_repeated', `point ${id} is listed twice; classify each point once`, pointer)]
          : [];
      }),
    );
    if (rejection) return rejection;
    const current = complaint.classification;
    const isUnchanged =
      current !== null &&
      current.nature === nature &&
      (suspectedCause ?? current.suspectedCause) === current.suspectedCause &&
      (impact ?? current.impact) === current.impact &&
      current.taxonomyVersion === taxonomyVersion &&
      points.every((classified) => {
        const point = complaint.points.find(({ id }) => id === classified.id);
        return (
          point?.category === classified.category &&
          (classified.issue ?? point.issue) === point.issue &&
          (classified.subIssue ?? point.subIssue) === point.subIssue
        );
      });
    if (isUnchanged) return { unmet: [nothingToChange('the complaint already has this classification')] };
    return [
      ...(impliesAdmission(nature) && isBeingAdmitted(complaint) ? impliedAdmission(complaint) : []),
      ComplaintClassified(
        withoutUndefined({
          nature,
          points: points.map(({ id, category, issue, subIssue }) =>
            withoutUndefined({ id, category, issue, subIssue }),
          ),
          suspectedCause,
          impact,
          taxonomyVersion,
        }),
      ),
    ];
  },
} satisfies Decider<ClassifyComplaint>;

/** A message that is spam or not addressed to us is not admitted by its classification. */
const impliesAdmission = (nature: Nature): boolean => nature !== 'spam' && nature !== 'not_addressed_to_us';

/** True in Received, and after a classification that did not imply the admission. */
const isBeingAdmitted = ({ stage, classification }: Complaint): boolean =>
  stage === 'Received' ||
  (stage === 'UnderAssessment' && classification !== null && !impliesAdmission(classification.nature));

/** The priority follows by rule (T4). A person who has set the safety does not lower it themselves (I16). */
export const assessSeverity = {
  guards: [open, withoutConflictOfInterest],
  decide: (command, complaint, context) => {
    const current = complaint.severity;
    const { severity, impactScope, complexity, reason, safetyCritical = current?.safetyCritical ?? false } = command;
    const rejection = rejectionOf(
      current?.safetyCritical === true && !safetyCritical
        ? setSafetyThemselves(complaint, context, '/safetyCritical')
        : undefined,
      current?.severity === severity &&
        current.safetyCritical === safetyCritical &&
        (impactScope ?? current.impactScope) === current.impactScope &&
        (complexity ?? current.complexity) === current.complexity
        ? nothingToChange('the complaint already has this severity assessment')
        : undefined,
    );
    if (rejection) return rejection;
    const assessed = [
      ...(complaint.stage === 'Received' ? impliedAdmission(complaint) : []),
      letThroughIfSetThemselves(
        SeverityAssessed(withoutUndefined({ severity, impactScope, safetyCritical, complexity, reason })),
        complaint,
        context,
        current?.safetyCritical === true && !safetyCritical,
      ),
    ];
    return [...assessed, ...priorityAfter(complaint, assessed, context)];
  },
} satisfies Decider<AssessSeverity>;

/**
 * Sets the priority by rule, or by a person: a priority that differs from the rule needs a reason (R21, R22). While safety
 * is set the priority is P1 (R42).
 */
export const setPriority = {
  guards: [open, withoutConflictOfInterest],
  decide: ({ priority: requested, reason }, complaint, { now }) => {
    const inputs = priorityInputs(complaint, now);
    const byRule = priorityByRule(inputs);
    const priority = requested ?? byRule;
    const current = complaint.priority;
    const isByPerson = requested !== undefined && reason !== undefined;
    const isOverridden = current?.override !== undefined;
    const isSafety = complaint.safety.isSet && priority !== 'P1';
    const rejection = rejectionOf(
      isSafety
        ? unmet(
            'safety_is_set',
            'the priority is P1 while safety is set; to change this, lower the safety with `assess-severity` or `clear-flag`',
            '/priority',
          )
        : undefined,
      !isSafety && priority !== byRule && reason === undefined
        ? unmet('reason_missing', `the priority rule gives ${byRule}; state the reason for another priority`, '/reason')
        : undefined,
      current?.priority === priority && isByPerson === isOverridden
        ? nothingToChange(`the priority is already ${priority}`, '/priority')
        : undefined,
    );
    if (rejection) return rejection;
    return [
      ...(complaint.stage === 'Received' ? impliedAdmission(complaint) : []),
      ComplaintPrioritised(
        withoutUndefined({
          priority,
          rule: PRIORITY_RULE,
          inputs,
          reason,
          basis: isByPerson ? ('person' as const) : ('rule' as const),
        }),
      ),
    ];
  },
} satisfies Decider<SetPriority>;
