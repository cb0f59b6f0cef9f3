import { Command } from 'commander';
import { verifyStore, type Verification } from '../audit/verify.js';
import { openLogSource } from '../app/engines.js';
import type { Configuration } from '../platform/configuration.js';
import { serverAddress } from '../platform/server-unusable.js';
import { configurationOf, print, printJson, printNotice } from './invocation.js';

export const verifyCommand = (): Command =>
  new Command('verify')
    .description(
      'check every stored event: bytes, hash, chain and position; changes nothing, also while the service runs',
    )
    .option('--json', 'print the result as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const configuration = configurationOf(command);
      const source = await openLogSource(configuration.eventStore);
      let result: Verification | undefined;
      try {
        for await (const step of verifyStore(source)) {
          if (step.kind === 'result') result = step;
          else if (process.stderr.isTTY) process.stderr.write(`\r${String(step.events)} events`);
        }
      } finally {
        source.close();
      }
      if (process.stderr.isTTY) printNotice('');
      if (result === undefined) throw new Error('verification ended without a result');
      if (options.json === true) printJson(result);
      else print(verificationText(result, storeName(configuration)));
      if (!result.ok) process.exitCode = 1;
    });

const storeName = ({ eventStore }: Configuration): string =>
  eventStore.engine === 'sqlite' ? eventStore.path : `the event store at ${serverAddress(eventStore.url)}`;

function verificationText(result: Verification, store: string): string {
  const { ok, events, streams, head, firstError } = result;
  const counts = `${String(events)} events in ${String(streams)} streams up to position ${head ?? '–'}`;
  const others = otherProgramsText(result);
  if (ok || firstError === undefined) return `${store} is sound: ${counts}${others}`;
  const { stream, revision, position, what } = firstError;
  const where = [
    ...(stream === undefined ? [] : [`stream ${stream}`]),
    ...(revision === undefined ? [] : [`revision ${String(revision)}`]),
    ...(position === undefined ? [] : [`position ${position}`]),
  ].join(', ');
  return `${store} is NOT sound: ${where === '' ? '' : `${where}: `}${what}\nsound before that: ${counts}${others}`;
}

function otherProgramsText({ others }: Verification): string {
  if (others === undefined) return '';
  const names = [...others.categories, ...(others.moreCategories === true ? ['…'] : [])].join(', ');
  return `\nit also holds ${String(others.events)} events of other programs: ${names}`;
}
