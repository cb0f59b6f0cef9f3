import { hostname } from 'node:os';
import { catalogue, decoder } from '../../projections/catalogue.js';
import { LeaderElectedProjections } from '../projection/leader-elected-projections.js';
import { ProjectionRunner } from '../projection/projection-runner.js';
import type { Projection } from '../projection/projection.js';
import type { Projections } from '../projection/projections.js';
import { headForProjections } from '../projection/history.js';
import { RemoteProjections } from '../projection/remote-projections.js';
import { WorkerProjectionRunner } from '../projection/worker-projection-runner.js';
import { AppendHealth } from '../operations/append-health.js';
import {
  explainFailures,
  openEventStore,
  openEventStoreToRead,
  openReadModels,
  openReadModelsToRead,
} from './engines.js';
import type { OpenStore } from './late-servers.js';
import { modelStores, subjectIndexOf, type Subjects } from './model-stores.js';
import type { EventStore, Position, StoredEvent } from '../eventstore/event-store.js';
import type { Clock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import type { ExplainFailure } from '../platform/server-unusable.js';
import type { Leases } from '../readmodels/lease.js';
import type { ReadModels } from '../readmodels/read-models.js';
import { loadExistingIndexKey, loadIndexKey, MissingIndexKey } from '../subject-index/index-key.js';
import { subjectIndexProjection } from '../subject-index/projection.js';
import type { SubjectIndex } from '../subject-index/subject-index.js';
import { Terms } from '../subject-index/terms.js';

/** The stores of one process, opened according to its configuration. */
export interface Stores {
  readonly eventStore: EventStore;
  /** Whether the event store accepts appends. */
  readonly appends: Pick<AppendHealth, 'appendOutage'>;
  readonly readModels: ReadModels;
  /** Finds complaints by personal values. */
  readonly subjectIndex: SubjectIndex;
  /** True if users other than the owner can read the key of that index. */
  readonly indexKeyExposed: boolean;
  readonly projections: Projections;
  /** Leases that elect the process that runs projections; null if only this process can run them. */
  readonly leases: Leases | null;
  /** Whether this process writes the read models now. */
  readonly leads: () => boolean;
  readonly explainFailure: ExplainFailure;
  /** True if no other process can append to this event store. */
  readonly onlyWriter: boolean;
  /** Publishes the URL of this service to processes that find the store locked. */
  readonly announce: (url: string) => void;
  /** Stops the projections, then closes the stores. */
  close(): Promise<void>;
}

/** The compiled workers. Uncompiled sources (tests) have none, so they do the same work in the main thread. */
const WORKER = new URL('./projection-worker.js', import.meta.url);
const AGGREGATION_WORKER = new URL('./aggregation-worker.js', import.meta.url);

/**
 * Opens the stores for writing. Projections run in a worker thread by default, so that catching up never delays
 * commands. If processes share the read models, projections run only while this process has the lease; in the roles
 * `api` and `timers`, never.
 * @param openStore calls a function that opens a store; it may retry while the server is still starting
 * @throws StoreOwned, ServerUnusable, IndexKeyInvalid
 */
export async function openStores(
  configuration: Configuration,
  clock: Clock,
  projectionThread: 'worker' | 'main' = 'worker',
  onThreadDeath: (error: Error) => void = () => undefined,
  openStore: OpenStore = (open) => open(),
): Promise<Stores> {
  const created: { projections?: Projections } = {}; // set below, because projections need the open event store
  const onCommit = (head: Position): void => created.projections?.notify(head);
  const aggregationWorker = projectionThread === 'worker' ? AGGREGATION_WORKER : undefined;
  const opened = await openEach(configuration, { clock, onCommit, openStore, aggregationWorker });
  const { eventStore, onlyWriter, announce, readModels, leases, indexKey, subjects } = opened;
  const stores = modelStores(readModels, subjects);
  const explainFailure = explainFailures(configuration);
  const { traces, phoneRegion } = configuration;
  const workerSettings = {
    eventStore: configuration.eventStore,
    readModels: configuration.readModels,
    subjects: { store: configuration.subjects, key: indexKey.key, phoneRegion },
    ...(traces !== undefined && { traces }),
  };
  const createRunner = (): Projections =>
    projectionThread === 'worker'
      ? new WorkerProjectionRunner({ worker: WORKER, settings: workerSettings, onCrash: onThreadDeath })
      : new ProjectionRunner({
          store: eventStore,
          stores,
          decode,
          othersReadCheckpoint: leases !== null,
          explainFailure,
        });
  const createRemote = (): RemoteProjections =>
    new RemoteProjections({ store: eventStore, stores, leases, explainFailure });
  const holder = `${hostname()} ${String(process.pid)}`;
  const neverLeads = configuration.role === 'api' || configuration.role === 'timers';
  const projections = neverLeads
    ? createRemote()
    : leases === null
      ? createRunner()
      : new LeaderElectedProjections({
          leases,
          holder,
          createRunner,
          remote: createRemote(),
          term: configuration.leaseSeconds * 1000,
        });
  created.projections = projections;
  const appends = new AppendHealth(clock, explainFailure);
  return {
    eventStore: appends.monitor(eventStore),
    appends,
    readModels,
    subjectIndex: subjectIndexOf(subjects),
    indexKeyExposed: indexKey.exposed,
    projections,
    leases,
    leads: () => (projections instanceof LeaderElectedProjections ? projections.leads : !neverLeads),
    explainFailure,
    onlyWriter,
    announce,
    close: async () => {
      await projections.stop();
      await opened.close();
    },
  };
}

interface OpenOptions {
  readonly clock: Clock;
  readonly onCommit: (head: Position) => void;
  readonly openStore: OpenStore;
  /** The compiled entry point of a thread that groups documents of the views; undefined: no such thread. */
  readonly aggregationWorker: URL | undefined;
}

/** Opens the event store, then the stores of read models. If one cannot be opened, closes those that are open. */
async function openEach(configuration: Configuration, { clock, onCommit, openStore, aggregationWorker }: OpenOptions) {
  const open: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const store of open.toReversed()) await store.close();
  };
  try {
    const events = await openStore(() => openEventStore(configuration.eventStore, clock, onCommit));
    open.push(events.eventStore);
    const indexKey = loadIndexKey(configuration.keys);
    const { readModels, leases } = await openStore(() =>
      openReadModels(configuration.readModels, 'REDRESS_READMODELS', aggregationWorker),
    );
    open.push(readModels);
    const { readModels: store } = await openStore(() => openReadModels(configuration.subjects, 'REDRESS_SUBJECTS'));
    open.push(store);
    const terms = new Terms({ key: indexKey.key, phoneRegion: configuration.phoneRegion });
    const subjects: Subjects = { store, terms };
    return { ...events, readModels, leases, indexKey, subjects, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const decode = (event: StoredEvent) => decoder.decode(event);

/** Opens existing stores read-only, while a service may be running. @throws Error if they do not exist yet */
export async function openStoresReadOnly(
  configuration: Configuration,
): Promise<Pick<Stores, 'eventStore' | 'readModels' | 'close'>> {
  const eventStore = await openEventStoreToRead(configuration.eventStore);
  const readModels = await openReadModelsToRead(configuration.readModels).catch(async (error: unknown) => {
    await eventStore.close();
    throw error;
  });
  return {
    eventStore,
    readModels,
    close: async () => {
      await readModels.close();
      await eventStore.close();
    },
  };
}

/**
 * Opens the existing index of personal values read-only, while a service may be running.
 * @throws MissingIndexKey, IndexKeyInvalid, or Error if the index does not exist yet
 */
export async function openSubjectsReadOnly({ keys, subjects, phoneRegion }: Configuration): Promise<{
  readonly subjectIndex: SubjectIndex;
  readonly store: ReadModels;
  readonly projection: Projection;
}> {
  const key = loadExistingIndexKey(keys);
  if (key === undefined) throw new MissingIndexKey(keys);
  const store = await openReadModelsToRead(subjects, 'REDRESS_SUBJECTS');
  const terms = new Terms({ key, phoneRegion });
  return { subjectIndex: subjectIndexOf({ store, terms }), store, projection: subjectIndexProjection(terms) };
}

/** Resolves when every running read model includes all events that are recorded now, or after 24 hours. */
export async function waitUntilCaughtUp({
  eventStore,
  projections,
}: Pick<Stores, 'eventStore' | 'projections'>): Promise<void> {
  const head = await headForProjections(eventStore, catalogue);
  if (head === null) return;
  const running = projections.status().projections.filter(({ state }) => state === 'live' || state === 'catching-up');
  await Promise.all(running.map(({ name }) => projections.waitFor(name, head, CATCH_UP_TIMEOUT_MS)));
}

const CATCH_UP_TIMEOUT_MS = 24 * 3_600_000; // 24 hours
