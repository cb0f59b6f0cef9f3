import { commandIdOf } from '../command/command-id.js';
import { complaintIdOf } from './identity.js';

test('command ids and complaint ids do not change between versions', () => {
  expect(commandIdOf('upstream', 'k-1')).toBe('36ae973f-4ff7-50b4-b03d-52e6836f4fe3');
  expect(complaintIdOf({ sources: [{ system: 'crm', ref: 'T-1' }] }, 'any')).toBe(
    'db916dea-2b3e-51ee-8f5e-5950b00c6e55',
  );
});

test('the same key of two credentials gives two command ids', () =>
  expect(commandIdOf('a', 'k')).not.toBe(commandIdOf('b', 'k')));

test('a complaint id derives from the first source, or from the command id if there is no source', () => {
  const sources = [
    { system: 'crm', ref: 'T-1' },
    { system: 'mail', ref: '7' },
  ];
  expect(complaintIdOf({ sources }, 'one')).toBe(complaintIdOf({ sources: sources.slice(0, 1) }, 'other'));
  expect(complaintIdOf({ sources: [...sources].reverse() }, 'one')).not.toBe(complaintIdOf({ sources }, 'one'));
  expect(complaintIdOf({ sources: [] }, 'one')).toBe(complaintIdOf({}, 'one'));
  expect(complaintIdOf({}, 'one')).not.toBe(complaintIdOf({}, 'other'));
});
