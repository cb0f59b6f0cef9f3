import { readFileSync, writeFileSync } from 'node:fs';
import { DOMAIN_DOCUMENT, printedAnew, printedTables } from '../../test/support/domain/domain-document.js';
import { eventsOfCommands } from '../../test/support/domain/events-of-commands.js';
import { complaintEventTypes } from './events.js';
import { complaintCommands } from './table.js';

/** By hand, after the code has changed: `REDRESS_TEST_PRINT=1 npx jest --selectProjects unit --testPathPatterns domain-document`. */
if (process.env.REDRESS_TEST_PRINT === '1')
  writeFileSync(DOMAIN_DOCUMENT, printedAnew(readFileSync(DOMAIN_DOCUMENT, 'utf8')));

const document = readFileSync(DOMAIN_DOCUMENT, 'utf8');

test('docs/domain.md has the tables that the code prints', () => {
  expect(document).toBe(printedAnew(document));
});

test('docs/domain.md has each table once', () => {
  const names = [...document.matchAll(/<!-- printed: (\w+) -->/g)].map(([, name]) => name ?? '');
  expect(names.sort()).toEqual([...printedTables].sort());
});

test('every command emits an event, and every event type is emitted by a command', () => {
  const emitted = eventsOfCommands();
  expect(complaintCommands.filter(({ name }) => (emitted.get(name)?.size ?? 0) === 0)).toEqual([]);
  const types = new Set([...emitted.values()].flatMap((events) => [...events]));
  expect([...types].sort()).toEqual(complaintEventTypes.map(({ type }): string => type).sort());
});
