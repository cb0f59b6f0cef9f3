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
  present,
  refusal,
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
import { hasInterest, interestOf, open, withoutInterest } from './guards.js';
import { PRIORITY_RULE, priorityByRule, priorityInputs } from './priority.js';
import { PRIORITIES, SEVERITIES, TAXONOMY_VERSION } from './terms/vocabulary.js';

/** ISO 10002 7.5: what it is about, how grave it is, who owns it (T4, T5). */

export const classify: Decider<ClassifyComplaint> = {
  guards: [open, withoutInterest],
  decide: ({ nature, points, suspectedCause, impact, taxonomyVersion = TAXONOMY_VERSION }, complaint) => {
    const ids = points.map(({ id }) => id);
    const wrong = refusal(
      taxonomyVersion === TAXONOMY_VERSION
        ? undefined
        : unmet('taxonomy_not_current', `the current version is ${TAXONOMY_VERSION}`, '/taxonomyVersion'),
      ids.flatMap((id, index) => {
        const pointer = `/points/${index}/id`;
        if (!complaint.points.some((point) => point.id === id))
          return [unmet('unknown_point', `the complaint has no point ${id}`, pointer)];
        return ids.indexOf(id) < index ? [unmet('point_repeated', `${id} is classified twice`, pointer)] : [];
      }),
    );
    if (wrong) return wrong;
    const current = complaint.classification;
    const same =
      current !== null &&
      current.nature === nature &&
      (suspectedCause ?? current.suspectedCause) === current.suspectedCause &&
      (impact ?? current.impact) === current.impact &&
      current.taxonomyVersion === taxonomyVersion &&
      points.every((given) => {
        const point = complaint.points.find(({ id }) => id === given.id);
        return (
          point?.category === given.category &&
          (given.issue ?? point.issue) === point.issue &&
          (given.subIssue ?? point.subIssue) === point.subIssue
        );
      });
    if (same) return { unmet: [nothingToChange('it is classified like that')] };
    return [
      ComplaintClassified(
        present({
          nature,
          points: points.map(({ id, category, issue, subIssue }) => present({ id, category, issue, subIssue })),
          suspectedCause,
          impact,
          taxonomyVersion,
        }),
      ),
    ];
  },
};

export const assessSeverity: Decider<AssessSeverity> = {
  guards: [open, withoutInterest],
  decide: (command, complaint, { actor }) => {
    const current = complaint.severity;
    const { severity, impactScope, complexity, reason, safetyCritical = current?.safetyCritical ?? false } = command;
    const lower =
      current !== null && SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(current.severity) ? '/severity' : undefined;
    const downgraded = current?.safetyCritical === true ? (safetyCritical ? lower : '/safetyCritical') : undefined;
    if (downgraded !== undefined && current?.by === actor.id) return { unmet: [needsSecondPerson(downgraded)] };
    if (
      current?.severity === severity &&
      current.safetyCritical === safetyCritical &&
      (impactScope ?? current.impactScope) === current.impactScope &&
      (complexity ?? current.complexity) === current.complexity
    )
      return { unmet: [nothingToChange('it is assessed like that')] };
    return [SeverityAssessed(present({ severity, impactScope, safetyCritical, complexity, reason }))];
  },
};

/** By the house rule, or by hand: then a reason is needed where the two differ (R21, R22). */
export const setPriority: Decider<SetPriority> = {
  guards: [open, withoutInterest],
  decide: (command, complaint, { actor }) => {
    const inputs = priorityInputs(complaint);
    const byRule = priorityByRule(inputs);
    const priority = command.priority ?? byRule;
    const { severity } = complaint;
    const lower = PRIORITIES.indexOf(priority) > PRIORITIES.indexOf(complaint.priority?.priority ?? byRule);
    const wrong = refusal(
      priority !== byRule && (command.reason ?? '').trim() === ''
        ? unmet('reason_missing', `the house rule says ${byRule}: say why not`, '/reason')
        : undefined,
      severity?.safetyCritical === true && lower && severity.by === actor.id
        ? needsSecondPerson('/priority')
        : undefined,
      complaint.priority?.priority === priority ? nothingToChange(`it is ${priority}`, '/priority') : undefined,
    );
    return wrong ?? [ComplaintPrioritised(present({ priority, rule: PRIORITY_RULE, inputs, reason: command.reason }))];
  },
};

/** I16 */
const needsSecondPerson = (pointer: string): Unmet =>
  unmet('needs_second_person', 'whoever found it safety-critical does not downgrade it alone', pointer);

const unassigned: Guard = ({ ownership }) =>
  ownership.status === 'Unassigned'
    ? undefined
    : unmet('already_assigned', `${String(ownership.handler)} owns it: reassign`);

const assigned: Guard = ({ ownership }) =>
  ownership.status === 'Unassigned' ? unmet('not_assigned', 'nobody owns it yet') : undefined;

/** In Received it records the admission that it implies. */
export const assign: Decider<AssignComplaint> = {
  guards: [open, withoutInterest, unassigned],
  decide: ({ handler, orgUnit }, complaint) =>
    refusal(interestOf(complaint, handler, '/handler')) ?? [
      ...admissionIn(complaint),
      ComplaintAssigned(present({ handler, orgUnit })),
    ],
};

const admissionIn = ({ stage, admittedAt }: Complaint) =>
  stage === 'Received' && admittedAt === null ? [ComplaintAdmitted({})] : [];

export const reassign: Decider<ReassignComplaint> = {
  guards: [open, withoutInterest, assigned],
  decide: ({ to, orgUnit, reason }, complaint) =>
    refusal(
      interestOf(complaint, to, '/to'),
      complaint.ownership.handler === to ? nothingToChange(`${to} owns it`, '/to') : undefined,
    ) ?? [ComplaintReassigned(present({ from: String(complaint.ownership.handler), to, orgUnit, reason }))],
};

/** 签收. The event names the handler; its actor is whoever recorded the signature. */
export const acceptAssignment: Decider<AcceptAssignment> = {
  guards: [
    open,
    withoutInterest,
    assigned,
    ({ ownership }) => (ownership.status === 'PickedUp' ? nothingToChange('it is signed for') : undefined),
    (complaint) =>
      complaint.ownership.handler === undefined ? undefined : interestOf(complaint, complaint.ownership.handler),
  ],
  decide: (_command, { ownership }) => [AssignmentAccepted({ handler: String(ownership.handler) })],
};

export const declareConflictOfInterest: Decider<DeclareConflictOfInterest> = {
  guards: [open],
  decide: ({ person, reason }, complaint, { actor }: Context) => {
    const whose = person ?? actor.id;
    return hasInterest(complaint, whose)
      ? { unmet: [nothingToChange(`${whose} is known to have an interest`, '/person')] }
      : [ConflictOfInterestDeclared({ person: whose, reason })];
  },
};
