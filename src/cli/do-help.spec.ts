import { complaintCommands } from '../complaint/table.js';
import { fieldsOf, schemaOf } from '../platform/fields.js';
import type { JsonObject } from '../platform/json.js';
import { doCommand } from './do.js';
import { commandLine, fieldArguments, helpFor } from './do-help.js';
import { bodyOf } from './field-arguments.js';

const noSources = {
  file: () => Promise.reject(new Error('no file is expected')),
  standardInput: () => Promise.reject(new Error('no input is expected')),
};

describe('the arguments for a body', () => {
  test.each(complaintCommands.map(({ path, command }) => [path, command] as const))(
    'give the body of the example of %s again',
    async (_path, command) => {
      const example: JsonObject = schemaOf(command)?.example ?? {};
      expect(await bodyOf(command, fieldArguments(example), noSources)).toEqual(example);
    },
  );

  test('repeat the path of a list of texts, and write as JSON what would be read in another way', () => {
    const body = { addressees: ['a1', 'a2'], tags: ['-', 'x'], text: '@home', recourse: '-', none: [], empty: {} };
    expect(fieldArguments(body)).toEqual([
      'addressees=a1',
      'addressees=a2',
      'tags[0]:="-"',
      'tags[1]=x',
      'text:="@home"',
      'recourse:="-"',
      'none:=[]',
      'empty:={}',
    ]);
  });
});

test('a command line quotes what a shell would change', () => {
  const args = ['channel=phone', "text=It's cold, $5", 'points[0].id=p1', 'at=2026-11-22T09:30:00+08:00'];
  expect(commandLine('7Q2ZK-0M4XD-1A9TH', 'add-note', args)).toBe(
    `redress do 7Q2ZK-0M4XD-1A9TH add-note channel=phone 'text=It'\\''s cold, $5' 'points[0].id=p1' ` +
      'at=2026-11-22T09:30:00+08:00',
  );
});

describe('the help', () => {
  const help = (...args: string[]) => helpFor(doCommand(), args);

  test('lists every command without one, and for an unknown one', () => {
    for (const args of [[], ['7Q2ZK-0M4XD-1A9TH'], ['7Q2ZK-0M4XD-1A9TH', 'nonsense']]) {
      const terms = help(...args).matchAll(/^ {2}([a-z-]+) {2,}/gm);
      expect([...terms].map(([, term]) => term)).toEqual(complaintCommands.map(({ path }) => path));
    }
    expect(help('7Q2ZK-0M4XD-1A9TH')).toMatch(/redress do 7Q2ZK-0M4XD-1A9TH COMMAND --help$/);
  });

  test.each(complaintCommands.map(({ path, command }) => [path, command] as const))(
    'of %s has each of its fields and an example',
    (path, command) => {
      const text = help('REF', path);
      for (const { name, optional } of fieldsOf(command).values())
        expect(text).toMatch(new RegExp(`^ {2}${optional ? ' ' : '\\*'} ${name}(\\[0\\])?( |$)`, 'm'));
      expect(text).toContain(`\n  redress do REF ${path}`);
    },
  );

  test('marks the required fields of nested objects and lists', () => {
    const lines = help('REF', 'propose-remedy')
      .split('\n')
      .map((line) => line.replaceAll(/ {2,}/g, ' | '));
    expect(lines.join('')).toMatch(
      / \* measures\[0\]\.amount\.currency \| one of \d+ codes, such as AED, AFN, ALL; ISO[ |]+4217 code/,
    );
    expect(lines).toContain(' | measures[0].amount | these fields; Amount, if the measure is a');
    expect(lines.join('\n')).toContain(' | * measures[0] | 1 to 50 items with these fields; What is');
  });
});
