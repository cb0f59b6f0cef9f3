import { hostname } from 'node:os';
import { catalogue, decoder } from '../../projections/catalogue.js';
import { LeaderElectedProjections } from '../projection/leader-elected-projections.js';
import { ProjectionRunner } from '../projection/projection-runner.js';
import type { Projections } from '../projection/projections.js';
import { lastProjected } from '../projection/history.js';
import { RemoteProjections } from '../projection/remote-projections.js';
import { WorkerProjectionRunner } from '../projection/worker-projection-runner.js';
import { AppendHealth } from '../operations/append-health.js';
import { openEventStore, openEventStoreToRead, openReadModels, openReadModelsToRead } from './engines.js';
import type { Opening } from './late-servers.js';
import type { EventStore, Position, StoredEvent } from '../eventstore/event-store.js';
import type { Clock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import type { Leases } from '../readmodels/lease.js';
import type { ReadModels } from '../readmodels/read-models.js';

/** The stores of one process, opened according to its configuration. */
export interface Stores {
  readonly eventStore: EventStore;
  /** Whether the event store accepts appends. */
  readonly appends: Pick<AppendHealth, 'refusing'>;
  readonly readModels: ReadModels;
  readonly projections: Projections;
  /** Leases that elect the projecting process; null if only this process can project. */
  readonly leases: Leases | null;
  /** Whether this process writes the read models now. */
  readonly leads: () => boolean;
  /** No other process can append to this event store. */
  readonly onlyWriter: boolean;
  /** Publishes our address to processes that find the store locked. */
  readonly announce: (url: string) => void;
  /** Stops the projections and closes everything, in that order. */
  close(): Promise<void>;
}

/** The compiled worker; uncompiled sources (tests) have none and project `in-process`. */
const WORKER = new URL('./projection-worker.js', import.meta.url);

/**
 * Opens the stores to write them. Projections run in a separate thread, so that catching up never delays commands. If
 * several processes share the read models, they run only while this process has the lease. In the role `api` they never run.
 * @param opening opens each store; it may wait for servers that are late
 * @throws StoreOwned, ServerUnusable
 */
export async function openStores(
  configuration: Configuration,
  clock: Clock,
  projecting: 'in-thread' | 'in-process' = 'in-thread',
  onThreadDeath: (error: Error) => void = () => undefined,
  opening: Opening = (open) => open(),
): Promise<Stores> {
  const running: { projections?: Projections } = {};
  const onCommit = (head: Position): void => running.projections?.notify(head);
  const { eventStore, onlyWriter, announce } = await opening(() =>
    openEventStore(configuration.eventStore, clock, onCommit),
  );
  const { readModels, leases } = await opening(() => openReadModels(configuration.readModels)).catch(
    async (error: unknown) => {
      await eventStore.close();
      throw error;
    },
  );
  const { eventStore: events, readModels: views, traces } = configuration;
  const addresses = { eventStore: events, readModels: views, ...(traces !== undefined && { traces }) };
  const run = (): Projections =>
    projecting === 'in-thread'
      ? new WorkerProjectionRunner({ worker: WORKER, stores: addresses, onCrash: onThreadDeath })
      : new ProjectionRunner({ store: eventStore, readModels, decode, catalogue, isWatched: leases !== null });
  const remote = (): RemoteProjections => new RemoteProjections({ store: eventStore, readModels, catalogue, leases });
  const holder = `${hostname()} ${String(process.pid)}`;
  const projections =
    configuration.role === 'api'
      ? remote()
      : leases === null
        ? run()
        : new LeaderElectedProjections({
            leases,
            holder,
            run,
            remote: remote(),
            term: configuration.leaseSeconds * 1000,
          });
  running.projections = projections;
  const appends = new AppendHealth(clock);
  return {
    eventStore: appends.monitor(eventStore),
    appends,
    readModels,
    projections,
    leases,
    leads: () => (projections instanceof LeaderElectedProjections ? projections.leads : configuration.role !== 'api'),
    onlyWriter,
    announce,
    close: async () => {
      await projections.stop();
      await readModels.close();
      await eventStore.close();
    },
  };
}

const decode = (event: StoredEvent) => decoder.decode(event);

/** Opens existing stores read-only, whether a service runs or not. @throws Error if they do not exist yet */
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

/** Resolves when every running read model includes everything that is recorded now. */
export async function caughtUp({ eventStore, projections }: Pick<Stores, 'eventStore' | 'projections'>): Promise<void> {
  const head = await lastProjected(eventStore, catalogue);
  if (head === null) return;
  const running = projections.status().projections.filter(({ state }) => state === 'live' || state === 'catching-up');
  await Promise.all(running.map(({ name }) => projections.waitFor(name, head, CATCH_UP_TIMEOUT_MS)));
}

const CATCH_UP_TIMEOUT_MS = 24 * 3_600_000;
