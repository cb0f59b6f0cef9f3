import type {
  AcceptAssignment,
  AssessSeverity,
  AssignComplaint,
  ClassifyComplaint,
  DeclareConflictOfInterest,
  ReassignComplaint,
  SetPriority,
} from './commands/assessment.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import {
  AssignmentAccepted,
  ComplaintAdmitted,
  ComplaintAssigned,
  ComplaintClassified,
  ComplaintPrioritised,
  ComplaintReassigned,
  ConflictOfInterestDeclared,
  SeverityAssessed,
} from './events.js';
import { hasConflictOfInterest, conflictOfInterest, open, withoutConflictOfInterest } from './guards.js';
import { PRIORITY_RULE, priorityByRule, priorityInputs } from './priority.js';
import { PRIORITIES, SEVERITIES, TAXONOMY_VERSION } from './terms/vocabulary.js';

/** ISO 10002 7.5: classification, severity, priority (T4) and ownership (T5). */

export const classify = {
  guards: [open, withoutConflictOfInterest],
  decide: ({ nature, points, suspectedCause, impact, taxonomyVersion = TAXONOMY_VERSION }, complaint) => {
    const ids = points.map(({ id }) => id);
    const rejection = rejectionOf(
      taxonomyVersion === TAXONOMY_VERSION
        ? undefined
        : unmet(
            'taxonomy_not_current',
            `the taxonomy version is not current; use version ${TAXONOMY_VERSION}`,
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

export const assessSeverity = {
  guards: [open, withoutConflictOfInterest],
  decide: (command, complaint, { actor }) => {
    const current = complaint.severity;
    const { severity, impactScope, complexity, reason, safetyCritical = current?.safetyCritical ?? false } = command;
    if (current?.safetyCritical === true && current.by === actor.id) {
      if (!safetyCritical) return { unmet: [needsSecondPerson('/safetyCritical')] };
      const isLower = SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(current.severity);
      if (isLower) return { unmet: [needsSecondPerson('/severity')] };
    }
    if (
      current?.severity === severity &&
      current.safetyCritical === safetyCritical &&
      (impactScope ?? current.impactScope) === current.impactScope &&
      (complexity ?? current.complexity) === current.complexity
    )
      return { unmet: [nothingToChange('the complaint already has this severity assessment')] };
    return [SeverityAssessed(withoutUndefined({ severity, impactScope, safetyCritical, complexity, reason }))];
  },
} satisfies Decider<AssessSeverity>;

/** Sets the priority by rule or manually; a manual priority that differs from the rule needs a reason (R21, R22). */
export const setPriority = {
  guards: [open, withoutConflictOfInterest],
  decide: (command, complaint, { actor }) => {
    const inputs = priorityInputs(complaint);
    const byRule = priorityByRule(inputs);
    const priority = command.priority ?? byRule;
    const { severity } = complaint;
    // PRIORITIES begins with the highest priority
    const isLower = PRIORITIES.indexOf(priority) > PRIORITIES.indexOf(complaint.priority?.priority ?? byRule);
    const rejection = rejectionOf(
      priority !== byRule && (command.reason ?? '').trim() === ''
        ? unmet('reason_missing', `the priority rule gives ${byRule}; state the reason for another priority`, '/reason')
        : undefined,
      severity?.safetyCritical === true && isLower && severity.by === actor.id
        ? needsSecondPerson('/priority')
        : undefined,
      complaint.priority?.priority === priority
        ? nothingToChange(`the priority is already ${priority}`, '/priority')
        : undefined,
    );
    return (
      rejection ?? [
        ComplaintPrioritised(withoutUndefined({ priority, rule: PRIORITY_RULE, inputs, reason: command.reason })),
      ]
    );
  },
} satisfies Decider<SetPriority>;

/** Only another person can downgrade a complaint that was assessed as safety-critical (I16). */
const needsSecondPerson = (pointer: string): Unmet =>
  unmet(
    'needs_second_person',
    'the person who assessed the complaint as safety-critical cannot downgrade it; another person must',
    pointer,
  );

const unassigned: Guard = ({ ownership }) =>
  ownership.status === 'Unassigned'
    ? undefined
    : unmet('already_assigned', `the complaint is already assigned to ${String(ownership.handler)}; use \`reassign\``);

const assigned: Guard = ({ ownership }) =>
  ownership.status === 'Unassigned'
    ? unmet('not_assigned', 'the complaint is not assigned yet; use `assign`')
    : undefined;

/** In stage Received, assignment also records the admission that it implies. */
export const assign = {
  guards: [open, withoutConflictOfInterest, unassigned],
  decide: ({ handler, orgUnit }, complaint) =>
    rejectionOf(conflictOfInterest(complaint, handler, '/handler')) ?? [
      ...impliedAdmission(complaint),
      ComplaintAssigned(withoutUndefined({ handler, orgUnit })),
    ],
} satisfies Decider<AssignComplaint>;

const impliedAdmission = ({ stage, admittedAt }: Complaint) =>
  stage === 'Received' && admittedAt === null ? [ComplaintAdmitted({})] : [];

export const reassign = {
  guards: [open, withoutConflictOfInterest, assigned],
  decide: ({ to, orgUnit, reason }, complaint) =>
    rejectionOf(
      conflictOfInterest(complaint, to, '/to'),
      complaint.ownership.handler === to
        ? nothingToChange(`the complaint is already assigned to ${to}`, '/to')
        : undefined,
    ) ?? [ComplaintReassigned(withoutUndefined({ from: String(complaint.ownership.handler), to, orgUnit, reason }))],
} satisfies Decider<ReassignComplaint>;

/**
 * Acceptance of an assignment (签收). The event names the handler; the actor of the event is the person who recorded the
 * acceptance.
 */
export const acceptAssignment = {
  guards: [
    open,
    withoutConflictOfInterest,
    assigned,
    ({ ownership }) =>
      ownership.status === 'PickedUp' ? nothingToChange('the assignment has already been accepted') : undefined,
    (complaint) =>
      complaint.ownership.handler === undefined
        ? undefined
        : conflictOfInterest(complaint, complaint.ownership.handler),
  ],
  decide: (_command, { ownership }) => [AssignmentAccepted({ handler: String(ownership.handler) })],
} satisfies Decider<AcceptAssignment>;

export const declareConflictOfInterest = {
  guards: [open],
  decide: ({ person, reason }, complaint, { actor }: Context) => {
    const personId = person ?? actor.id;
    return hasConflictOfInterest(complaint, personId)
      ? { unmet: [nothingToChange(`${personId} already has a conflict of interest in this complaint`, '/person')] }
      : [ConflictOfInterestDeclared({ person: personId, reason })];
  },
} satisfies Decider<DeclareConflictOfInterest>;
