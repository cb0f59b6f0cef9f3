export const ROLES = [
  'intake_officer',
  'handler',
  'supervisor',
  'reviewer',
  'department',
  'auditor',
  'analyst',
  'upstream',
  'complainant',
  'data_protection_officer',
  'administrator',
] as const;
/** The role of a credential. */
export type Role = (typeof ROLES)[number];

/** The roles of actors: those of credentials, and that of the timers, which no credential can have. */
export const ACTOR_ROLES = [...ROLES, 'scheduler'] as const;
export type ActorRole = (typeof ACTOR_ROLES)[number];

/** Who caused an event. The service takes the actor from the credential of a request, never from its body. */
export interface Actor {
  readonly type: 'person' | 'self_service' | 'upstream' | 'automation' | 'scheduler';
  readonly id: string;
  readonly role: ActorRole;
  readonly orgUnit?: string;
  readonly shift?: string;
}

/** For whom a sending system acts, as that system states it. */
export interface OnBehalfOf {
  /** Id of the person. */
  readonly person?: string;
  readonly unit?: string;
  readonly shift?: string;
}

/** Whose act it is: that of the person for whom a sending system acts, with the role of the system; otherwise the actor's. */
export function actingFor(actor: Actor, onBehalfOf: OnBehalfOf | undefined): Actor {
  if (onBehalfOf === undefined) return actor;
  const { person, unit = actor.orgUnit, shift = actor.shift } = onBehalfOf;
  return {
    ...(person === undefined ? actor : { type: 'person', id: person, role: actor.role }),
    ...(unit !== undefined && { orgUnit: unit }),
    ...(shift !== undefined && { shift }),
  };
}

/** True for a system that sends what happened elsewhere. */
export const isUpstream = ({ type, role }: Pick<Actor, 'type' | 'role'>): boolean =>
  type === 'upstream' || role === 'upstream';

/** The timers of the service: they send a command when its time has come. */
export const SCHEDULER: Actor = { type: 'scheduler', id: 'scheduler', role: 'scheduler' };
