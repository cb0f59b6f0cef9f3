import { Command } from 'commander';
import type { BuildReport, Projections, ProjectionStatus } from '../../projections/runner/projections.js';
import { systemClock } from '../platform/clock.js';
import { openStores } from '../stores.js';
import { configurationOf, print, printJson } from './invocation.js';
import { tableOf } from './table.js';

interface Options {
  readonly json?: true;
}

const CATCH_UP_MS = 24 * 3_600_000;

export function projectionsCommand(): Command {
  const group = new Command('projections').description('the read models: what they are, and whether they are true');
  group
    .command('list')
    .description('every read model, how far it is and how it does')
    .option('--json', 'as JSON')
    .action((options: Options, command: Command) =>
      withProjections(command, (projections) => {
        const { projections: all } = projections.status();
        if (options.json === true) printJson(all);
        else print(statusTable(all));
        return Promise.resolve();
      }),
    );
  group
    .command('rebuild')
    .description('fold the whole history anew beside the live model, compare, and put it in its place')
    .argument('<name>')
    .option('--json', 'the report as JSON')
    .action((name: string, options: Options, command: Command) =>
      withProjections(command, async (projections) => {
        tell(await projections.rebuild(name), options);
      }),
    );
  group
    .command('compare')
    .description('fold the whole history anew and compare; changes nothing')
    .argument('<name>')
    .option('--json', 'the report as JSON')
    .action((name: string, options: Options, command: Command) =>
      withProjections(command, async (projections) => {
        tell(await projections.compare(name), options);
      }),
    );
  return group;
}

/** Owns the store while it works, and lets the read models catch up first. */
async function withProjections(command: Command, work: (projections: Projections) => Promise<void>): Promise<void> {
  const stores = await openStores(configurationOf(command), systemClock);
  try {
    const { projections, eventStore } = stores;
    await projections.start();
    const head = await eventStore.head();
    if (head !== null)
      await Promise.all(projections.status().projections.map(({ name }) => projections.waitFor(name, head, CATCH_UP_MS)));
    await work(projections);
  } finally {
    await stores.close();
  }
}

const statusTable = (all: readonly ProjectionStatus[]): string =>
  tableOf(
    ['name', 'version', 'state', 'position', 'lag', 'why'],
    all.map(({ name, version, state, position, lag, halt, retry }) => [
      name,
      version,
      state,
      position,
      lag,
      halt?.error ?? retry?.error ?? null,
    ]),
  );

function tell(report: BuildReport, options: Options): void {
  if (options.json === true) printJson(report);
  else {
    const { name, outcome, events, built, live, differing, swapped } = report;
    print(`${name}: ${outcome} after ${String(events)} events${swapped ? ', swapped in' : ''}`);
    print(tableOf(['model', 'documents', 'digest', 'content digest'], [rowOf('live', live), rowOf('rebuilt', built)]));
    if (differing.length > 0) print(`first that differ: ${differing.join(', ')}`);
  }
  if (report.outcome !== 'equal' && !report.swapped) process.exitCode = 1;
}

const rowOf = (name: string, model: BuildReport['live']): (string | number | null)[] => [
  name,
  model?.documents ?? null,
  model?.digest.slice(0, 16) ?? null,
  model?.contentDigest.slice(0, 16) ?? null,
];

