import { Command, InvalidArgumentError } from 'commander';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Temporal } from 'temporal-polyfill';
import { v4 as uuid } from 'uuid';
import { rowAt, type CommandRow } from '../complaint/table.js';
import { systemClock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { IDEMPOTENCY_KEY } from '../platform/http/headers.js';
import type { JsonObject } from '../platform/json.js';
import type { Language } from '../platform/language.js';
import { truncate } from '../platform/text.js';
import { askForMissing } from './ask-fields.js';
import { isRefusal, submit, type Answer, type Refusal } from './command-client.js';
import { heading } from './complaint-text.js';
import { readComplaint } from './complaint-view.js';
import { commandLine, fieldArguments, helpFor, NEW } from './do-help.js';
import { bodyOf, type TextSources } from './field-arguments.js';
import { configurationOf, print, printJson, printNotice, UserError } from './invocation.js';
import { languageOption } from './language.js';
import { checkBody, reasonOf, reportOf } from './missing-fields.js';
import { isTerminal, terminalPrompter } from './prompter.js';
import { utf8 } from './utf8.js';

interface Options {
  readonly as: string;
  readonly language: Language;
  readonly commandId?: string;
  readonly json?: true;
}

export const doCommand = (): Command =>
  new Command('do')
    .description('send a command to a complaint; at a terminal, asks for the fields that are missing')
    .argument('<reference>', `reference or id of the complaint; ${NEW} to lodge a complaint`)
    .argument('<command>', 'the command, such as acknowledge')
    .argument('[fields...]', 'its fields as path=value')
    .option('--as <credential>', 'name or role of a credential in keys.json', 'handler')
    .option('--command-id <id>', 'repeat the command that was sent with this id', commandIdOption)
    .addOption(languageOption())
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', ({ command }) => `\n${helpFor(command, command.args.filter(isOperand))}`)
    .action(async (reference: string, path: string, fields: string[], options: Options, command: Command) => {
      const configuration = configurationOf(command);
      const row = rowFor(reference, path);
      const given = await bodyOf(row.command, fields, sources);
      // after the end of standard input, no answer can be typed
      const mayAsk = isTerminal() && !fields.some((field) => field.endsWith('=-'));
      const { body, ifRevision } = await complete(configuration, { reference, row, given, options, mayAsk });
      const key = options.commandId ?? uuid();
      printNotice(`command id: ${key} (to repeat this command: --command-id ${key})`);
      const answer = await submit(configuration, options.as, {
        row,
        complaint: row.creates === true ? undefined : reference,
        key,
        body,
        ifRevision,
      });
      report(answer, row, options.json === true);
    });

/** False for an option, such as `--help`. */
const isOperand = (argument: string): boolean => !argument.startsWith('-');

function rowFor(reference: string, path: string): CommandRow {
  const row = rowAt(path);
  const help = `redress do ${reference} --help lists the commands`;
  if (row === undefined) throw new UserError(`there is no command ${JSON.stringify(truncate(path, 60))}; ${help}`);
  if ((row.creates === true) !== (reference === NEW))
    throw new UserError(
      row.creates === true
        ? `${path} creates a complaint; write: redress do ${NEW} ${path}`
        : `${path} needs the reference of a complaint in place of ${NEW}`,
    );
  return row;
}

const sources: TextSources = {
  file: async (path) => utf8(await readFile(path), path),
  standardInput: async () => utf8(await buffer(process.stdin), 'standard input'),
};

interface Incomplete {
  readonly reference: string;
  readonly row: CommandRow;
  readonly given: JsonObject;
  readonly options: Options;
  readonly mayAsk: boolean;
}

interface Complete {
  readonly body: JsonObject;
  /** The revision that the person saw before answering; undefined if nothing was asked. */
  readonly ifRevision: number | undefined;
}

/** Asks for missing fields at a terminal. @throws UserError that lists the fields that are missing or not valid */
async function complete(configuration: Configuration, command: Incomplete): Promise<Complete> {
  const { row, given, mayAsk } = command;
  const checked = checkBody(row.command, given);
  if (checked.missing.length === 0 && checked.invalid.length === 0) return { body: given, ifRevision: undefined };
  if (checked.invalid.length > 0 || !mayAsk) throw new UserError(reportOf(checked));
  return ask(configuration, command);
}

async function ask(configuration: Configuration, { reference, row, given, options }: Incomplete): Promise<Complete> {
  const { as, language, commandId } = options;
  let ifRevision: number | undefined;
  let sender = as;
  if (row.creates !== true) {
    const view = await readComplaint(configuration, reference, { as, language, now: systemClock.now() });
    printNotice(heading(view));
    const unmet = view.commands.find(({ path }) => path === row.path)?.unmet ?? [];
    // a command that is repeated may no longer be allowed
    if (unmet.length > 0 && commandId === undefined)
      throw new UserError([`${row.path} is not allowed now:`, ...unmet.map(lineOf)].join('\n'));
    ifRevision = view.file.revision;
    sender = `${view.actor.id} (${view.actor.role})`;
  }
  const now = Temporal.Now.zonedDateTimeISO().toString({ smallestUnit: 'second', timeZoneName: 'never' });
  const body = await askForMissing(row.command, given, terminalPrompter, now);
  printNotice(commandLine(reference, row.path, fieldArguments(body)));
  if (!(await terminalPrompter.confirm(`send it as ${sender}?`, true))) throw new UserError('nothing was sent');
  return { body, ifRevision };
}

function report(answer: Answer, row: CommandRow, json: boolean): void {
  if (json) printJson(answer);
  if (isRefusal(answer)) throw new UserError(refusalText(row, answer));
  if (json) return;
  const { reference, revision, events, alreadyThere } = answer;
  const already = alreadyThere ? ' (was recorded before)' : '';
  print(`${reference}: ${events.join(', ')}${already}, revision ${String(revision)}`);
}

const refusalText = ({ path }: CommandRow, { code, message, errors }: Refusal): string =>
  [`${path} was refused:`, ...(errors.length > 0 ? errors : [{ code, message }]).map(lineOf)].join('\n');

const lineOf = (reason: Refusal['errors'][number]): string => `  ${reasonOf(reason)}`;

function commandIdOption(text: string): string {
  if (!IDEMPOTENCY_KEY.test(text)) throw new InvalidArgumentError('use 1 to 128 visible ASCII characters');
  return text;
}
