import { isUpstream, type Actor, type Role } from '../access/actor.js';
import { isSameId, type Person } from '../staff/person.js';
import { earliest, instant, type Moment } from '../platform/moment.js';
import { unmet, type Unmet } from '../command/decision.js';
import type { ReferenceData } from '../reference/reference-data.js';

/**
 * The problem of a person who is named to act but was not in the directory when the command happened (I6). A person
 * who is complained about is taken as given and is not checked.
 */
export function unknownPerson(
  id: string | undefined,
  { reference, occurredAt }: { readonly reference: ReferenceData; readonly occurredAt: Moment },
  pointer?: string,
): Unmet | undefined {
  if (id === undefined) return undefined;
  const person = reference.staff.person(id);
  if (person === undefined)
    return unmet('unknown_person', `${id} is not in the directory; record the person with \`staff\` first`, pointer);
  return person.retiredAt !== undefined && person.retiredAt <= earliest(occurredAt)
    ? unmet('unknown_person', `${id} has left the staff; name a person who is on the staff`, pointer)
    : undefined;
}

/**
 * The problem of a person who acts with a credential but is not on the staff now (I6). For whom a sending system acts is
 * checked as of the time when it happened.
 */
export const unknownActor = (actor: Actor, reference: ReferenceData, now: string): Unmet | undefined =>
  actor.type === 'person' && !isUpstream(actor)
    ? unknownPerson(actor.id, { reference, occurredAt: instant(now) })
    : undefined;

/**
 * True if the actor has the role. A sending system has the roles that the directory gives the person for whom it acts.
 */
export const hasRole = (
  { actor, reference }: { readonly actor: Actor; readonly reference: ReferenceData },
  ...roles: readonly Role[]
): boolean =>
  roles.some(
    (role) =>
      actor.role === role || (isUpstream(actor) && reference.staff.person(actor.id)?.roles.includes(role) === true),
  );

/** True if the person is known and has the skill, such as `legal`. */
export const hasSkill = (person: Person | undefined, skill: string): boolean =>
  person?.skills.some((known) => isSameId(known, skill)) ?? false;
