import { Command } from 'commander';
import type {
  BuildReport,
  Parked,
  Projections,
  ProjectionsStatus,
  ProjectionStatus,
  Retried,
  Skipped,
  SkipRequest,
} from '../projection/projections.js';
import { tellingProgress, type BuildProgress } from '../projection/build-progress.js';
import { loadKeys } from '../access/keys.js';
import { systemClock } from '../platform/clock.js';
import { caughtUp, openStores } from '../app/stores.js';
import type { Configuration } from '../platform/configuration.js';
import { Complained, configurationOf, print, printJson } from './invocation.js';
import { findLiveService, type LiveService } from './live-service.js';
import { buildProgress } from './progress.js';
import { tableOf } from '../platform/text-table.js';

interface Options {
  readonly json?: true;
}

/** What this command does with the read models, by the service that runs or on the store itself. */
interface Reached {
  list(): Promise<readonly ProjectionStatus[]>;
  rebuild(name: string, tell: (progress: BuildProgress) => void): Promise<BuildReport>;
  compare(name: string, tell: (progress: BuildProgress) => void): Promise<BuildReport>;
  pause(name: string): Promise<readonly ProjectionStatus[]>;
  resume(name: string): Promise<readonly ProjectionStatus[]>;
  parked(name: string): Promise<Parked>;
  retry(name: string, document?: string): Promise<Retried>;
  skip(name: string, what: SkipWhat): Promise<Skipped>;
}

type SkipWhat = Pick<SkipRequest, 'document' | 'position' | 'reason'>;

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
    work: (reached: Reached, ...given: Parameters<Reached['rebuild']>) => Promise<BuildReport>,
  ) =>
    group
      .command(name)
      .description(description)
      .argument('<name>')
      .option('--json', 'the report as JSON')
      .action(async (projection: string, options: Options, command: Command) => {
        const progress = buildProgress();
        const report = await reaching(command, (reached) => work(reached, projection, progress.at)).finally(
          progress.end,
        );
        tell(report, options);
      });
  listing('list', 'every read model, how far it is and how it does', (reached) => reached.list());
  building(
    'rebuild',
    'fold the whole history anew beside the live model, compare, and put it in its place',
    (reached, ...given) => reached.rebuild(...given),
  );
  building('compare', 'fold the whole history anew and compare; changes nothing', (reached, ...given) =>
    reached.compare(...given),
  );
  listing('pause', 'stop one, across restarts, until it is resumed', (reached, name) => reached.pause(name));
  listing('resume', 'start one again from where it stopped', (reached, name) => reached.resume(name));
  addParking(group);
  return group;
}

function addParking(group: Command): void {
  group
    .command('parked')
    .description('documents that wait for an event that could not be folded, and events that were skipped')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action(async (name: string, options: Options, command: Command) => {
      const parked = await reaching(command, (reached) => reached.parked(name));
      if (options.json === true) printJson(parked);
      else printParked(parked);
    });
  group
    .command('retry')
    .description('fold what waits, for one document or for each')
    .argument('<name>')
    .argument('[document]')
    .option('--json', 'as JSON')
    .action(async (name: string, document: string | undefined, options: Options, command: Command) => {
      const retried = await reaching(command, (reached) => reached.retry(name, document));
      if (options.json === true) printJson(retried);
      else print(retriedTable(retried));
      if (retried.documents.some(({ waiting }) => waiting > 0)) process.exitCode = 1;
    });
  group
    .command('skip')
    .description('leave an event out of a document for good, and go on behind it')
    .argument('<name>')
    .argument('<document>')
    .argument('<position>', 'where its first waiting event stands, as `parked` says')
    .requiredOption('--reason <text>', 'why; kept for good, so name no person')
    .option('--json', 'as JSON')
    .action(async (...[name, document, position, options, command]: SkipArguments) => {
      const what = { document, position, reason: options.reason };
      const skipped = await reaching(command, (reached) => reached.skip(name, what));
      if (!skipped.skipped) throw new Complained(`${document} does not wait for an event at ${position}, or not first`);
      if (options.json === true) printJson(skipped);
      else if (skipped.retried === undefined) print(`${document} goes on without ${skipped.skip.type}`);
      else print(retriedTable({ name, documents: [skipped.retried] }));
    });
}

type SkipArguments = [
  name: string,
  document: string,
  position: string,
  options: Options & { readonly reason: string },
  command: Command,
];

