import { Command } from 'commander';
import { withProgress } from '../projection/build-progress.js';
import type { BuildReport, Operation, OperationResults, ParkedEvents, RetryResult } from '../projection/operations.js';
import type { BuildProgress, Projections, ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { SkipRequest } from '../projection/skipped-events.js';
import { loadKeys } from '../access/keys.js';
import { systemClock } from '../platform/clock.js';
import { waitUntilCaughtUp, openStores } from '../app/stores.js';
import type { Configuration } from '../platform/configuration.js';
import { UserError, configurationOf, print, printJson } from './invocation.js';
import { positionOf } from '../api/read-gate.js';
import { findLiveService, type LiveService } from './live-service.js';
import { displayBuildProgress } from './progress.js';
import { tableOf } from '../platform/text-table.js';

interface Options {
  readonly json?: true;
}

/** An operation that the user requests. For a skip, the service or `storeClient` adds who skips the event, and when. */
type OperationRequest =
  | Exclude<Operation, { kind: 'skip' }>
  | {
      readonly kind: 'skip';
      readonly name: string;
      readonly request: Pick<SkipRequest, 'document' | 'position' | 'reason'>;
    };

/** Access to the read models: through the running service or, if none runs, directly in the stores. */
interface ProjectionClient {
  list(): Promise<readonly ProjectionStatus[]>;
  execute<R extends OperationRequest>(
    request: R,
    onProgress?: (progress: BuildProgress) => void,
  ): Promise<OperationResults[R['kind']]>;
}

export function projectionsCommand(): Command {
  const group = new Command('projections').description('list, compare, rebuild, pause and repair read models');
  const addStatusCommand = (name: 'list' | 'pause' | 'resume', description: string) =>
    (name === 'list' ? group.command(name) : group.command(name).argument('<name>'))
      .description(description)
      .option('--json', 'print as JSON')
      .action(async (...args: unknown[]) => {
        const command = args.at(-1) as Command;
        const statuses = await withClient(command, async (client) => {
          if (name !== 'list') await client.execute({ kind: name, name: command.args[0] ?? '' });
          return client.list();
        });
        if (command.opts<Options>().json === true) printJson(statuses);
        else print(statusTable(statuses));
      });
  const addBuildCommand = (kind: 'rebuild' | 'compare', description: string) =>
    group
      .command(kind)
      .description(description)
      .argument('<name>')
      .option('--json', 'print the report as JSON')
      .action(async (name: string, options: Options & { readonly keep?: true }, command: Command) => {
        const display = displayBuildProgress();
        const request = kind === 'rebuild' ? { kind, name, keep: options.keep === true } : { kind, name };
        const report = await withClient(command, (client) => client.execute(request, display.update)).finally(
          display.end,
        );
        printReport(report, options);
      });
  addStatusCommand('list', 'list every read model with its position and state');
  addBuildCommand('rebuild', 'fold the whole history again, compare, and replace the live read model').option(
    '--keep',
    'keep the replaced collection until `drop`',
  );
  addBuildCommand('compare', 'fold the whole history again and compare; changes nothing');
  addStatusCommand('pause', 'pause a read model until `resume`; it stays paused after a restart of the service');
  addStatusCommand('resume', 'resume a read model from its checkpoint after a pause, a halt or a failure');
  group
    .command('drop')
    .description('drop the replaced collection that a rebuild, or the build of a new version, kept')
    .argument('<name>')
    .option('--json', 'print as JSON')
    .action(async (name: string, options: Options, command: Command) => {
      const result = await withClient(command, (client) => client.execute({ kind: 'drop', name }));
      if (options.json === true) printJson(result);
      else print(result.dropped ? `the kept collection of ${name} is dropped` : `${name} has no kept collection`);
    });
  addParkedCommands(group);
  return group;
}

function addParkedCommands(group: Command): void {
  group
    .command('parked')
    .description('list the parked documents (those with an event that could not be folded) and the skipped events')
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
    .description('leave an event out of a document, also in every rebuild of this version, and fold the later events')
    .argument('<name>')
    .argument('<document>')
    .argument('<position>', 'position of the first parked event of the document, as `parked` prints it')
    .requiredOption('--reason <text>', 'reason; it is stored permanently, so it must not contain personal data')
    .option('--json', 'print as JSON')
    .action(async (...[name, document, position, options, command]: SkipArguments) => {
      const request = { document, position: positionOf(position), reason: options.reason };
      const result = await withClient(command, (client) => client.execute({ kind: 'skip', name, request }));
      if (!result.skipped)
        throw new UserError(
          `the first parked event of ${document} is not at ${position}; ` +
            `\`redress projections parked ${name}\` lists the positions`,
        );
      if (options.json === true) printJson(result);
      else if (result.retried === undefined) print(`${document} continues without ${result.skip.type}`);
      else print(retriedTable({ name, documents: [result.retried] }));
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
  if (live !== undefined) return work(serviceClient(live));
  const stores = await openStores(configuration, systemClock);
  try {
    const { projections } = stores;
    await projections.start();
    await waitUntilCaughtUp(stores);
    return await work(storeClient(projections, configuration));
  } finally {
    await stores.close();
  }
}

function serviceClient(live: LiveService): ProjectionClient {
  return {
    list: async () => (await live.request<ProjectionsStatus>('supervisor', '/v1/projections')).projections,
    execute: <R extends OperationRequest>(request: R, onProgress?: (progress: BuildProgress) => void) => {
      const path = `/v1/projections/${encodeURIComponent(request.name)}/${request.kind}`;
      type Result = OperationResults[R['kind']];
      switch (request.kind) {
        case 'rebuild':
        case 'compare': {
          const body = request.kind === 'rebuild' ? { keep: request.keep ?? false } : undefined;
          const onJobProgress = (progress: object) => onProgress?.(progress as BuildProgress);
          return live.runJob<BuildReport & Result>('supervisor', path, onJobProgress, body);
        }
        case 'parked':
          return live.request<Result>('supervisor', path);
        case 'retry':
          return live.request<Result>('supervisor', path, {
            method: 'POST',
            body: { document: request.document },
          });
        case 'skip':
          return live.request<Result>('supervisor', path, { method: 'POST', body: request.request });
        case 'pause':
        case 'resume':
        case 'drop':
          return live.request<Result>('supervisor', path, { method: 'POST' });
      }
    },
  };
}

function storeClient(projections: Projections, configuration: Configuration): ProjectionClient {
  return {
    list: () => Promise.resolve(projections.status().projections),
    execute: <R extends OperationRequest>(
      request: R,
      onProgress: (progress: BuildProgress) => void = () => undefined,
    ) => {
      const result = projections.execute(operationOf(request, configuration)) as Promise<OperationResults[R['kind']]>;
      return withProgress(projections, request.name, result, onProgress);
    },
  };
}

function operationOf(request: OperationRequest, configuration: Configuration): Operation {
  if (request.kind !== 'skip') return request;
  const supervisor = loadKeys(configuration.data, { create: false }).ofRole('supervisor');
  if (supervisor === undefined)
    throw new UserError('keys.json has no credential with the role supervisor; add one and start again');
  const { type, id } = supervisor.actor;
  return { ...request, request: { ...request.request, by: { type, id }, at: systemClock.now() } };
}

const statusTable = (statuses: readonly ProjectionStatus[]): string =>
  tableOf(
    ['name', 'version', 'state', 'position', 'lag', 'parked', 'why'],
    statuses.map(({ name, version, state, position, lag, parked, halt, retry }) => [
      name,
      version,
      state,
      position,
      lag,
      parked.events,
      halt?.error ?? retry?.error ?? null,
    ]),
  );

function printParked({ documents, skipped }: ParkedEvents): void {
  const parkedRows = documents.map(({ document, position, stream, revision, type, events, error }) => [
    document,
    position,
    `${stream}/${String(revision)}`,
    type,
    events,
    error,
  ]);
  print(tableOf(['document', 'position', 'event', 'type', 'waiting', 'why'], parkedRows));
  if (skipped.length === 0) return;
  const skippedRows = skipped.map(({ document, position, type, by, at, reason }) => [
    document,
    position,
    type,
    by.id,
    at,
    reason,
  ]);
  print(tableOf(['skipped in', 'position', 'type', 'by', 'at', 'why'], skippedRows));
}

const retriedTable = ({ documents }: RetryResult): string =>
  tableOf(
    ['document', 'folded', 'still waiting', 'why'],
    documents.map(({ document, folded, waiting, failed }) => [document, folded, waiting, failed?.error ?? null]),
  );

function printReport(report: BuildReport, options: Options): void {
  if (options.json === true) printJson(report);
  else {
    const { name, outcome, events, built, live, differing, parked, swapped } = report;
    print(`${name}: ${outcome} after ${String(events)} events${swapped ? ', swapped in' : ''}`);
    print(
      tableOf(
        ['model', 'documents', 'digest', 'content digest'],
        [digestRow('live', live), digestRow('rebuilt', built)],
      ),
    );
    if (parked.length > 0) print(`parked: ${parked.join(', ')}`);
    if (differing.length > 0) print(`first documents that differ: ${differing.join(', ')}`);
  }
  const isCorrect = report.outcome === 'equal' && report.parked.length === 0;
  // a rebuild with a new version of the projection may differ; it has succeeded when its collection is live
  if (!isCorrect && !report.swapped) process.exitCode = 1;
}

const digestRow = (name: string, model: BuildReport['live']): (string | number | null)[] => [
  name,
  model?.documents ?? null,
  model?.digest.slice(0, 16) ?? null,
  model?.contentDigest.slice(0, 16) ?? null,
];
