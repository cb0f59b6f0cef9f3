import type { Command } from 'commander';
import { complaintCommands, rowAt, type CommandRow } from '../complaint/table.js';
import { fieldsOf, schemaOf, type ConcreteClass, type Field } from '../platform/fields.js';
import type { Json, JsonObject } from '../platform/json.js';
import { kindOf, pathOf } from './field-paths.js';

/** The reference that `redress do` takes for the command that creates a complaint. */
export const NEW = 'new';

/**
 * Help for what was typed: the list of commands or, with a command, its fields.
 * @param args arguments of `redress do`, without options
 */
export function helpFor(command: Command, [reference = 'REFERENCE', path]: readonly string[]): string {
  const row = path === undefined ? undefined : rowAt(path);
  return row === undefined
    ? `${commandList(command)}\n\nThe fields of a command: redress do ${reference} COMMAND --help`
    : commandHelp(command, row, reference);
}

const commandList = (command: Command): string =>
  ['Commands, in the order of the procedure:', columns(command, complaintCommands.map(entryOf))].join('\n');

const entryOf = ({ path, creates, command }: CommandRow): Entry => [
  path,
  `${schemaOf(command)?.summary ?? ''}${creates === true ? ` (with ${NEW} as the reference)` : ''}`,
];

function commandHelp(command: Command, row: CommandRow, reference: string): string {
  const schema = schemaOf(row.command);
  const example = fieldArguments(schema?.example ?? {});
  return [
    `${row.path}: ${schema?.summary ?? ''}`,
    '',
    'Fields (* required; within an object or a list that is not required: only if this is given):',
    columns(command, entriesOf(row.command, [])),
    '',
    'Example:',
    `  ${commandLine(reference, row.path, example)}`,
    '',
    FIELD_FORMS,
  ].join('\n');
}

/** How arguments become fields. */
const FIELD_FORMS = [
  'path=text, path=@FILE (text of a file), path=- (text of standard input), path:=JSON. Lists: points[0].id=p1 or',
  'points.0.id=p1; a list of texts: repeat its path.',
].join('\n');

type Entry = readonly [term: string, description: string];

/** One entry for each field, those of nested objects and of the items of lists included. */
function entriesOf(target: ConcreteClass, outer: readonly string[]): Entry[] {
  return [...fieldsOf(target).values()].flatMap((field) => {
    const steps = [...outer, field.name];
    if (field.type.kind !== 'object') return [[term(field, steps), descriptionOf(field)] as const];
    const inner = field.items === undefined ? steps : [...steps, '0'];
    return [[term(field, inner), descriptionOf(field)] as const, ...entriesOf(field.type.target(), inner)];
  });
}

const term = ({ optional }: Field, steps: readonly string[]): string => `${optional ? ' ' : '*'} ${pathOf(steps)}`;

function descriptionOf(field: Field): string {
  const { description, type, items } = field;
  if (type.kind !== 'object') return [kindOf(field), description].filter(Boolean).join('; ');
  const kind =
    items === undefined ? 'these fields' : `${String(items.min)} to ${String(items.max)} items with these fields`;
  return [kind, description].filter(Boolean).join('; ');
}

/** Aligns and wraps as the other parts of the help. */
function columns(command: Command, entries: readonly Entry[]): string {
  const helper = command.createHelp();
  helper.prepareContext({ helpWidth: process.stdout.isTTY ? process.stdout.columns : 80 });
  const width = Math.max(...entries.map(([term]) => term.length));
  return entries.map(([term, description]) => helper.formatItem(term, width, description, helper)).join('\n');
}

/** A command with its fields as a line for a POSIX shell. */
export const commandLine = (reference: string, path: string, args: readonly string[]): string =>
  ['redress', 'do', ...[reference, path, ...args].map(quoted)].join(' ');

/** Quotes an argument for a POSIX shell, if necessary. Square brackets are a pattern in some shells. */
const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;

/** The arguments for a body: a text that would be read in another way is written as JSON. */
export const fieldArguments = (body: JsonObject): string[] =>
  Object.entries(body).flatMap(([name, value]) => argumentsOf([name], value));

function argumentsOf(steps: readonly string[], value: Json): string[] {
  const path = pathOf(steps);
  if (isPlainText(value)) return [`${path}=${value}`];
  if (typeof value === 'number' || typeof value === 'boolean') return [`${path}=${String(value)}`];
  const members = typeof value === 'object' && value !== null ? Object.entries(value as JsonObject) : [];
  if (members.length === 0) return [`${path}:=${JSON.stringify(value)}`];
  const isListOfTexts = Array.isArray(value) && members.every(([, item]) => isPlainText(item));
  return members.flatMap(([step, member]) => argumentsOf(isListOfTexts ? steps : [...steps, step], member));
}

/** True for text that an argument gives unchanged. */
const isPlainText = (value: Json): value is string =>
  typeof value === 'string' && value !== '-' && !value.startsWith('@');