async function reaching<T>(command: Command, work: (reached: Reached) => Promise<T>): Promise<T> {
  const configuration = configurationOf(command);
  const live = await findLiveService(configuration);
  if (live !== undefined) return work(throughService(live));
  const stores = await openStores(configuration, systemClock);
  try {
    const { projections } = stores;
    await projections.start();
    await caughtUp(stores);
    return await work(onStore(projections, configuration));
  } finally {
    await stores.close();
  }
}

function throughService(live: LiveService): Reached {
  const at = (name: string, what: string): string => `/v1/projections/${encodeURIComponent(name)}/${what}`;
  const build = (path: string, tell: (progress: BuildProgress) => void): Promise<BuildReport> =>
    live.run('supervisor', path, (progress) => tell(progress as BuildProgress));
  const all = async (path: string, method: 'GET' | 'POST') =>
    (await live.ask<ProjectionsStatus>('supervisor', path, method)).projections;
  return {
    list: () => all('/v1/projections', 'GET'),
    rebuild: (name, tell) => build(at(name, 'rebuild'), tell),
    compare: (name, tell) => build(at(name, 'compare'), tell),
    pause: (name) => all(at(name, 'pause'), 'POST'),
    resume: (name) => all(at(name, 'resume'), 'POST'),
    parked: (name) => live.ask('supervisor', at(name, 'parked')),
    retry: (name, document) => live.ask('supervisor', at(name, 'retry'), 'POST', { document }),
    skip: (name, what) => live.ask('supervisor', at(name, 'skip'), 'POST', what),
  };
}

function onStore(projections: Projections, configuration: Configuration): Reached {
  const all = (): readonly ProjectionStatus[] => projections.status().projections;
  return {
    list: () => Promise.resolve(all()),
    rebuild: (name, tell) => tellingProgress(projections, name, projections.rebuild(name), tell),
    compare: (name, tell) => tellingProgress(projections, name, projections.compare(name), tell),
    pause: (name) => projections.pause(name).then(all),
    resume: (name) => projections.resume(name).then(all),
    parked: (name) => projections.parked(name),
    retry: (name, document) => projections.retry(name, document),
    skip: (name, what) => {
      const supervisor = loadKeys(configuration.data).ofRole('supervisor');
      if (supervisor === undefined) throw new Complained('keys.json has no credential of the role supervisor');
      const { type, id } = supervisor.actor;
      return projections.skip(name, { ...what, by: { type, id }, at: systemClock.now() });
    },
  };
}

const statusTable = (all: readonly ProjectionStatus[]): string =>
  tableOf(
    ['name', 'version', 'state', 'position', 'lag', 'parked', 'why'],
    all.map(({ name, version, state, position, lag, parked, halt, retry }) => [
      name,
      version,
      state,
      position,
      lag,
      parked.events,
      halt?.error ?? retry?.error ?? null,
    ]),
  );

function printParked({ documents, skipped }: Parked): void {
  const head = ['document', 'position', 'event', 'type', 'waiting', 'why'];
  const rows = documents.map(({ document, position, stream, revision, type, events, error }) => [
    document,
    position,
    `${stream}/${String(revision)}`,
    type,
    events,
    error,
  ]);
  print(tableOf(head, rows));
  if (skipped.length === 0) return;
  const left = skipped.map(({ document, position, type, by, at, reason }) => [
    document,
    position,
    type,
    by.id,
    at,
    reason,
  ]);
  print(tableOf(['skipped in', 'position', 'type', 'by', 'at', 'why'], left));
}

const retriedTable = ({ documents }: Retried): string =>
  tableOf(
    ['document', 'folded', 'still waiting', 'why'],
    documents.map(({ document, folded, waiting, failed }) => [document, folded, waiting, failed?.error ?? null]),
  );

function tell(report: BuildReport, options: Options): void {
  if (options.json === true) printJson(report);
  else {
    const { name, outcome, events, built, live, differing, parked, swapped } = report;
    print(`${name}: ${outcome} after ${String(events)} events${swapped ? ', swapped in' : ''}`);
    print(tableOf(['model', 'documents', 'digest', 'content digest'], [rowOf('live', live), rowOf('rebuilt', built)]));
    if (parked.length > 0) print(`parked: ${parked.join(', ')}`);
    if (differing.length > 0) print(`first that differ: ${differing.join(', ')}`);
  }
  const sound = report.outcome === 'equal' && report.parked.length === 0;
  if (!sound && !report.swapped) process.exitCode = 1;
}

const rowOf = (name: string, model: BuildReport['live']): (string | number | null)[] => [
  name,
  model?.documents ?? null,
  model?.digest.slice(0, 16) ?? null,
  model?.contentDigest.slice(0, 16) ?? null,
];
