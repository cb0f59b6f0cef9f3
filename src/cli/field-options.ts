import { Option, type Command } from 'commander';
import { fieldsOf, type ConcreteClass } from '../platform/fields.js';
import { validateTexts } from '../platform/validate-object.js';
import { UserError } from './invocation.js';

/** Query fields without an option: a subcommand reads the stores directly and cannot wait for a position. */
const WITHOUT_OPTION: readonly string[] = ['minPosition'];

/** Maximum number of codes that the help lists; time zones have hundreds. */
const MAX_LISTED_CODES = 30;

/**
 * Adds an option for each field of a query class, or for these fields of it, with the description of the API: `groupBy`
 * becomes `--group-by`.
 */
export function addFieldOptions(command: Command, query: ConcreteClass, names?: readonly string[]): Command {
  for (const { name, type, description } of fieldsOf(query).values()) {
    if (WITHOUT_OPTION.includes(name) || names?.includes(name) === false) continue;
    const codes = type.kind === 'string' ? (type.schema.enum as readonly string[] | undefined) : undefined;
    const help = [
      description,
      ...(codes === undefined || codes.length > MAX_LISTED_CODES ? [] : [`one of ${codes.join(', ')}`]),
    ]
      .filter(Boolean)
      .join('; ');
    command.addOption(new Option(`${optionOf(name)} <${type.kind === 'boolean' ? 'true|false' : type.kind}>`, help));
  }
  return command;
}

/**
 * Builds the query from the options; ignores options that are not fields.
 * @throws UserError that names each missing or invalid option
 */
export function queryOf<Query extends object>(target: new () => Query, options: Record<string, unknown>): Query {
  const fields = fieldsOf(target);
  const fieldValues = Object.entries(options).filter(([name]) => fields.has(name));
  const result = validateTexts(target, Object.fromEntries(fieldValues));
  if (result.ok) return result.value;
  const sentences = result.errors.map(({ pointer, message }) => {
    const name = pointer.slice(1);
    return `${optionOf(name)}${message.slice(name.length)}`; // each message begins with the name of the field
  });
  throw new UserError(sentences.join('\n'));
}

/** `groupBy` becomes `--group-by`. */
export const optionOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
