import { dirname } from 'node:path';
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
import { serverAddress, ServerUnusable, type Diagnosis, type Server } from '../platform/server-unusable.js';
import { sqliteCode } from '../platform/sqlite.js';
import { readModelDifferences } from '../readmodels/embedded/inspection.js';
import { EmbeddedReadModels } from '../readmodels/embedded/embedded-read-models.js';
import type { Leases } from '../readmodels/lease.js';
import { diagnoseMongo } from '../readmodels/mongodb/diagnosis.js';
import { openMongoReadModels, type MongoReadModels } from '../readmodels/mongodb/mongo-read-models.js';
import type { ReadModels } from '../readmodels/read-models.js';

/*
 * Opens the adapter that an address names. No other module imports the adapters of every engine.
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
 * @throws StoreOwned, ServerUnusable, ConnectionStringInvalid, StoreFormatUnknown
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
 * @throws StoreMissing, ServerUnusable, ConnectionStringInvalid, DatabaseUnopened, StoreFormatUnknown
 */
export const openEventStoreToRead = (
  address: EventStoreAddress,
  registerWake?: (wake: () => void) => void,
): Promise<EventStore> =>
  address.engine === 'eventstoredb'
    ? withEventStoreDbDiagnosis(address.url, () => openEventStoreDbToRead(address.url))
    : openReadOnlyEventStore(address.path, registerWake === undefined ? {} : { registerWake });

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

/** Opens a store of read models to write it; creates missing files and folders. @throws ServerUnusable */
export async function openReadModels(
  address: ReadModelsAddress,
  setting: ReadModelsSetting = 'REDRESS_READMODELS',
): Promise<WritableReadModels> {
  if (address.engine === 'mongodb') {
    const readModels = await openMongo(address, setting);
    return { readModels, leases: readModels.leases };
  }
  createPrivateFolder(dirname(address.path));
  return { readModels: EmbeddedReadModels.open(address.path), leases: null };
}

/** Opens existing read models read-only. @throws ServerUnusable, or Error if the read models do not exist yet */
export const openReadModelsToRead = async (
  address: ReadModelsAddress,
  setting: ReadModelsSetting = 'REDRESS_READMODELS',
): Promise<ReadModels> =>
  address.engine === 'mongodb' ? openMongo(address, setting) : EmbeddedReadModels.openReadOnly(address.path);

const openMongo = (
  { url, database }: Extract<ReadModelsAddress, { engine: 'mongodb' }>,
  setting: ReadModelsSetting,
): Promise<MongoReadModels> =>
  withDiagnosis(
    { name: database === undefined ? 'MongoDB' : `the database ${database} of MongoDB`, setting, url },
    diagnoseMongo,
    async () => {
      const readModels = await openMongoReadModels(url, database === undefined ? {} : { database });
      try {
        await readModels.listCollections(); // fails if the user may not read the database
        return readModels;
      } catch (error) {
        await readModels.close();
        throw error;
      }
    },
  );

const withEventStoreDbDiagnosis = <T>(url: string, work: () => Promise<T>): Promise<T> =>
  withDiagnosis({ name: 'the event store', setting: 'REDRESS_EVENTSTORE', url }, diagnoseEventStoreDb, work);

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
