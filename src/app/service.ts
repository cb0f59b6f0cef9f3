import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { bearerAuthentication } from '../access/bearer.js';
import type { Keys } from '../access/keys.js';
import { COMMANDS_PATH } from '../api/commands.controller.js';
import { Problem as ProblemAnswer } from '../api/answers/problem.js';
import { HISTORY_PATH } from '../api/complaint-queries.controller.js';
import { CFPB_IMPORT_PATH } from '../api/imports.controller.js';
import { ServiceAddress } from '../api/proof.controller.js';
import { TRENDS_PATH } from '../api/trends.controller.js';
import { AppModule } from './app.module.js';
import type { Verify } from '../audit/verify.js';
import { verifyHere, verifyInThread } from './verification.js';
import { CommandService } from '../complaint/command-service.js';
import { mapError } from '../operations/map-error.js';
import { BatchRecorder } from '../intake-batch/batch-recorder.js';
import { waitForServers } from './late-servers.js';
import { lookups } from './lookups.js';
import { systemClock, type Clock } from '../platform/clock.js';
import { isComplaintId } from '../complaint/identity.js';
import { parseReference } from '../complaint/reference.js';
import type { Configuration } from '../platform/configuration.js';
import { configureApp, createHttpAdapter } from '../platform/http/adapter.js';
import { Problem } from '../platform/http/problem.js';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../platform/http/slow-connections.js';
import { streamBodies } from '../platform/http/streamed-body.js';
import { Jobs } from '../platform/jobs.js';
import { createLog, nestLog } from '../platform/log.js';
import { Metrics } from '../platform/metrics.js';
import { describeApi, serveDocs } from '../platform/http/openapi.js';
import { serverAddress } from '../platform/server-unusable.js';
import { removeServerFile, writeServerFile } from '../platform/server-file.js';
import { Alarms } from '../operations/alarms.js';
import { measureProjections } from '../operations/projection-metrics.js';
import { Readiness } from '../operations/readiness.js';
import { TimersHealth } from '../operations/timers-health.js';
import { startTracing, stopTracing } from '../platform/tracing.js';
import { installationKeys } from './installation-keys.js';
import { followReference, openReference } from './reference.js';
import { openStores, type Stores } from './stores.js';
import { ProcessTimers } from './timers.js';

export interface ServiceOptions {
  readonly configuration: Configuration;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Thread in which projections run: a worker thread (default), or the main thread, as uncompiled sources (tests) need. */
  readonly projectionThread?: 'worker' | 'main';
  /** Limits for connections (default {@link CONNECTION_LIMITS}). */
  readonly connectionLimits?: ConnectionLimits;
  /** Timeout for requests in progress when the service stops, in milliseconds (default 20,000). */
  readonly stopTimeoutMs?: number;
  /** Whether the timers start with the service (default true); otherwise {@link Service.startTimers} starts them. */
  readonly startTimers?: boolean;
  /** Called when the service accepts requests, before it announces its URL. */
  readonly onListening?: () => void;
}

export interface Service {
  readonly url: string;
  readonly keys: Keys;
  readonly app: NestFastifyApplication;
  readonly stores: Stores;
  /** Starts the timers, if the role of the process has timers and they do not run yet. */
  startTimers(): void;
  /** Rejects new requests, answers those in progress, then closes the stores. Further calls return the same promise. */
  stop(): Promise<void>;
}

/**
 * Starts the service in this process; waits for servers that are still starting.
 * @throws StoreOwned, KeysInvalid, IndexKeyInvalid, ConfigurationInvalid, ServerUnusable
 */
