import { directoryOf, staffMember } from '../../test/support/directory.js';
import { instant, parseDay } from '../platform/moment.js';
import { hasSkill, unknownPerson } from './people.js';

const reference = directoryOf([
  'Wang',
  staffMember('li', { retiredAt: '2026-11-10T12:00:00.000Z', skills: ['Legal'] }),
]);
const at = (time: string) => ({ reference, occurredAt: instant(time) });
const NOON = '2026-11-10T12:00:00.000Z';

describe('I6: whoever is named to act', () => {
  test('is in the directory, whatever the case of the id', () => {
    expect(unknownPerson('wang', at(NOON))).toBeUndefined();
    expect(unknownPerson('WANG', at(NOON))).toBeUndefined();
    expect(unknownPerson(undefined, at(NOON))).toBeUndefined();
    expect(unknownPerson('wong', at(NOON), '/handler')).toMatchObject({ code: 'unknown_person', pointer: '/handler' });
  });

  test('was on the staff when it happened', () => {
    expect(unknownPerson('li', at('2026-11-10T11:59:59.999Z'))).toBeUndefined();
    expect(unknownPerson('li', at(NOON))?.code).toBe('unknown_person');
  });

  test('of a day, was on the staff when the day began', () => {
    const day = parseDay('2026-11-10', 'UTC');
    if (day === undefined) throw new Error('no day');
    expect(unknownPerson('li', { reference, occurredAt: day })).toBeUndefined();
  });
});

test('a skill is compared without case', () => {
  expect(hasSkill(reference.staff.person('li'), 'legal')).toBe(true);
  expect(hasSkill(reference.staff.person('wang'), 'legal')).toBe(false);
});
