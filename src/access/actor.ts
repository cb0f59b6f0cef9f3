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
export type Role = (typeof ROLES)[number];

/** Who caused an event. The service takes the actor from the credential of a request, never from its body. */
export interface Actor {
  readonly type: 'person' | 'self_service' | 'upstream' | 'automation' | 'scheduler';
  readonly id: string;
  readonly role: Role;
  readonly orgUnit?: string;
  readonly shift?: string;
}
