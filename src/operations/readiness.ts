import { Gauge } from 'prom-client';
import { catalogue } from '../../projections/catalogue.js';
import { lastProjected } from '../projection/history.js';
import { PROJECTIONS_LEASE } from '../projection/remote-projections.js';
import type { Projections, ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { EventStore } from '../eventstore/event-store.js';
import type { AppendHealth, Refusing } from './append-health.js';
import type { Clock } from '../platform/clock.js';
import type { ReadinessCheck } from '../platform/health.js';
import type { JsonObject } from '../platform/json.js';
import type { Metrics } from '../platform/metrics.js';
import type { Leases } from '../readmodels/lease.js';
import type { ReadModels } from '../readmodels/read-models.js';
import { HealthProbe } from './health-probe.js';
import { StallDetector } from './stall-detector.js';

export interface ReadinessOptions {
  /** Interval between periodic checks, in milliseconds (default 5,000). */
  readonly lookEvery?: number;
  /** How long a projection may stay at one position behind the log, in milliseconds (default 120,000). */
  readonly stalledAfter?: number;
}

/** The stores of this process, as far as their health is observable. */
export interface ObservedStores {
  readonly eventStore: EventStore;
  readonly appends: Pick<AppendHealth, 'refusing'>;
  readonly readModels: ReadModels;
  readonly projections: Projections;
  readonly leases: Leases | null;
  readonly leads: () => boolean;
}

/** What must work before the process accepts requests: both stores, and the read models as seen by this process. */
export class Readiness {
  readonly eventStore: HealthProbe;
  readonly readModels: HealthProbe;
  readonly checks: readonly ReadinessCheck[];
  private readonly stallDetector: StallDetector;
  private readonly lookEvery: number;
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    private readonly stores: ObservedStores,
    clock: Clock,
    { lookEvery = 5_000, stalledAfter: standstillAfter = 120_000 }: ReadinessOptions = {},
  ) {
    const { eventStore, readModels, leases } = stores;
    this.lookEvery = lookEvery;
    this.stallDetector = new StallDetector(standstillAfter);
    this.eventStore = new HealthProbe(async () => ({ head: await eventStore.head() }), clock);
    this.readModels = new HealthProbe(async () => {
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
      {
        name: 'event_store',
        check: async () => {
          const { refusing } = this;
          return {
            ...(await this.eventStore.look()),
            ...(refusing && { degraded: true, refusingSince: refusing.since }),
          };
        },
      },
      { name: 'read_models', check: () => this.readModels.look() },
      {
        name: 'projections',
        check: async () => {
          const status = stores.projections.status();
          const { head } = await this.eventStore.look();
          const stands = status.projections.map((projection) => [
            projection.name,
            {
              ...standing(projection, typeof head === 'string' ? head : null, clock.now()),
              ...(this.standsStill(projection.name) && { standingStill: true }),
            },
          ]);
          const moving = !status.projections.some(({ name }) => this.standsStill(name));
          const states = Object.fromEntries(stands) as JsonObject;
          // an incomplete read model may lack recorded events: its answers would be wrong without any sign of it
          const complete = status.projections.every((projection) => projection.complete);
          return { up: status.healthy && moving && complete, degraded: status.degraded, states };
        },
      },
    ];
  }

  /** Checks periodically, so that the start of an outage is known. */
  start(): this {
    this.eventStore.keepLooking(this.lookEvery);
    this.readModels.keepLooking(this.lookEvery);
    this.timer = setInterval(() => void this.lookWhetherAllMove(), this.lookEvery).unref();
    return this;
  }

  stop(): void {
    clearInterval(this.timer);
    this.eventStore.stop();
    this.readModels.stop();
  }

  /** Registers the same values as Prometheus metrics. */
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
    gauge(
      'redress_event_store_refusing',
      '1 from an append that was not taken to one that is',
      () => this.refusing !== null,
    );
    gauge('redress_read_models_up', '1 while the read models answer', async () => (await this.readModels.look()).up);
    gauge('redress_projections_leader', '1 in the process that writes the read models', () => this.stores.leads());
    return this;
  }

  /** Since when the event store rejects appends, even if it answers reads. */
  get refusing(): Refusing | null {
    return this.stores.appends.refusing;
  }

  get status(): ProjectionsStatus {
    return this.stores.projections.status();
  }

  /** Whether the projection is stalled: it should advance and has not for longer than the limit. */
  standsStill(projection: string): boolean {
    return this.stallDetector.has(projection);
  }

  private async lookWhetherAllMove(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const newest = await lastProjected(this.stores.eventStore, catalogue);
      this.stallDetector.look(this.status, newest, this.lookEvery);
    } catch {
      // the event store is unavailable, which has its own check: the end of the log is unknown
    } finally {
      this.looking = false;
    }
  }
}

/** @param head end of the event log now, where known */
function standing(projection: ProjectionStatus, head: string | null, now: string): JsonObject {
  const { state, position, lag, caughtUp, complete, recordedAt, parked, halt, retry } = projection;
  const age = recordedAt === null ? null : (Date.parse(now) - Date.parse(recordedAt)) / 1000;
  return {
    state,
    position,
    lag,
    lagSeconds: caughtUp ? 0 : age,
    caughtUp,
    complete,
    parked: parked.events,
    ...(head !== null && position !== null && position > head && { beyondHead: true }),
    ...(halt !== undefined && { reason: halt.reason }),
    ...(retry !== undefined && { retrying: retry.attempt }),
  };
}
