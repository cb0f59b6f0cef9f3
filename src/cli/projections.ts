import { Command } from 'commander';
import { withProgress } from '../projection/build-progress.js';
import type { BuildReport, Operation, OperationResults, Parked, Retried } from '../projection/operations.js';
import type { BuildProgress, Projections, ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { SkipRequest } from '../projection/skipped-events.js';
import { loadKeys } from '../access/keys.js';
import { systemClock } from '../platform/clock.js';
import { caughtUp, openStores } from '../app/stores.js';
import type { Configuration } from '../platform/configuration.js';
import { UserError, configurationOf, print, printJson } from './invocation.js';
import { findLiveService, type LiveService } from './live-service.js';
import { buildProgress } from './progress.js';
import { tableOf } from '../platform/text-table.js';

interface Options {
  readonly json?: true;
}

/** An operation as entered by the user; the executor adds who skips an event, and when. */
type Request =
  | Exclude<Operation, { kind: 'skip' }>
  | {
      readonly kind: 'skip';
      readonly name: string;
      readonly request: Pick<SkipRequest, 'document' | 'position' | 'reason'>;
    };

/** The read models, through the running service or on the store itself. */
interface ProjectionClient {
  list(): Promise<readonly ProjectionStatus[]>;
  execute<R extends Request>(
    request: R,
    report?: (progress: BuildProgress) => void,
  ): Promise<OperationResults[R['kind']]>;
}

export function projectionsCommand(): Command {
  const group = new Command('projections').description('list, compare, rebuild, pause and repair read models');
  const listing = (name: 'list' | 'pause' | 'resume', description: string) =>
    (name === 'list' ? group.command(name) : group.command(name).argument('<name>'))
      .description(description)
      .option('--json', 'print as JSON')
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Command;
        const all = await withClient(command, async (client) => {
          if (name !== 'list') await client.execute({ kind: name, name: command.args[0] ?? '' });
          return client.list();
        });
        if (command.opts<Options>().json === true) printJson(all);
        else print(statusTable(all));
      });
  const building = (kind: 'rebuild' | 'compare', description: string) =>
    group
      .command(kind)
      .description(description)
      .argument('<name>')
      .option('--json', 'print the report as JSON')
      .action(async (name: string, options: Options & { readonly keep?: true }, command: Command) => {
        const progress = buildProgress();
        const request = kind === 'rebuild' ? { kind, name, keep: options.keep === true } : { kind, name };
        const report = await withClient(command, (client) => client.execute(request, progress.at)).finally(
          progress.end,
        );
        printReport(report, options);
      });
  listing('list', 'list every read model with its position and state');
  building('rebuild', 'fold the whole history again, compare, and replace the live read model').option(
    '--keep',
    'keep the collection that is replaced, until `drop`',
  );
  building('compare', 'fold the whole history again and compare; changes nothing');
  listing('pause', 'pause a read model until it is resumed, also across restarts');
  listing('resume', 'resume a read model from its checkpoint');
  group
    .command('drop')
    .description('drop the collection that a rebuild, or the build of a new version, kept')
    .argument('<name>')
    .option('--json', 'print as JSON')
    .action(async (name: string, options: Options, command: Command) => {
      const result = await withClient(command, (client) => client.execute({ kind: 'drop', name }));
      if (options.json === true) printJson(result);
      else print(result.dropped ? `the kept collection of ${name} is dropped` : `${name} has no kept collection`);
    });
  addParking(group);
  return group;
}

