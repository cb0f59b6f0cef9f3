import type { Role } from '../../src/access/actor.js';
import { referenceDataOf, type ReferenceData, type ReferenceRecords } from '../../src/reference/reference-data.js';
import type { Person } from '../../src/staff/person.js';

/** A person for a directory. The role is that which the id names, such as `supervisor-1`; otherwise handler. */
export const staffMember = (id: string, fields: Partial<Omit<Person, 'id'>> = {}): Person => ({
  id,
  units: [],
  roles: [ROLE_BY_NAME[id.replace(/-\d+$/, '')] ?? 'handler'],
  skills: [],
  absences: [],
  source: 'command',
  ...fields,
});

const ROLE_BY_NAME: Readonly<Record<string, Role>> = {
  intake: 'intake_officer',
  'intake-officer': 'intake_officer',
  handler: 'handler',
  supervisor: 'supervisor',
  reviewer: 'reviewer',
  lawyer: 'reviewer',
  department: 'department',
};

/** Reference data with exactly these people, given by id or in full, and the default rules unless others are given. */
export const directoryOf = (
  people: readonly (string | Person)[],
  records: Omit<ReferenceRecords, 'staff'> = {},
): ReferenceData =>
  referenceDataOf({
    ...records,
    staff: people.map((person) => (typeof person === 'string' ? staffMember(person) : person)),
  });

/** The people that the tests of deciders name. */
export const KNOWN_PEOPLE = [
  ...[
    'handler',
    'intake',
    'intake-officer',
    'supervisor',
    'reviewer',
    'department',
    'waiter',
    'clerk',
    'cook',
    'manager',
  ].flatMap((name) => Array.from({ length: 9 }, (_, index) => `${name}-${index + 1}`)),
  ...['amy', 'ann', 'bob', 'wang', 'li', 'h0', 'h1', 'h2', 'h3', 'h8'],
];

/** The reference data of tests of deciders: {@link KNOWN_PEOPLE}, a lawyer, and the default rules. */
export const REFERENCE: ReferenceData = directoryOf([...KNOWN_PEOPLE, staffMember('lawyer-1', { skills: ['legal'] })]);
