import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdmitComplaint } from './commands/intake.js';
import { ComplaintCommand } from './commands/parts.js';
import { complaintEventTypes } from './events.js';
import { complaintCommands, rowAt, rowOf } from './table.js';

const sources = readdirSync(__dirname).filter((file) => file.endsWith('.ts'));
const textOf = (files: readonly string[]) =>
  files.map((file) => readFileSync(join(__dirname, file), 'utf8')).join('\n');
const productCode = textOf(sources.filter((file) => !file.endsWith('.spec.ts')));
const specs = textOf(sources.filter((file) => file.endsWith('.spec.ts') && file !== 'table.spec.ts'));

test('every command emits an event, and every event type is emitted by a command', () => {
  expect(complaintCommands.filter(({ events }) => events.length === 0)).toEqual([]);
  const emitted = new Set(complaintCommands.flatMap(({ events }) => events));
  expect([...emitted].sort()).toEqual(complaintEventTypes.map(({ type }) => type).sort());
});

test.each(complaintCommands.map(({ name }) => name))('a test sends %s', (name) => {
  const isSent = new RegExp(`command\\(\\s*(\\w+\\.)?${name}\\b`).test(specs);
  expect(isSent ? [] : [`no spec of src/complaint has command(${name}, …)`]).toEqual([]);
});

test('every rejection code is expected by a test', () => {
  // the code is the first argument; `requireRemedy` has a remedy status before it
  const codes = [...productCode.matchAll(/\b(?:unmet|reject|requireRemedy)\(\s*(?:'[A-Z]\w+',\s*)?'([a-z_]+)'/g)].map(
    ([, code]) => code ?? '',
  );
  expect(codes.length).toBeGreaterThan(60);
  expect([...new Set(codes)].filter((code) => !specs.includes(`'${code}'`))).toEqual([]);
});

test('a path is the command name in kebab case without a trailing Complaint, and is unique', () => {
  expect(complaintCommands.slice(0, 12).map(({ path }) => path)).toEqual([
    'lodge',
    'acknowledge',
    'admit',
    'declare-inadmissible',
    'approve-inadmissibility',
    'classify',
    'assess-severity',
    'set-priority',
    'assign',
    'reassign',
    'accept-assignment',
    'declare-conflict-of-interest',
  ]);
  expect(new Set(complaintCommands.map(({ path }) => path)).size).toBe(complaintCommands.length);
});

test('a row is found by command and by path, and only LodgeComplaint creates a complaint', () => {
  expect(rowOf(new AdmitComplaint()).name).toBe('AdmitComplaint');
  expect(rowAt('resolve-at-first-contact')?.step).toBe('T24');
  expect(rowAt('toString')).toBeUndefined();
  expect(complaintCommands.filter(({ creates }) => creates).map(({ name }) => name)).toEqual(['LodgeComplaint']);
});

test('rowOf throws for a class that is not in the table', () => {
  class ForgottenCommand extends ComplaintCommand {}
  expect(() => rowOf(new ForgottenCommand())).toThrow('ForgottenCommand is not in the table');
});
