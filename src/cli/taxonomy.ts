import { Command, InvalidArgumentError } from 'commander';
import { readStoredReference } from '../app/reference.js';
import { systemClock } from '../platform/clock.js';
import { TAXONOMY_STREAMS, type TaxonomyState } from '../taxonomy/taxonomy.js';
import { configurationOf, print, printJson } from './invocation.js';
import { addSending } from './send-reference.js';

export function taxonomyCommand(): Command {
  const group = new Command('taxonomy').description(
    'show and publish lists of codes, and read codes of earlier versions',
  );
  group
    .command('show')
    .description('print all versions as JSON')
    .action(async (_options: object, command: Command) => {
      const reference = await readStoredReference(configurationOf(command), systemClock);
      printJson(reference.statesOf<TaxonomyState>(TAXONOMY_STREAMS).flatMap(({ state }) => state.versions));
    });
  addSending(
    group.command('publish').description('publish a version; lists that are not given stay as they are'),
    { collection: 'taxonomies', path: 'publish' },
    () => 'complaints',
  );
  group
    .command('map')
    .description('print as what a code of an earlier version is read now')
    .argument('<list>', 'name of the list, such as issue')
    .argument('<code>', 'the code')
    .option('--from <version>', 'version with which the code was recorded', versionNumber, 1)
    .action(async (list: string, code: string, { from }: { readonly from: number }, command: Command) => {
      const reference = await readStoredReference(configurationOf(command), systemClock);
      print(reference.current().taxonomy.current(list, code, from));
    });
  return group;
}

function versionNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('use the number of a version, from 1');
  return number;
}
