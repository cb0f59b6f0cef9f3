import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { NotBuilt } from '../projections/live-model.js';
import { ProjectionHalted } from '../projections/runner/failures.js';
import { BuildUnderWay } from '../projections/runner/projections.js';
import { WorkerLost } from '../projections/runner/projections-service.js';
import { RunsElsewhere } from '../projections/runner/watched-projections.js';
import { bearerAuthentication } from './access/bearer.js';
import { loadKeys, type Keys } from './access/keys.js';
import { COMMANDS_ADDRESS } from './api/commands.controller.js';
import { CFPB_ADDRESS } from './api/imports.controller.js';
import { AppModule } from './app.module.js';
import { verifyHere, verifyInThread, type Verify } from './audit/verification.js';
import { RecordingDesk } from './complaint/complaint-desk.js';
import { StoreUnavailable } from './eventstore/event-store.js';
import { BatchBook } from './intake-batch/batch-book.js';
import { UnknownLayout } from './import/cfpb.js';
import { lookups } from './lookups.js';
import { systemClock, type Clock } from './platform/clock.js';
import type { Configuration } from './platform/configuration.js';
import { configureApp, createHttpAdapter } from './platform/http/adapter.js';
import { Problem } from './platform/http/problem.js';
import { streamBodies } from './platform/http/streamed-body.js';
import { Jobs } from './platform/jobs.js';
import { createLog, nestLog } from './platform/log.js';
import { Metrics } from './platform/metrics.js';
import { describeApi, serveDocs } from './platform/openapi.js';
import { removeServerFile, writeServerFile } from './platform/server-file.js';
import { QueryTooSlow, ReadModelsUnavailable } from './readmodel/read-models.js';
import { Alarms } from './alarms.js';
import { measureProjections } from './projection-metrics.js';
import { Readiness } from './readiness.js';
import { startTracing, stopTracing } from './platform/tracing.js';
import { openStores, type Stores } from './stores.js';

export interface ServiceOptions {
  readonly configuration: Configuration;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Where the read models are folded (default `in-thread`); sources that are not compiled fold `in-process`. */
  readonly projecting?: 'in-thread' | 'in-process';
}

export interface Service {
  readonly url: string;
  readonly keys: Keys;
  readonly app: NestFastifyApplication;
  readonly stores: Stores;
  /** Stops taking requests, answers those taken, stores the checkpoints, closes. May be called again. */
  stop(): Promise<void>;
}

/** Starts the whole service in this process. @throws StoreOwned, KeysInvalid, ConfigurationInvalid */
export async function startService({
  configuration,
  clock = systemClock,
  log,
  projecting,
}: ServiceOptions): Promise<Service> {
  const logger = log ?? createLog(configuration.log);
  if (configuration.traces !== undefined) startTracing(configuration.traces);
  const stores = await openStores(configuration, clock, projecting, (error) => {
    logger.warn({ err: error }, 'the thread of the projections ended');
  });
  try {
    const verify = (projecting === 'in-process' ? verifyHere : verifyInThread)(configuration.eventStore);
    return await serve(configuration, clock, logger, stores, verify);
  } catch (error) {
    await stores.close();
    throw error;
  }
}

async function serve(
  configuration: Configuration,
  clock: Clock,
  log: Logger,
  stores: Stores,
  verify: Verify,
): Promise<Service> {
  const { eventStore, readModels, projections, onlyWriter } = stores;
  const keys = loadKeys(configuration.data);
  if (keys.exposed) log.warn('keys.json can be read by others than its owner');
  const metrics = new Metrics();
  const settings = configuration.house;
  const desk = new RecordingDesk(eventStore, clock, {
    settings,
    onlyWriter,
    ...lookups(stores),
    onRecorded: (position) => {
      projections.notify(position);
    },
  });
  const book = new BatchBook(eventStore, clock, { onlyWriter });
  const jobs = new Jobs(clock);
  await projections.start();
  const readiness = new Readiness(stores, clock).measureBy(metrics);
  measureProjections(metrics, projections, clock, (name) => readiness.standsStill(name));

  const module = AppModule.on(configuration.role, {
    keys,
    clock,
    settings,
    metrics,
    desk,
    book,
    jobs,
    verify,
    eventStore,
    readModels,
    projections,
    checks: readiness.checks,
  });
  const adapter = createHttpAdapter();
  streamBodies(adapter.getInstance(), {
    [`/${COMMANDS_ADDRESS}`]: 'application/x-ndjson',
    [`/${CFPB_ADDRESS}`]: 'text/csv',
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLog(log),
    abortOnError: false,
  });
  configureApp(app, {
    authenticate: bearerAuthentication(keys),
    callerName: ({ caller }) => caller?.name,
    log,
    metrics,
    mapping,
  });
  serveDocs(app, describeApi(app));
  await app.listen(configuration.port, configuration.host);
  const alarms = new Alarms(readiness.start(), log);
  const url = await app.getUrl();
  stores.announce(url);
  const answering = { url, pid: process.pid, startedAt: systemClock.now() };
  writeServerFile(configuration, answering);
  log.info({ url, data: configuration.data }, 'listening');

  let stopped: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    removeServerFile(configuration, answering);
    jobs.cancelAll();
    alarms.stop();
    readiness.stop();
    await closeConnections(app);
    await desk.drained();
    await stores.close();
    if (configuration.traces !== undefined) await stopTracing();
    log.info('stopped');
  };
  return { url, keys, app, stores, stop: () => (stopped ??= shutDown()) };
}

/** A connection that has its answer would else be kept for the next request, which is not taken any more. */
async function closeConnections(app: NestFastifyApplication): Promise<void> {
  const { server } = app.getHttpAdapter().getInstance();
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
  }
}

/** What ports throw when nobody is to blame who sends a request. */
function mapping(error: unknown): Problem | undefined {
  if (error instanceof StoreUnavailable)
    return new Problem(503, 'event_store_unavailable', 'the event store cannot be reached; nothing was written', {
      headers: { 'retry-after': '5' },
    });
  if (error instanceof ReadModelsUnavailable)
    return new Problem(503, 'read_models_unavailable', 'the read models cannot be reached', {
      headers: { 'retry-after': '5' },
    });
  if (error instanceof QueryTooSlow)
    return new Problem(503, 'query_too_slow', error.message, { headers: { 'retry-after': '5' } });
  if (error instanceof UnknownLayout) return new Problem(400, 'unknown_layout', error.message);
  if (error instanceof RunsElsewhere) return new Problem(409, 'projections_run_elsewhere', error.message);
  if (error instanceof BuildUnderWay) return new Problem(409, 'projection_busy', error.message);
  if (error instanceof ProjectionHalted) return new Problem(409, 'projection_halted', error.message);
  if (error instanceof WorkerLost)
    return new Problem(503, 'projections_unavailable', error.message, { headers: { 'retry-after': '5' } });
  if (error instanceof NotBuilt)
    return new Problem(503, 'not_yet_visible', error.message, { headers: { 'retry-after': '1' } });
  return undefined;
}
