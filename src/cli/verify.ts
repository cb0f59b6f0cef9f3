import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { EarlierResultUnusable, parseEarlierResult, type EarlierResult } from '../audit/earlier-result.js';
import { verifyStore, type Verification, type VerifyError } from '../audit/verify.js';
import { openLogSource } from '../app/engines.js';
import type { Configuration } from '../platform/configuration.js';
import { serverAddress } from '../platform/server-unusable.js';
import { configurationOf, print, printJson, printNotice, reasonText, UserError } from './invocation.js';

interface Options {
  readonly json?: true;
  readonly against?: string;
}

export const verifyCommand = (): Command =>
  new Command('verify')
    .description(
      'check every stored event (bytes, hash, chain, position) and the tables; changes nothing, also while the service runs',
    )
    .option('--json', 'print the result as JSON, for example to keep it for --against')
    .option('--against <file>', 'check that the log still begins with the events of an earlier output of verify --json')
    .action(async ({ json, against: file }: Options, command: Command) => {
      const against = file === undefined ? undefined : earlierResultIn(file);
      const configuration = configurationOf(command);
      const source = await openLogSource(configuration);
      let result: Verification | undefined;
      try {
        for await (const step of verifyStore(source, { against })) {
          if (step.kind === 'result') result = step;
          else if (process.stderr.isTTY) process.stderr.write(`\r${String(step.events)} events`);
        }
      } finally {
        source.close();
      }
      if (process.stderr.isTTY) printNotice('');
      if (result === undefined) throw new Error('verification ended without a result');
      if (json === true) printJson(result);
      else print(verificationText(result, storeName(configuration)));
      if (!result.ok) process.exitCode = 1;
    });

function earlierResultIn(file: string): EarlierResult {
  try {
    return parseEarlierResult(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof EarlierResultUnusable) throw new UserError(`--against ${file} ${error.message}`);
    throw new UserError(`--against: ${error instanceof Error ? reasonText(error, file) : String(error)}`, {
      cause: error,
    });
  }
}

const storeName = ({ eventStore }: Configuration): string =>
  eventStore.engine === 'sqlite' ? eventStore.path : `the event store at ${serverAddress(eventStore.url)}`;

function verificationText(result: Verification, store: string): string {
  const { ok, events, streams, head, root, against, schema = [], firstError } = result;
  const counts = `${String(events)} events in ${String(streams)} streams up to position ${head ?? '–'}, root ${root}`;
  const others = otherProgramsText(result);
  if (ok) {
    const contained = against && `\nit begins with the ${String(against.events)} events of the earlier result`;
    return `${store} is sound: ${counts}${contained ?? ''}${others}`;
  }
  const errors = [
    ...(firstError === undefined ? [] : [errorText(firstError)]),
    ...schema,
    ...(against?.what === undefined ? [] : [against.what]),
  ];
  const verified = firstError === undefined ? 'every event verifies' : 'sound before that';
  return `${store} is NOT sound: ${errors.join('\n')}\n${verified}: ${counts}${others}`;
}

function errorText({ stream, revision, position, what }: VerifyError): string {
  const where = [
    ...(stream === undefined ? [] : [`stream ${stream}`]),
    ...(revision === undefined ? [] : [`revision ${String(revision)}`]),
    ...(position === undefined ? [] : [`position ${position}`]),
  ].join(', ');
  return `${where === '' ? '' : `${where}: `}${what}`;
}

function otherProgramsText({ others }: Verification): string {
  if (others === undefined) return '';
  const names = [...others.categories, ...(others.moreCategories === true ? ['…'] : [])].join(', ');
  return `\nit also holds ${String(others.events)} events of other programs: ${names}`;
}
