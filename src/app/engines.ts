import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LogSource } from '../audit/verify.js';
import type { EventStore, Position } from '../eventstore/event-store.js';
import { openEventStoreDb } from '../eventstore/eventstoredb/eventstoredb-event-store.js';
import { inspectSqliteStore } from '../eventstore/sqlite/inspection.js';
import { openReadOnlyEventStore } from '../eventstore/sqlite/read-only-event-store.js';
import { openSqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import type { Clock } from '../platform/clock.js';
import type { EventStoreAddress, ReadModelsAddress } from '../platform/configuration.js';
import { EmbeddedReadModels } from '../readmodels/embedded/embedded-read-models.js';
import type { Leases } from '../readmodels/lease.js';
import { openMongoReadModels } from '../readmodels/mongodb/mongo-read-models.js';
import type { ReadModels } from '../readmodels/read-models.js';

/** Opens the adapter for an address; the only module that imports all adapters. */

export interface WritableEventStore {
  readonly eventStore: EventStore;
  /** No other process can append to it. */
  readonly onlyWriter: boolean;
  /** Publishes our address to processes that find the store locked. */
  readonly announce: (url: string) => void;
}

/** @throws StoreOwned, StoreUnavailable, StoreFormatUnknown */
export async function openEventStore(
  address: EventStoreAddress,
  clock: Clock,
  onCommit: (head: Position) => void,
): Promise<WritableEventStore> {
  if (address.engine === 'eventstoredb') {
    const eventStore = await openEventStoreDb(address.url, { clock });
    return { eventStore, onlyWriter: false, announce: () => undefined };
  }
  mkdirSync(dirname(address.path), { recursive: true });
  const eventStore = await openSqliteEventStore(address.path, { clock, onCommit });
  return { eventStore, onlyWriter: true, announce: eventStore.announce.bind(eventStore) };
}

/** Opens it read-only while another process may write it. @param notify receives a function to call when there may be new events */
export const openEventStoreToRead = (
  address: EventStoreAddress,
  notify?: (wake: () => void) => void,
): Promise<EventStore> =>
  address.engine === 'eventstoredb'
    ? openEventStoreDb(address.url)
    : openReadOnlyEventStore(address.path, notify === undefined ? {} : { notify });

/** Opens the stored log for verification. */
export async function openLogSource(address: EventStoreAddress): Promise<LogSource & { close(): void }> {
  if (address.engine === 'sqlite') return inspectSqliteStore(address.path);
  const store = await openEventStoreDb(address.url);
  return { readAll: (options) => store.readAll(options), close: () => void store.close() };
}

export interface WritableReadModels {
  readonly readModels: ReadModels;
  /** Leases that elect the projecting process; null if the lock of the event store already decides it. */
  readonly leases: Leases | null;
}

/** Creates missing files and folders. @throws ReadModelsUnavailable */
export async function openReadModels(address: ReadModelsAddress): Promise<WritableReadModels> {
  if (address.engine === 'mongodb') {
    const readModels = await openMongoReadModels(address.url);
    return { readModels, leases: readModels.leases };
  }
  mkdirSync(dirname(address.path), { recursive: true });
  return { readModels: EmbeddedReadModels.open(address.path), leases: null };
}

/** @throws Error if the read models do not exist yet */
export const openReadModelsToRead = async (address: ReadModelsAddress): Promise<ReadModels> =>
  address.engine === 'mongodb' ? openMongoReadModels(address.url) : EmbeddedReadModels.openReadOnly(address.path);
