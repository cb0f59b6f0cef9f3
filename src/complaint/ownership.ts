import { isSameId } from '../staff/person.js';
import type {
  AcceptAssignment,
  AssignComplaint,
  DeclareConflictOfInterest,
  ReassignComplaint,
  WithdrawConflictOfInterest,
} from './commands/ownership.js';
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
  ComplaintAssigned,
  ComplaintReassigned,
  ComplaintUnassigned,
  ConflictOfInterestDeclared,
  ConflictOfInterestWithdrawn,
} from './events.js';
import { hasConflictOfInterest, conflictOfInterest, open, withoutConflictOfInterest } from './guards.js';
import { impliedAdmission } from './implied-admission.js';
import { beforeWhatItAnswers } from './order.js';
import { hasRole, unknownPerson } from './people.js';
import { letThrough } from './policy-refs.js';

/** ISO 10002 7.5: ownership, and conflicts of interest (T5). One lead owner is responsible: a person, a unit or both. */

const unassigned: Guard = ({ ownership }) =>
  ownership.status === 'Unassigned'
    ? undefined
    : unmet('already_assigned', `the complaint is already assigned to ${nameOfOwner(ownership)}; use \`reassign\``);

/** A lead owner exists (T5, T6). */
export const assigned: Guard = ({ ownership }) =>
  ownership.status === 'Unassigned'
    ? unmet('not_assigned', 'the complaint is not assigned yet; use `assign`')
    : undefined;

const nameOfOwner = ({ handler, orgUnit }: Complaint['ownership']): string => handler ?? orgUnit ?? '';

/** In stage Received, assignment also records the admission that it implies. */
export const assign = {
  guards: [open, withoutConflictOfInterest, unassigned],
  decide: ({ handler, orgUnit }, complaint, context) =>
    rejectionOf(ownerProblems(complaint, handler, orgUnit, context)) ?? [
      ...(complaint.stage === 'Received' ? impliedAdmission(complaint) : []),
      ComplaintAssigned(withoutUndefined({ handler, orgUnit })),
    ],
} satisfies Decider<AssignComplaint>;

/** A unit without a person takes the complaint from its handler; a person of that unit then accepts it. */
export const reassign = {
  guards: [open, withoutConflictOfInterest, assigned],
  decide: ({ handler, to: formerHandler, orgUnit, reason }, complaint, context) => {
    const to = handler ?? formerHandler;
    const { ownership } = complaint;
    const isUnchanged =
      isSameOwner(ownership.handler, to) && (orgUnit === undefined || isSameOwner(ownership.orgUnit, orgUnit));
    const rejection = rejectionOf(
      handler !== undefined && formerHandler !== undefined && handler !== formerHandler
        ? unmet('former_name_differs', '`to` is the former name of `handler`; give only `handler`', '/to')
        : undefined,
      ownerProblems(
        complaint,
        to,
        orgUnit,
        context,
        handler === undefined && formerHandler !== undefined ? '/to' : '/handler',
      ),
      isUnchanged && (to ?? orgUnit) !== undefined
        ? nothingToChange(`the complaint is already assigned to ${nameOfOwner(ownership)}`, '/handler')
        : undefined,
    );
    return rejection ?? [ComplaintReassigned(withoutUndefined({ from: ownership.handler, to, orgUnit, reason }))];
  },
} satisfies Decider<ReassignComplaint>;

const ownerProblems = (
  complaint: Complaint,
  handler: string | undefined,
  orgUnit: string | undefined,
  context: Context,
  pointer = '/handler',
): Unmet[] =>
  [
    handler === undefined && orgUnit === undefined
      ? unmet('handler_or_unit_missing', 'the assignment has no owner; give `handler`, `orgUnit` or both', '/handler')
      : undefined,
    handler === undefined ? undefined : conflictOfInterest(complaint, handler, pointer),
    unknownPerson(handler, context, pointer),
  ].flatMap((problem) => problem ?? []);

const isSameOwner = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined ? one === other : isSameId(one, other);

