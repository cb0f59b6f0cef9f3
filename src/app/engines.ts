import { existsSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { LogSource } from '../audit/verify.js';
import type { EventStore, Position } from '../eventstore/event-store.js';
import { diagnoseEventStoreDb } from '../eventstore/eventstoredb/diagnosis.js';
import {
  openEventStoreDb,
  openEventStoreDbLog,
  openEventStoreDbToRead,
} from '../eventstore/eventstoredb/eventstoredb-event-store.js';
import { inspectSqliteStore } from '../eventstore/sqlite/inspection.js';
import { openReadOnlyEventStore } from '../eventstore/sqlite/read-only-event-store.js';
import { openSqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { STORE_STREAM, StoreMissing } from '../eventstore/store-header.js';
import type { Clock } from '../platform/clock.js';
import type { EventStoreAddress, ReadModelsAddress } from '../platform/configuration.js';
import { createPrivateFolder } from '../platform/private-files.js';
import {
  serverAddress,
  ServerUnusable,
  unusableMessage,
  type Diagnosis,
  type ExplainFailure,
  type Server,
} from '../platform/server-unusable.js';
import { sqliteCode } from '../platform/sqlite.js';
import { HOW_TO_BUILD } from '../readmodels/active-model.js';
import { AggregationThread } from '../readmodels/embedded/aggregation-thread.js';
import { readModelDifferences } from '../readmodels/embedded/inspection.js';
import { EmbeddedReadModels } from '../readmodels/embedded/embedded-read-models.js';
import type { Leases } from '../readmodels/lease.js';
import { diagnoseMongo } from '../readmodels/mongodb/diagnosis.js';
import { openMongoReadModels, type MongoReadModels } from '../readmodels/mongodb/mongo-read-models.js';
import { ReadModelsUnavailable, type ReadModels } from '../readmodels/read-models.js';

/*
 * Opens the adapter that an address names, and explains its errors. No other module imports the adapters of every engine.
 */

export interface WritableEventStore {
  readonly eventStore: EventStore;
  /** True if no other process can append to this store. */
  readonly onlyWriter: boolean;
  /** Publishes the URL of this service to processes that find the store locked. */
  readonly announce: (url: string) => void;
}

/**
 * Opens the event store to append to it.
 * @throws StoreOwned, ServerUnusable, StoreFormatUnknown
 */
export async function openEventStore(
  address: EventStoreAddress,
  clock: Clock,
  onCommit: (head: Position) => void,
): Promise<WritableEventStore> {
  if (address.engine === 'eventstoredb') {
    const eventStore = await withEventStoreDbDiagnosis(address.url, () => openEventStoreDb(address.url, { clock }));
    await withEventStoreDbDiagnosis(address.url, () => checkLogReadable(eventStore));
    return { eventStore, onlyWriter: false, announce: () => undefined };
  }
  createPrivateFolder(dirname(address.path));
  const eventStore = await openSqliteEventStore(address.path, { clock, onCommit });
  return { eventStore, onlyWriter: true, announce: eventStore.announce.bind(eventStore) };
}

/** Fails if the database user may read streams but not the log of all events, which the read models need. */
async function checkLogReadable(eventStore: EventStore): Promise<void> {
  try {
    await eventStore.head();
  } catch (error) {
    await eventStore.close();
    throw error;
  }
}

/**
 * Opens the event store read-only. Another process may append to it meanwhile.
 * @param registerWake called once with a function `wake`; call `wake` whenever the store may have new events
 * @throws StoreMissing, ServerUnusable, DatabaseUnopened, StoreFormatUnknown
 */
export const openEventStoreToRead = async (
  address: EventStoreAddress,
  registerWake?: (wake: () => void) => void,
): Promise<EventStore> => {
  if (address.engine === 'eventstoredb')
    return withEventStoreDbDiagnosis(address.url, () => openEventStoreDbToRead(address.url));
  requireStoreFile(address.path);
  return openReadOnlyEventStore(address.path, registerWake === undefined ? {} : { registerWake });
};

/** @throws StoreMissing */
function requireStoreFile(path: string): void {
  const found = whatIsInsteadOf(path);
  if (found !== undefined) throw new StoreMissing(path, found);
}

/** What is found instead of the file, in words; undefined if the path is that of a file. */
function whatIsInsteadOf(path: string): string | undefined {
  if (existsSync(path)) return statSync(path).isDirectory() ? 'a folder' : undefined;
  const folder = dirname(path);
  if (!existsSync(folder)) return `no folder ${folder}`;
  return statSync(folder).isDirectory() ? `no file ${basename(path)} in the folder` : `${folder} is a file`;
}

/** The stores that are verified: the log and, if they are embedded, the tables of the read models and of the index. */
export interface VerifiedStores {
  readonly eventStore: EventStoreAddress;
  readonly readModels?: ReadModelsAddress;
  readonly subjects?: ReadModelsAddress;
}

type ClosableLogSource = LogSource & { close(): void };

/** Opens the stores for verification; writes nothing. @throws StoreMissing, ServerUnusable, DatabaseUnopened */
export async function openLogSource({ eventStore, readModels, subjects }: VerifiedStores): Promise<ClosableLogSource> {
  const source = await openLog(eventStore);
  const files = [readModels, subjects].flatMap((store) => (store?.engine === 'embedded' ? [store.path] : []));
  if (files.length === 0) return source;
  const schemaDifferences = async (): Promise<string[]> => [
    ...((await source.schemaDifferences?.()) ?? []),
    ...files.flatMap(tableDifferences),
  ];
  return { ...source, schemaDifferences };
}

/** Tables that cannot be compared also count as a difference: the events can be verified without them. */
function tableDifferences(path: string): string[] {
  try {
    return readModelDifferences(path);
  } catch (error) {
    const isBusy = sqliteCode(error)?.startsWith('SQLITE_BUSY') === true; // the tables may be correct
    if (isBusy || !(error instanceof Error)) throw error;
    return [`the tables of ${path} cannot be compared: ${error.message}`];
  }
}

async function openLog(address: EventStoreAddress): Promise<ClosableLogSource> {
  if (address.engine === 'sqlite') {
    requireStoreFile(address.path);
    const source = inspectSqliteStore(address.path);
    if (await isEmpty(source)) {
      source.close();
      throw new StoreMissing(address.path);
    }
    return source;
  }
  const { url } = address;
  return withEventStoreDbDiagnosis(url, async () => {
    const log = openEventStoreDbLog(url);
    try {
      const [first] = await log.read(STORE_STREAM, { limit: 1 });
      if (first === undefined) throw new StoreMissing(serverAddress(url));
    } catch (error) {
      await log.close();
      throw error;
    }
    const readAll: LogSource['readAll'] = (options) => withEventStoreDbDiagnosis(url, () => log.readAll(options));
    return { shared: true, readAll, close: () => void log.close() };
  });
}

/** False also if the first event cannot be read, because verification then reports that event. */
const isEmpty = (source: LogSource): Promise<boolean> =>
  source.readAll({ limit: 1 }).then(
    ({ length }) => length === 0,
    () => false,
  );

export interface WritableReadModels {
  readonly readModels: ReadModels;
  /** Leases that elect the process that runs projections; null if only the owner of the event store can run them. */
  readonly leases: Leases | null;
}

/** The settings with the address of a store of read models, named in error messages. */
type ReadModelsSetting = 'REDRESS_READMODELS' | 'REDRESS_SUBJECTS';

/**
 * Opens a store of read models to write it; creates missing files and folders.
 * @param aggregationWorker the compiled entry point of a thread that groups documents; without it, this thread does
 * @throws ServerUnusable
 */
export async function openReadModels(
  address: ReadModelsAddress,
  setting: ReadModelsSetting = 'REDRESS_READMODELS',
  aggregationWorker?: URL,
): Promise<WritableReadModels> {
  if (address.engine === 'mongodb') {
    const readModels = await openMongo(address, setting);
    return { readModels, leases: readModels.leases };
  }
  createPrivateFolder(dirname(address.path));
  const { path } = address;
  const aggregations = aggregationWorker && new AggregationThread(aggregationWorker, path);
  return { readModels: EmbeddedReadModels.open(path, aggregations), leases: null };
}

/** The file of the read models, or of the index of personal values, does not exist: no service has built them. */
export class ReadModelsMissing extends Error {
  override readonly name = 'ReadModelsMissing';
  constructor(path: string, setting: ReadModelsSetting) {
    const what = setting === 'REDRESS_SUBJECTS' ? 'the index of personal values has' : 'the read models have';
    super(`${what} not been built yet (there is no ${path}); ${HOW_TO_BUILD}`);
  }
}

/** Opens existing read models read-only. @throws ServerUnusable, ReadModelsMissing */
export async function openReadModelsToRead(
  address: ReadModelsAddress,
  setting: ReadModelsSetting = 'REDRESS_READMODELS',
): Promise<ReadModels> {
  if (address.engine === 'mongodb') return openMongo(address, setting);
  if (!existsSync(address.path)) throw new ReadModelsMissing(address.path, setting);
  return EmbeddedReadModels.openReadOnly(address.path);
}

type MongoAddress = Extract<ReadModelsAddress, { engine: 'mongodb' }>;

const openMongo = (address: MongoAddress, setting: ReadModelsSetting): Promise<MongoReadModels> => {
  const { url, database } = address;
  return withDiagnosis(mongoAt(address, setting), diagnoseMongo, async () => {
    const where = placeOf(address, setting);
    const readModels = await openMongoReadModels(url, { where, ...(database !== undefined && { database }) });
    try {
      await readModels.listCollections(); // fails if the user may not read the database
      return readModels;
    } catch (error) {
      await readModels.close();
      throw error;
    }
  });
};

const withEventStoreDbDiagnosis = <T>(url: string, work: () => Promise<T>): Promise<T> =>
  withDiagnosis(eventStoreDbAt(url), diagnoseEventStoreDb, work);

const eventStoreDbAt = (url: string): Server => ({ name: 'the event store', setting: 'REDRESS_EVENTSTORE', url });
const mongoAt = ({ url, database }: MongoAddress, setting: ReadModelsSetting): Server => ({
  name: database === undefined ? 'MongoDB' : `the database ${database} of MongoDB`,
  setting,
  url,
});

/** Tells the stores of read models apart in errors. */
const placeOf = ({ url }: MongoAddress, setting: ReadModelsSetting): string => `${serverAddress(url)} (${setting})`;

/** Does the work. If `diagnose` recognises its error, throws ServerUnusable instead. */
async function withDiagnosis<T>(
  server: Server,
  diagnose: (error: unknown) => Diagnosis | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const diagnosis = diagnose(error);
    throw diagnosis === undefined ? error : new ServerUnusable(server, diagnosis, { cause: error });
  }
}

/** Error messages of the embedded stores about the disk or the file. They never quote an event. */
const DISK_ERROR =
  /disk is full|is damaged: |disk I\/O error|readonly database|unable to open database|has locked the event store/;

/** Returns the function that explains the errors of the stores at these addresses. */
export function explainFailures({ eventStore, readModels, subjects }: Required<VerifiedStores>): ExplainFailure {
  return (error) =>
    explainEventStore(error, eventStore) ??
    explainReadModels(error, readModels, 'REDRESS_READMODELS') ??
    explainReadModels(error, subjects, 'REDRESS_SUBJECTS');
}

const explainEventStore = (error: unknown, address: EventStoreAddress): string | undefined =>
  address.engine === 'eventstoredb'
    ? explain(eventStoreDbAt(address.url), diagnoseEventStoreDb(error))
    : diskError(error);

function explainReadModels(error: unknown, address: ReadModelsAddress, setting: ReadModelsSetting): string | undefined {
  if (address.engine === 'embedded') return diskError(error);
  // other errors are about the arguments of a call, or come from another store
  if (!(error instanceof ReadModelsUnavailable) || error.where !== placeOf(address, setting)) return undefined;
  return explain(mongoAt(address, setting), diagnoseMongo(error));
}

const explain = (server: Server, diagnosis: Diagnosis | undefined): string | undefined =>
  diagnosis && unusableMessage(server, diagnosis);

/** The message about the disk or the file in an error or its causes; undefined if there is none. */
function diskError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return diskError(error.cause) ?? (DISK_ERROR.test(error.message) ? error.message : undefined);
}