export async function startService({
  configuration,
  clock = systemClock,
  log,
  projectionThread,
  ...options
}: ServiceOptions): Promise<Service> {
  const logger = log ?? createLog(configuration.log);
  if (configuration.traces !== undefined)
    startTracing(configuration.traces, (error) => {
      logger.warn(
        { collector: serverAddress(configuration.traces ?? ''), err: error },
        'traces cannot be sent and are lost',
      );
    });
  const onThreadDeath = (error: Error): void => {
    logger.warn({ err: error }, 'the worker thread that runs the projections ended');
  };
  const openStore = waitForServers({
    limitMs: configuration.startSeconds * 1000,
    onRetry: ({ message }) => {
      logger.warn(`${message}; trying again`);
    },
  });
  const stores = await openStores(configuration, clock, projectionThread, onThreadDeath, openStore);
  try {
    const { eventStore, readModels, subjects } = configuration;
    const verifiedStores = { eventStore, readModels, subjects };
    const verify = (projectionThread === 'main' ? verifyHere : verifyInThread)(verifiedStores);
    return await serve(configuration, clock, logger, stores, verify, options);
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
  {
    stopTimeoutMs = 20_000,
    connectionLimits = CONNECTION_LIMITS,
    onListening = () => undefined,
    startTimers = true,
  }: Pick<ServiceOptions, 'stopTimeoutMs' | 'connectionLimits' | 'onListening' | 'startTimers'>,
): Promise<Service> {
  const { eventStore, readModels, subjectIndex, projections, onlyWriter } = stores;
  const keys = await installationKeys(configuration, eventStore, log);
  const address = new ServiceAddress();
  if (stores.indexKeyExposed)
    log.warn('the key of the subject index can be read by users other than its owner; set its mode to 0600');
  const metrics = new Metrics();
  const { reference, referenceCommands } = await openReference(stores, clock, keys);
  const following = new AbortController();
  void followReference(reference, following.signal, (error) => {
    log.warn({ err: error }, 'the subscription to people and rules was lost; subscribing again');
  });
  const commands = new CommandService(eventStore, clock, {
    reference,
    recordPeople: (ids, actor) => referenceCommands.recordImported(ids, actor),
    onlyWriter,
    ...lookups(stores),
    onRecorded: (position) => {
      projections.notify(position);
    },
  });
  const batches = new BatchRecorder(eventStore, clock, { onlyWriter });
  const jobs = new Jobs(clock);
  await projections.start();
  const readiness = new Readiness(stores, clock).registerMetrics(metrics);
  measureProjections(metrics, projections, clock, (name) => readiness.isStalled(name));
  const timers = new ProcessTimers({ configuration, stores, commands, keys, clock, log });
  const timersHealth = new TimersHealth(readModels, timers, clock).registerMetrics(metrics);

  const module = AppModule.forRole(configuration.role, {
    keys,
    address,
    clock,
    reference,
    referenceCommands,
    metrics,
    commands,
    batches,
    jobs,
    verify,
    eventStore,
    readModels,
    subjectIndex,
    projections,
    checks: [...readiness.checks, timersHealth.check],
  });
  const callerName = ({ caller }: FastifyRequest): string | undefined => caller?.name;
  const adapter = createHttpAdapter({ limits: connectionLimits, callerName });
  streamBodies(adapter.getInstance(), {
    typesByPath: { [`/${COMMANDS_PATH}`]: 'application/x-ndjson', [`/${CFPB_IMPORT_PATH}`]: 'text/csv' },
    rate: connectionLimits.streamRate,
    maxOpen: connectionLimits.maxOpenStreams,
    callerName,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: nestLog(log),
    abortOnError: false,
  });
  configureApp(app, {
    authenticate: bearerAuthentication(keys),
    callerName,
    complaintOf,
    otherTypes: { [`/${TRENDS_PATH}`]: 'text/csv', [`/${HISTORY_PATH}`]: 'application/x-ndjson' },
    log,
    metrics,
    toProblem,
  });
  serveDocs(app, describeApi(app, ProblemAnswer));
  await app.listen(configuration.port, configuration.host);
  onListening();
  const alarms = new Alarms(readiness.start(), log);
  const url = await app.getUrl();
  address.url = url; // before `writeServerFile`: a process that reads the file asks for the proof at once
  const serverInfo = { url, pid: process.pid, startedAt: systemClock.now() };
  // before `announce`: a process that reads the announced URL must find this file too
  writeServerFile(configuration, serverInfo);
  stores.announce(url);
  log.info({ url, data: configuration.data }, 'listening');
  if (startTimers) timers.start();

  let stopped: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    removeServerFile(configuration, serverInfo);
    following.abort();
    jobs.cancelAll();
    alarms.stop();
    readiness.stop();
    try {
      await timers.stop();
      await closeConnections(app, stopTimeoutMs);
      await commands.drained();
      await referenceCommands.drained();
    } finally {
      await stores.close();
    }
    if (configuration.traces !== undefined) await stopTracing();
    log.info('stopped');
  };
  return {
    url,
    keys,
    app,
    stores,
    startTimers: () => {
      timers.start();
    },
    stop: () => (stopped ??= shutDown()),
  };
}

/**
 * Closes each connection when it is idle; otherwise clients could keep it open for their next request. Closes the
 * others after `stopTimeoutMs`, because a client may never send the rest of its request or read its answer.
 */
async function closeConnections(app: NestFastifyApplication, stopTimeoutMs: number): Promise<void> {
  const { server } = app.getHttpAdapter().getInstance();
  const idleCheck = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_CHECK_INTERVAL_MS);
  const timeout = setTimeout(() => {
    server.closeAllConnections();
  }, stopTimeoutMs);
  try {
    await app.close();
  } finally {
    clearInterval(idleCheck);
    clearTimeout(timeout);
  }
}

const IDLE_CHECK_INTERVAL_MS = 50;

/** The id or the reference in the path of a complaint; undefined for any other text, which could be personal data. */
function complaintOf({ params, routeOptions }: FastifyRequest): string | undefined {
  if (routeOptions.url?.startsWith('/v1/complaints/') !== true) return undefined;
  const { id = '' } = params as { readonly id?: string };
  return isComplaintId(id.toLowerCase()) ? id.toLowerCase() : parseReference(id);
}

/** The problem to answer with for an error of a store; undefined for an unknown error. */
function toProblem(error: unknown): Problem | undefined {
  const answer = mapError(error);
  if (answer === undefined) return undefined;
  const { status, code, message, retryAfter } = answer;
  return new Problem(status, code, message, {
    ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
  });
}
