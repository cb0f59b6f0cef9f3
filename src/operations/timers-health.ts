import { Gauge } from 'prom-client';
import { backlog, type Backlog } from '../../projections/due-times/query.js';
import type { Clock } from '../platform/clock.js';
import type { ReadinessCheck } from '../platform/health.js';
import type { Metrics } from '../platform/metrics.js';
import { NotYetVisible, ReadModelsUnavailable } from '../readmodels/read-models.js';
import type { Queryable } from '../readmodels/active-model.js';

/** The state of the timers in this process. */
export interface ObservedTimers {
  readonly leads: boolean;
  readonly refused: number;
}

/** From this delay on, the health is degraded: no process runs the timers, or they cannot keep up. */
const LATE_AFTER_SECONDS = 60;

/** What is due and not done, as the read model shows it. Every process can tell it, whichever runs the timers. */
export class TimersHealth {
  readonly check: ReadinessCheck;

  constructor(
    private readonly readModels: Queryable,
    private readonly timers: ObservedTimers,
    private readonly clock: Clock,
  ) {
    this.check = {
      name: 'timers',
      check: async () => {
        const { leads, refused } = timers;
        const found = await this.observe();
        if (found === undefined) return { up: true, runsHere: leads }; // the check `read_models` reports the outage
        const { due, lateSeconds } = found;
        const isLate = lateSeconds > LATE_AFTER_SECONDS;
        return { up: true, ...(isLate && { degraded: true }), runsHere: leads, due, lateSeconds, refused };
      },
    };
  }

  /** Registers Prometheus gauges. */
  registerMetrics({ registry }: Metrics): this {
    const gauge = (name: string, help: string, value: () => Promise<number | undefined> | number): void => {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          const current = await value();
          if (current !== undefined) this.set(current);
        },
      });
    };
    gauge('redress_timers_leader', '1 in the process that runs the timers', () => (this.timers.leads ? 1 : 0));
    gauge(
      'redress_timers_due',
      'Complaints with a due time that has passed and that is not done yet',
      async () => (await this.observe())?.due,
    );
    gauge(
      'redress_timers_late_seconds',
      'Time since the earliest due time that is not done yet; 0 if nothing is due',
      async () => (await this.observe())?.lateSeconds,
    );
    gauge(
      'redress_timers_refused',
      'Due commands that the domain has refused, and that this process tries again later',
      () => this.timers.refused,
    );
    return this;
  }

  /** undefined while the read model cannot be read. */
  private async observe(): Promise<{ readonly due: number; readonly lateSeconds: number } | undefined> {
    const now = this.clock.now();
    try {
      const { due, earliest } = await backlog(this.readModels, now);
      return { due, lateSeconds: secondsLate(earliest, now) };
    } catch (error) {
      if (error instanceof NotYetVisible || error instanceof ReadModelsUnavailable) return undefined;
      throw error;
    }
  }
}

const secondsLate = (earliest: Backlog['earliest'], now: string): number =>
  earliest === null ? 0 : Math.max(0, (Date.parse(now) - Date.parse(earliest)) / 1000);
