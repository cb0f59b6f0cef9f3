import { Command } from 'commander';
import type {
  BuildReport,
  Projections,
  ProjectionsStatus,
  ProjectionStatus,
} from '../../projections/runner/projections.js';
import { systemClock } from '../platform/clock.js';
import { caughtUp, openStores } from '../stores.js';
import { configurationOf, print, printJson } from './invocation.js';
import { findLiveService, type LiveService } from './live-service.js';
import { tableOf } from './table.js';

interface Options {
  readonly json?: true;
}

/** What this command does with the read models, by the service that runs or on the store itself. */
interface Reached {
  list(): Promise<readonly ProjectionStatus[]>;
  rebuild(name: string): Promise<BuildReport>;
  compare(name: string): Promise<BuildReport>;
  pause(name: string): Promise<readonly ProjectionStatus[]>;
  resume(name: string): Promise<readonly ProjectionStatus[]>;
}

export function projectionsCommand(): Command {
  const group = new Command('projections').description('the read models: what they are, and whether they are true');
  const listing = (
    name: string,
    description: string,
    work: (reached: Reached, name: string) => Promise<readonly ProjectionStatus[]>,
  ) =>
    (name === 'list' ? group.command(name) : group.command(name).argument('<name>'))
      .description(description)
      .option('--json', 'as JSON')
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Command;
        const all = await reaching(command, (reached) => work(reached, command.args[0] ?? ''));
        if (command.opts<Options>().json === true) printJson(all);
        else print(statusTable(all));
      });
  const building = (
    name: string,
    description: string,
    work: (reached: Reached, name: string) => Promise<BuildReport>,
  ) =>
    group
      .command(name)
      .description(description)
      .argument('<name>')
      .option('--json', 'the report as JSON')
      .action(async (projection: string, options: Options, command: Command) => {
        tell(await reaching(command, (reached) => work(reached, projection)), options);
      });
  listing('list', 'every read model, how far it is and how it does', (reached) => reached.list());
  building(
    'rebuild',
    'fold the whole history anew beside the live model, compare, and put it in its place',
    (reached, name) => reached.rebuild(name),
  );
  building('compare', 'fold the whole history anew and compare; changes nothing', (reached, name) =>
    reached.compare(name),
  );
  listing('pause', 'stop one, across restarts, until it is resumed', (reached, name) => reached.pause(name));
  listing('resume', 'start one again from where it stopped', (reached, name) => reached.resume(name));
  return group;
}

async function reaching<T>(command: Command, work: (reached: Reached) => Promise<T>): Promise<T> {
  const configuration = configurationOf(command);
  const live = await findLiveService(configuration);
  if (live !== undefined) return work(throughService(live));
  const stores = await openStores(configuration, systemClock);
  try {
    const { projections } = stores;
    await projections.start();
    await caughtUp(stores);
    return await work(onStore(projections));
  } finally {
    await stores.close();
  }
}

function throughService(live: LiveService): Reached {
  const at = (name: string, what: string): string => `/v1/projections/${encodeURIComponent(name)}/${what}`;
  const all = async (path: string, method: 'GET' | 'POST') =>
    (await live.ask<ProjectionsStatus>('supervisor', path, method)).projections;
  return {
    list: () => all('/v1/projections', 'GET'),
    rebuild: (name) => live.run('supervisor', at(name, 'rebuild')),
    compare: (name) => live.run('supervisor', at(name, 'compare')),
    pause: (name) => all(at(name, 'pause'), 'POST'),
    resume: (name) => all(at(name, 'resume'), 'POST'),
  };
}

function onStore(projections: Projections): Reached {
  const all = (): readonly ProjectionStatus[] => projections.status().projections;
  return {
    list: () => Promise.resolve(all()),
    rebuild: (name) => projections.rebuild(name),
    compare: (name) => projections.compare(name),
    pause: (name) => projections.pause(name).then(all),
    resume: (name) => projections.resume(name).then(all),
  };
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
