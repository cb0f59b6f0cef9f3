import { Gauge } from 'prom-client';
import { catalogue } from '../../projections/catalogue.js';
import { headForProjections } from '../projection/history.js';
import { PROJECTIONS_LEASE } from '../projection/remote-projections.js';
import type { Projections, ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { EventStore } from '../eventstore/event-store.js';
import type { AppendHealth, AppendOutage } from './append-health.js';
import type { Clock } from '../platform/clock.js';
import type { ReadinessCheck } from '../platform/health.js';
import type { JsonObject } from '../platform/json.js';
import type { ExplainFailure } from '../platform/server-unusable.js';
import type { Metrics } from '../platform/metrics.js';
import type { Leases } from '../readmodels/lease.js';
import type { ReadModels } from '../readmodels/read-models.js';
import { HealthProbe } from './health-probe.js';
import { StallDetector } from './stall-detector.js';

export interface ReadinessOptions {
  /** Interval between periodic checks, in milliseconds (default 5,000). */
  readonly pollInterval?: number;
  /** How long a projection may stay at one position behind the log, in milliseconds (default 120,000). */
  readonly stalledAfter?: number;
}

/** The parts of the stores of this process that the checks use. */
export interface ObservedStores {
  readonly eventStore: EventStore;
  readonly appends: Pick<AppendHealth, 'appendOutage'>;
  readonly readModels: ReadModels;
  readonly projections: Projections;
  readonly leases: Leases | null;
  readonly leads: () => boolean;
  readonly explainFailure?: ExplainFailure;
}

const VIEWS: ReadonlySet<string> = new Set(catalogue.map(({ name }) => name));

/** Checks whether this process can accept requests: whether both stores answer and the projections work. */
export class Readiness {
  readonly eventStore: HealthProbe;
  readonly readModels: HealthProbe;
  readonly checks: readonly ReadinessCheck[];
  private readonly stallDetector: StallDetector;
  private readonly pollInterval: number;
  private timer: NodeJS.Timeout | undefined;
  private isDetecting = false;

  constructor(
    private readonly stores: ObservedStores,
    clock: Clock,
    { pollInterval = 5_000, stalledAfter = 120_000 }: ReadinessOptions = {},
  ) {
    const { eventStore, readModels, leases, explainFailure } = stores;
    const probeOptions = explainFailure === undefined ? {} : { explainFailure };
    this.pollInterval = pollInterval;
    this.stallDetector = new StallDetector(stalledAfter);
    this.eventStore = new HealthProbe(async () => ({ head: await eventStore.head() }), clock, probeOptions);
    this.readModels = new HealthProbe(
      async () => {
        await readModels.listCollections();
        if (leases === null) return {};
        const leaseHolder = await leases.holder(PROJECTIONS_LEASE);
        return {
          projectionsHeldBy: leaseHolder?.holder ?? null,
          heldSince: leaseHolder?.changedAt ?? null,
          released: leaseHolder?.released ?? null,
        };
      },
      clock,
      probeOptions,
    );
    this.checks = [
      {
        name: 'event_store',
        check: async () => {
          const { appendOutage } = this;
          return {
            ...(appendOutage && {
              degraded: true,
              refusingSince: appendOutage.since,
              ...(appendOutage.cause !== undefined && { cause: appendOutage.cause }),
            }),
            ...(await this.eventStore.check()),
          };
        },
      },
      { name: 'read_models', check: () => this.readModels.check() },
      {
        name: 'projections',
        check: async () => {
          const status = stores.projections.status();
          const { head } = await this.eventStore.check();
          const details = status.projections.map((projection) => [
            projection.name,
            {
              ...statusDetails(projection, typeof head === 'string' ? head : null, clock.now()),
              ...(this.isStalled(projection.name) && { stalled: true }),
            },
          ]);
          const noneStalled = !status.projections.some(({ name }) => this.isStalled(name));
          const states = Object.fromEntries(details) as JsonObject;
          // an incomplete view may lack recorded events, so that its answers would be wrong without notice; the index of
          // personal values is not in the catalogue of views, because it answers no query until it is complete
          const allComplete = status.projections.every(({ name, complete }) => complete || !VIEWS.has(name));
          return { up: status.healthy && noneStalled && allComplete, degraded: status.degraded, states };
        },
      },
    ];
  }

  /** Checks periodically, so that the start of an outage is known even if no request causes a check. */
  start(): this {
    this.eventStore.checkEvery(this.pollInterval);
    this.readModels.checkEvery(this.pollInterval);
    this.timer = setInterval(() => void this.detectStalls(), this.pollInterval).unref();
    return this;
  }

  stop(): void {
    clearInterval(this.timer);
    this.eventStore.stop();
    this.readModels.stop();
  }

  /**
   * Registers Prometheus gauges: whether the stores answer and accept appends, and whether this process is the leader.
   */
  registerMetrics({ registry }: Metrics): this {
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
    gauge('redress_event_store_up', '1 while the event store answers', async () => (await this.eventStore.check()).up);
    gauge(
      'redress_event_store_refusing',
      '1 from a failed append until the next successful one',
      () => this.appendOutage !== null,
    );
    gauge('redress_read_models_up', '1 while the read models answer', async () => (await this.readModels.check()).up);
    gauge('redress_projections_leader', '1 in the process that writes the read models', () => this.stores.leads());
    return this;
  }

  /** The current outage of appends, even if the event store answers reads; null while appends succeed. */
  get appendOutage(): AppendOutage | null {
    return this.stores.appends.appendOutage;
  }

  get status(): ProjectionsStatus {
    return this.stores.projections.status();
  }

  /** Whether the projection is stalled: it should advance, but has not for longer than `stalledAfter`. */
  isStalled(projection: string): boolean {
    return this.stallDetector.isStalled(projection);
  }

  private async detectStalls(): Promise<void> {
    if (this.isDetecting) return;
    this.isDetecting = true;
    try {
      const newestPosition = await headForProjections(this.stores.eventStore, catalogue);
      this.stallDetector.check(this.status, newestPosition, this.pollInterval);
    } catch {
      // the event store is unavailable; the check `event_store` reports that
    } finally {
      this.isDetecting = false;
    }
  }
}

/** @param head position of the newest event in the log; null if it is not known */
function statusDetails(projection: ProjectionStatus, head: string | null, now: string): JsonObject {
  const { state, position, lag, caughtUp, complete, recordedAt, parked, halt, retry } = projection;
  const ageSeconds = recordedAt === null ? null : (Date.parse(now) - Date.parse(recordedAt)) / 1000;
  return {
    state,
    position,
    lag,
    lagSeconds: caughtUp ? 0 : ageSeconds,
    caughtUp,
    complete,
    parked: parked.events,
    ...(head !== null && position !== null && position > head && { beyondHead: true }),
    ...(halt !== undefined && { reason: halt.reason }),
    ...(retry !== undefined && { retrying: retry.attempt, ...(retry.cause !== undefined && { cause: retry.cause }) }),
  };
}
