import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { v4 as uuid } from 'uuid';
import { referenceTables } from '../reference/aggregates.js';
import { fieldsOf } from '../platform/fields.js';
import { bodyOf } from './field-arguments.js';
import { configurationOf, print, printJson, UserError } from './invocation.js';
import { checkBody, reasonOf, reportOf } from './missing-fields.js';
import { submitReference } from './reference-client.js';
import { utf8 } from './utf8.js';

interface Options {
  readonly as: string;
  readonly json?: true;
}

/** The collection and the path of a command, such as `staff` and `record`. */
export interface ReferenceRoute {
  readonly collection: string;
  readonly path: string;
}

/** Adds the arguments, the options and the help of a command about a person, a unit or a policy. */
export function addSending(
  command: Command,
  route: ReferenceRoute,
  idOf: (args: readonly string[]) => string,
): Command {
  const { command: target } = rowOf(route);
  const fields = [...fieldsOf(target).values()].map(({ name, description }) => `  ${name.padEnd(24)} ${description}`);
  return command
    .argument('[fields...]', 'its fields as path=value')
    .option('--as <credential>', 'name or role of a credential in keys.json', 'supervisor')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', `\nFields:\n${fields.join('\n')}`)
    .action(async (...args: unknown[]) => {
      const invoked = args.at(-1) as Command;
      const texts = invoked.args.filter((text) => text.includes('='));
      await send(invoked, route, idOf(invoked.args), texts);
    });
}

async function send(command: Command, route: ReferenceRoute, id: string, texts: readonly string[]): Promise<void> {
  const configuration = configurationOf(command);
  const { as, json } = command.opts<Options>();
  const row = rowOf(route);
  const body = await bodyOf(row.command, texts, {
    file: async (path) => utf8(await readFile(path), path),
    standardInput: async () => utf8(await buffer(process.stdin), 'standard input'),
  });
  const checked = checkBody(row.command, body);
  if (checked.missing.length > 0 || checked.invalid.length > 0) throw new UserError(reportOf(checked));
  const answer = await submitReference(configuration, as, {
    ...route,
    id,
    command: row.command,
    key: uuid(),
    body,
  });
  if (json === true) printJson(answer);
  if ('errors' in answer) {
    const { code, message, errors } = answer;
    const reasons = (errors.length > 0 ? errors : [{ code, message }]).map((reason) => `  ${reasonOf(reason)}`);
    throw new UserError([`${row.name} was refused:`, ...reasons].join('\n'));
  }
  if (json !== true) print(`${answer.id}: ${answer.events.join(', ')}, revision ${String(answer.revision)}`);
}

function rowOf({ collection, path }: ReferenceRoute) {
  const row = referenceTables
    .find((table) => table.collection === collection)
    ?.commands.find((candidate) => candidate.path === path);
  if (row === undefined) throw new Error(`${collection} has no command ${path}`);
  return row;
}
