import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { catalogue, decoder } from '../projections/catalogue.js';
import { complaintFile } from '../projections/complaint-file/projection.js';
import { idOfReference } from '../projections/complaint-file/query.js';
import { InProcessProjections } from '../projections/runner/in-process-projections.js';
import type { Projections } from '../projections/runner/projections.js';
import { ProjectionsService } from '../projections/runner/projections-service.js';
import type { EventStore, Position, StoredEvent } from './eventstore/event-store.js';
import { inspectSqliteStore, type Inspection } from './eventstore/sqlite/inspection.js';
import { openReadOnlyEventStore } from './eventstore/sqlite/read-only-event-store.js';
import { openSqliteEventStore } from './eventstore/sqlite/sqlite-event-store.js';
import type { Clock } from './platform/clock.js';
import type { Configuration } from './platform/configuration.js';
import { EmbeddedReadModels } from './readmodel/embedded/embedded-read-models.js';
import type { ReadModels } from './readmodel/read-models.js';

/** The stores of one process, opened as the configuration says. */
export interface Stores {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly projections: Projections;
  /** No other process can append to this event store (correctness.md §3.2b). */
  readonly onlyWriter: boolean;
  /** Tells processes that meet our lock where we answer. */
  announce(url: string): void;
  /** Stops the projections and closes everything, in that order. */
  close(): Promise<void>;
}

/** A configuration names an engine that this version does not have. */
export class EngineUnknown extends Error {
  override readonly name = 'EngineUnknown';
}

/** The compiled thread; sources that are run as they are (tests) have none and project `in-process`. */
const WORKER = new URL('../projections/runner/worker.js', import.meta.url);

/**
 * Opens the stores to write them. Projections run in a thread of their own, so that catching up never stalls commands.
 * @throws StoreOwned when another process writes them
 */
export async function openStores(
  configuration: Configuration,
  clock: Clock,
  projecting: 'in-thread' | 'in-process' = 'in-thread',
): Promise<Stores> {
  const { events, views } = embeddedPaths(configuration);
  for (const path of [events, views]) mkdirSync(dirname(path), { recursive: true });
  const running: { projections?: Projections } = {};
  const onCommit = (head: Position): void => running.projections?.notify(head);
  const eventStore = await openSqliteEventStore(events, { clock, onCommit });
  const { readModels, projections } =
    projecting === 'in-thread' ? inThread(events, views) : inProcess(eventStore, views);
  running.projections = projections;
  return {
    eventStore,
    readModels,
    projections,
    onlyWriter: true,
    announce: (url) => {
      eventStore.announce(url);
    },
    close: async () => {
      await projections.stop();
      await readModels.close();
      await eventStore.close();
    },
  };
}

type ReadSide = Pick<Stores, 'readModels' | 'projections'>;

/** The thread writes, this one only reads. */
function inThread(events: string, views: string): ReadSide {
  void EmbeddedReadModels.open(views).close(); // there must be a file before it is opened to read
  const files = { eventStore: events, readModels: views };
  return {
    readModels: EmbeddedReadModels.openReadOnly(views),
    projections: new ProjectionsService({ worker: WORKER, files }),
  };
}

function inProcess(store: EventStore, views: string): ReadSide {
  const readModels = EmbeddedReadModels.open(views);
  const decode = (event: StoredEvent) => decoder.decode(event);
  return { readModels, projections: new InProcessProjections({ store, readModels, decode, catalogue }) };
}

/** Opens what is there to read it, beside a service or without one. @throws Error when there is nothing yet */
export async function openStoresReadOnly(
  configuration: Configuration,
): Promise<Pick<Stores, 'eventStore' | 'readModels' | 'close'>> {
  const { events, views } = embeddedPaths(configuration);
  const eventStore = await openReadOnlyEventStore(events);
  const readModels = EmbeddedReadModels.openReadOnly(views);
  return {
    eventStore,
    readModels,
    close: async () => {
      await readModels.close();
      await eventStore.close();
    },
  };
}

/** The id behind a reference. Looks in the view; before it says no, it lets the view catch up with what is recorded. */
export async function findByReference(
  { eventStore, readModels, projections }: Stores,
  reference: string,
): Promise<string | undefined> {
  const found = await idOfReference(readModels, reference);
  if (found !== undefined) return found;
  const head = await eventStore.head();
  if (head === null || !(await projections.waitFor(complaintFile.name, head, 5000))) return undefined;
  return idOfReference(readModels, reference);
}

/** The event store as it stands on disk, for verification; also beside the process that writes it. */
export const inspectEventStore = (configuration: Configuration): Inspection =>
  inspectSqliteStore(embeddedPaths(configuration).events);

/** The files of the embedded stores. */
export function embeddedPaths({ eventStore, readModels }: Configuration): {
  readonly events: string;
  readonly views: string;
} {
  if (eventStore.engine !== 'sqlite')
    throw new EngineUnknown(`REDRESS_EVENTSTORE names ${eventStore.engine}, which this version does not have`);
  if (readModels.engine !== 'embedded')
    throw new EngineUnknown(`REDRESS_READMODELS names ${readModels.engine}, which this version does not have`);
  return { events: eventStore.path, views: readModels.path };
}
