import { Gauge } from 'prom-client';
import type { Projections, ProjectionState, ProjectionStatus } from '../projection/projections.js';
import type { Clock } from '../platform/clock.js';
import type { Metrics } from '../platform/metrics.js';

const STATES: readonly ProjectionState[] = [
  'stopped',
  'catching-up',
  'live',
  'paused',
  'backing-off',
  'failed',
  'halted',
];

/** Registers Prometheus gauges for each read model. Their values are computed when Prometheus scrapes them. */
export function measureProjections(
  { registry }: Metrics,
  projections: Projections,
  clock: Clock,
  isStalled: (projection: string) => boolean,
): void {
  const gauge = (name: string, help: string, value: (projection: ProjectionStatus) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['projection'],
      registers: [registry],
      collect() {
        for (const projection of projections.status().projections)
          this.set({ projection: projection.name }, value(projection));
      },
    });
  };
  gauge(
    'redress_projection_parked',
    'Parked events: those that could not be folded, and all later events of the same documents',
    ({ parked }) => parked.events,
  );
  gauge(
    'redress_projection_lag_events',
    'Distance to the end of the log: events on the embedded store, bytes on EventStoreDB',
    ({ lag }) => lag,
  );
  gauge('redress_projection_lag_seconds', 'Age of the newest folded event; 0 when caught up', (projection) =>
    projection.caughtUp ? 0 : secondsBetween(projection.recordedAt, clock.now()),
  );
  gauge(
    'redress_projection_stalled',
    '1 while the projection is stalled: it should advance but does not',
    ({ name }) => (isStalled(name) ? 1 : 0),
  );
  new Gauge({
    name: 'redress_projection_state',
    help: '1 for the state that the projection is in',
    labelNames: ['projection', 'state'],
    registers: [registry],
    collect() {
      for (const { name, state: currentState } of projections.status().projections)
        for (const state of STATES) this.set({ projection: name, state }, state === currentState ? 1 : 0);
    },
  });
}

/** Seconds from one time to a later one; 0 if `from` is null, because no event is folded yet. */
const secondsBetween = (from: string | null, to: string): number =>
  from === null ? 0 : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
