import { Gauge } from 'prom-client';
import { PROJECTIONS_LEASE } from '../projections/runner/watched-projections.js';
import type { ProjectionsStatus, ProjectionStatus } from '../projections/runner/projections.js';
import type { Clock } from './platform/clock.js';
import type { ReadinessCheck } from './platform/health.js';
import type { JsonObject } from './platform/json.js';
import type { Metrics } from './platform/metrics.js';
import { Reachability } from './reachability.js';
import type { Stores } from './stores.js';

const LOOK_EVERY_MS = 5000;

/** What must work before requests are welcome: both stores, and the read models as far as this process sees them. */
export class Readiness {
  readonly eventStore: Reachability;
  readonly readModels: Reachability;
  readonly checks: readonly ReadinessCheck[];

  constructor(
    private readonly stores: Stores,
    clock: Clock,
  ) {
    const { eventStore, readModels, leases } = stores;
    this.eventStore = new Reachability(async () => ({ head: await eventStore.head() }), clock);
    this.readModels = new Reachability(async () => {
      await readModels.listCollections();
      const holder = await leases?.holder(PROJECTIONS_LEASE);
      if (holder === undefined) return {};
      return {
        projectionsHeldBy: holder?.holder ?? null,
        heldSince: holder?.changedAt ?? null,
        released: holder?.released ?? null,
      };
    }, clock);
    this.checks = [
      { name: 'event_store', check: () => this.eventStore.look() },
      { name: 'read_models', check: () => this.readModels.look() },
      {
        name: 'projections',
        check: async () => {
          const status = stores.projections.status();
          const { head } = await this.eventStore.look();
          const stands = status.projections.map((projection) => [
            projection.name,
            standing(projection, typeof head === 'string' ? head : null, clock.now()),
          ]);
          return { up: status.healthy, degraded: status.degraded, states: Object.fromEntries(stands) as JsonObject };
        },
      },
    ];
  }

  /** Looks by itself now and then, so that it is known since when a store is away. */
  start(): this {
    this.eventStore.keepLooking(LOOK_EVERY_MS);
    this.readModels.keepLooking(LOOK_EVERY_MS);
    return this;
  }

  stop(): void {
    this.eventStore.stop();
    this.readModels.stop();
  }

  /** The same for Prometheus. */
  measureBy({ registry }: Metrics): this {
    const gauge = (name: string, help: string, value: () => Promise<boolean> | boolean): void => {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set((await value()) ? 1 : 0);
        },
      });
    };
    gauge('redress_event_store_up', '1 while the event store answers', async () => (await this.eventStore.look()).up);
    gauge('redress_read_models_up', '1 while the read models answer', async () => (await this.readModels.look()).up);
    gauge('redress_projections_leader', '1 in the process that writes the read models', () => this.stores.leads());
    return this;
  }

  get status(): ProjectionsStatus {
    return this.stores.projections.status();
  }
}

/** @param head of the event store now, where that is known */
function standing(projection: ProjectionStatus, head: string | null, now: string): JsonObject {
  const { state, position, lag, caughtUp, recordedAt, parked, halt, retry } = projection;
  const age = recordedAt === null ? null : (Date.parse(now) - Date.parse(recordedAt)) / 1000;
  return {
    state,
    position,
    lag,
    lagSeconds: caughtUp ? 0 : age,
    caughtUp,
    parked: parked.events,
    ...(head !== null && position !== null && position > head && { beyondHead: true }),
    ...(halt !== undefined && { reason: halt.reason }),
    ...(retry !== undefined && { retrying: retry.attempt }),
  };
}