function addParking(group: Command): void {
  group
    .command('parked')
    .description('list parked documents, whose next event could not be folded, and skipped events')
    .argument('<name>')
    .option('--json', 'print as JSON')
    .action(async (name: string, options: Options, command: Command) => {
      const parked = await withClient(command, (client) => client.execute({ kind: 'parked', name }));
      if (options.json === true) printJson(parked);
      else printParked(parked);
    });
  group
    .command('retry')
    .description('fold the parked events of one document, or of all documents, again')
    .argument('<name>')
    .argument('[document]')
    .option('--json', 'print as JSON')
    .action(async (name: string, document: string | undefined, options: Options, command: Command) => {
      const retried = await withClient(command, (client) =>
        client.execute({ kind: 'retry', name, ...(document !== undefined && { document }) }),
      );
      if (options.json === true) printJson(retried);
      else print(retriedTable(retried));
      if (retried.documents.some(({ waiting }) => waiting > 0)) process.exitCode = 1;
    });
  group
    .command('skip')
    .description('leave an event out of a document permanently, and continue after it')
    .argument('<name>')
    .argument('<document>')
    .argument('<position>', 'position of its first parked event, as `parked` prints it')
    .requiredOption('--reason <text>', 'reason, stored permanently: do not name a person')
    .option('--json', 'print as JSON')
    .action(async (...[name, document, position, options, command]: SkipArguments) => {
      const request = { document, position, reason: options.reason };
      const skipped = await withClient(command, (client) => client.execute({ kind: 'skip', name, request }));
      if (!skipped.skipped)
        throw new UserError(
          `the first parked event of ${document} is not at ${position}; \`redress projections parked ${name}\` lists the positions`,
        );
      if (options.json === true) printJson(skipped);
      else if (skipped.retried === undefined) print(`${document} continues without ${skipped.skip.type}`);
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

async function withClient<T>(command: Command, work: (client: ProjectionClient) => Promise<T>): Promise<T> {
  const configuration = configurationOf(command);
  const live = await findLiveService(configuration);
  if (live !== undefined) return work(clientOf(live));
  const stores = await openStores(configuration, systemClock);
  try {
    const { projections } = stores;
    await projections.start();
    await caughtUp(stores);
    return await work(clientOn(projections, configuration));
  } finally {
    await stores.close();
  }
}

function clientOf(live: LiveService): ProjectionClient {
  return {
    list: async () => (await live.ask<ProjectionsStatus>('supervisor', '/v1/projections')).projections,
    execute: <R extends Request>(request: R, report?: (progress: BuildProgress) => void) => {
      const path = `/v1/projections/${encodeURIComponent(request.name)}/${request.kind}`;
      type Result = OperationResults[R['kind']];
      switch (request.kind) {
        case 'rebuild':
        case 'compare': {
          const body = request.kind === 'rebuild' ? { keep: request.keep ?? false } : undefined;
          const onProgress = (progress: object) => report?.(progress as BuildProgress);
          return live.run<BuildReport & Result>('supervisor', path, onProgress, body);
        }
        case 'parked':
          return live.ask<Result>('supervisor', path);
        case 'retry':
          return live.ask<Result>('supervisor', path, 'POST', { document: request.document });
        case 'skip':
          return live.ask<Result>('supervisor', path, 'POST', request.request);
        case 'pause':
        case 'resume':
        case 'drop':
          return live.ask<Result>('supervisor', path, 'POST');
      }
    },
  };
}

function clientOn(projections: Projections, configuration: Configuration): ProjectionClient {
  return {
    list: () => Promise.resolve(projections.status().projections),
    execute: <R extends Request>(request: R, report: (progress: BuildProgress) => void = () => undefined) => {
      const result = projections.execute(operationOf(request, configuration)) as Promise<OperationResults[R['kind']]>;
      return withProgress(projections, request.name, result, report);
    },
  };
}

function operationOf(request: Request, configuration: Configuration): Operation {
  if (request.kind !== 'skip') return request;
  const supervisor = loadKeys(configuration.data).ofRole('supervisor');
  if (supervisor === undefined)
    throw new UserError('keys.json has no credential with the role supervisor; add one and start again');
  const { type, id } = supervisor.actor;
  return { ...request, request: { ...request.request, by: { type, id }, at: systemClock.now() } };
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

function printReport(report: BuildReport, options: Options): void {
  if (options.json === true) printJson(report);
  else {
    const { name, outcome, events, built, live, differing, parked, swapped } = report;
    print(`${name}: ${outcome} after ${String(events)} events${swapped ? ', swapped in' : ''}`);
    print(tableOf(['model', 'documents', 'digest', 'content digest'], [rowOf('live', live), rowOf('rebuilt', built)]));
    if (parked.length > 0) print(`parked: ${parked.join(', ')}`);
    if (differing.length > 0) print(`first documents that differ: ${differing.join(', ')}`);
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