/** A person accepts only for themselves; an assignment to a unit is accepted by a person of the unit (签收). */
const assignedToSender: Guard = ({ ownership: { status, handler, orgUnit } }, { actor, reference }) => {
  if (status !== 'Assigned') return undefined;
  if (handler !== undefined)
    return isSameId(handler, actor.id)
      ? undefined
      : unmet(
          'not_the_assignee',
          `the complaint is assigned to ${handler}, who accepts it themselves; to assign it to another person, use \`reassign\``,
        );
  const units = [actor.orgUnit ?? [], reference.staff.person(actor.id)?.units ?? []].flat();
  return orgUnit === undefined || units.length === 0 || units.some((unit) => isSameId(unit, orgUnit))
    ? undefined
    : unmet('not_the_assignee', `the complaint is assigned to ${orgUnit}; a person of this unit accepts it`);
};

/** Acceptance of an assignment (签收). */
export const acceptAssignment = {
  guards: [
    open,
    withoutConflictOfInterest,
    assigned,
    ({ ownership }) =>
      ownership.status === 'PickedUp' ? nothingToChange('the assignment has already been accepted') : undefined,
    assignedToSender,
  ],
  decide: (_command, { ownership }, context) => {
    const assignedAt = ownership.since && { event: 'ComplaintAssigned', at: ownership.since };
    return (
      rejectionOf(beforeWhatItAnswers(context.occurredAt, assignedAt, context, '/occurredAt')) ?? [
        AssignmentAccepted({ handler: ownership.handler ?? context.actor.id }),
      ]
    );
  },
} satisfies Decider<AcceptAssignment>;

/** A conflict of the owner also takes the complaint from them (I6). */
export const declareConflictOfInterest = {
  guards: [open],
  decide: ({ person, reason }, complaint, context) => {
    const { actor } = context;
    const personId = person ?? actor.id;
    const { handler } = complaint.ownership;
    const rejection = rejectionOf(
      isSameId(personId, actor.id) || hasRole(context, 'supervisor')
        ? undefined
        : unmet(
            'not_for_this_role',
            `only ${personId} or a supervisor can declare a conflict of interest of ${personId} (role: ${actor.role})`,
            '/person',
          ),
      hasConflictOfInterest(complaint, personId)
        ? nothingToChange(`${personId} already has a conflict of interest in this complaint`, '/person')
        : undefined,
    );
    if (rejection) return rejection;
    return [
      ConflictOfInterestDeclared({ person: personId, reason }),
      ...(handler !== undefined && isSameId(handler, personId) ? [ComplaintUnassigned({ from: handler })] : []),
    ];
  },
} satisfies Decider<DeclareConflictOfInterest>;

/** A person who is named in the complaint keeps the conflict: only a declared one can be withdrawn (I6, I25). */
export const withdrawConflictOfInterest = {
  guards: [
    open,
    ({ interests }) =>
      interests.some(({ withdrawn }) => withdrawn === undefined)
        ? undefined
        : interests.length > 0
          ? nothingToChange('every declared conflict of interest is already withdrawn')
          : unmet('no_conflict_declared', 'no conflict of interest is declared'),
  ],
  decide: ({ person, reason }, complaint, context) => {
    const { actor, reference } = context;
    const ofPerson = complaint.interests.filter((interest) => isSameId(interest.person, person));
    const declared = ofPerson.find(({ withdrawn }) => withdrawn === undefined);
    const isSecondPerson = ![declared?.person, declared?.by].some((id) => id !== undefined && isSameId(id, actor.id));
    const others = complaint.interests.filter((interest) => interest !== declared);
    const rejection = rejectionOf(
      conflictOfInterest({ ...complaint, interests: others }, actor.id),
      declared !== undefined
        ? undefined
        : ofPerson.length > 0
          ? nothingToChange(`the conflict of interest of ${person} is already withdrawn`, '/person')
          : unmet('no_conflict_declared', `no conflict of interest of ${person} is declared`, '/person'),
      !isSecondPerson && reference.house.conflictByTwo
        ? unmet(
            'needs_second_person',
            'a conflict of interest is withdrawn by a person who neither has nor declared it',
            '/person',
          )
        : undefined,
    );
    if (rejection) return rejection;
    const withdrawn = ConflictOfInterestWithdrawn({ person: declared?.person ?? person, reason });
    return [isSecondPerson ? withdrawn : letThrough(withdrawn, context, 'conflictByTwo')];
  },
} satisfies Decider<WithdrawConflictOfInterest>;
