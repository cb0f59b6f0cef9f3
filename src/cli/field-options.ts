import { Option, type Command } from 'commander';
import { fieldsOf, type Concrete } from '../platform/fields.js';
import { validateTexts } from '../platform/validate-object.js';
import { UserError } from './invocation.js';

/** Query fields that get no option: the command line reads the stores itself and does not wait for a position. */
const NOT_AN_OPTION: readonly string[] = ['minPosition'];

/** Adds an option for each field of a query, as the API describes it: `groupBy` is `--group-by`. */
export function addFieldOptions(command: Command, target: Concrete): Command {
  for (const { name, type, description } of fieldsOf(target).values()) {
    if (NOT_AN_OPTION.includes(name)) continue;
    const codes = type.kind === 'string' ? (type.schema.enum as readonly string[] | undefined) : undefined;
    const help = [description, ...(codes === undefined ? [] : [`one of ${codes.join(', ')}`])]
      .filter(Boolean)
      .join('; ');
    command.addOption(new Option(`${optionOf(name)} <${type.kind === 'boolean' ? 'true|false' : type.kind}>`, help));
  }
  return command;
}

/** Builds the query from the options. @throws UserError that names every invalid option */
export function queryOf<Query extends object>(target: new () => Query, options: Record<string, unknown>): Query {
  const fields = fieldsOf(target);
  const given = Object.entries(options).filter(([name]) => fields.has(name));
  const result = validateTexts(target, Object.fromEntries(given));
  if (result.ok) return result.value;
  const sentences = result.errors.map(({ pointer, message }) => {
    const name = pointer.slice(1);
    return `${optionOf(name)}${message.slice(name.length)}`;
  });
  throw new UserError(sentences.join('\n'));
}

const optionOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
