import type { Logger } from 'pino';
import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { HealthProbe } from './health-probe.js';
import type { Readiness } from './readiness.js';

const POLL_INTERVAL_MS = 1000;

/** Number of failed attempts in a row (they take about one second) after which a retried error is logged. */
const MIN_ALARM_ATTEMPTS = 5;

/**
 * Logs each condition that an operator must know about, once when it starts, once more for each further cause, and once
 * when it ends: a store that does not answer or rejects appends, a projection that is halted, retrying or stalled, and
 * parked events. Logs no event content.
 */
export class Alarms {
  /** The conditions that have started and not ended, each with its logged causes, without their numbers. */
  private readonly active = new Map<string, Set<string>>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly readiness: Readiness,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => {
      this.check();
    }, POLL_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Logs the conditions that have changed since the last check. */
  check(): void {
    const { eventStore, readModels, appendOutage } = this.readiness;
    const status = this.readiness.status;
    this.updateProbe('event store', eventStore, 'the event store does not answer');
    this.update(
      'appends',
      appendOutage !== null,
      () => {
        this.log.error({ ...appendOutage }, 'the event store rejects appends');
      },
      appendOutage?.cause,
    );
    this.updateProbe('read models', readModels, 'the read models do not answer');
    this.update('thread', status.worker === 'restarting', () => {
      this.log.error('the projection thread died and is restarting');
    });
    this.checkProjections(status);
  }

  private updateProbe(condition: string, { unavailableSince, cause }: HealthProbe, message: string): void {
    const logStart = (): void => {
      this.log.error({ since: unavailableSince, cause }, message);
    };
    this.update(condition, unavailableSince !== null, logStart, cause);
  }

  private checkProjections({ projections }: ProjectionsStatus): void {
    for (const projection of projections) {
      const { name, state, parked, retry } = projection;
      this.update(`projection ${name}`, state === 'halted' || state === 'failed', () => {
        this.log.error(haltDetails(projection), 'a projection needs operator action');
      });
      this.update(`stall of ${name}`, this.readiness.isStalled(name), () => {
        const { position } = projection;
        this.log.error({ projection: name, position }, 'a projection is stalled: the log continues beyond it');
      });
      const logRetries = (): void => {
        this.log.error(
          { projection: name, attempts: retry?.attempt, cause: retry?.cause },
          'a projection fails and retries',
        );
      };
      const isRetrying = retry !== undefined && retry.attempt >= MIN_ALARM_ATTEMPTS;
      this.update(`retries of ${name}`, isRetrying, logRetries, retry?.cause);
      this.update(`parked by ${name}`, parked.events > 0, () => {
        this.log.error({ projection: name, ...parked }, 'events are parked');
      });
    }
  }

  private update(condition: string, isActive: boolean, logStart: () => void, cause?: string): void {
    const loggedCauses = this.active.get(condition);
    if (isActive) {
      const text = cause?.replace(/\d+/g, ''); // a cause may contain a duration or the number of a connection
      if (loggedCauses !== undefined && (text === undefined || loggedCauses.has(text))) return;
      this.active.set(condition, new Set(loggedCauses).add(text ?? ''));
      logStart();
    } else if (loggedCauses !== undefined) {
      this.active.delete(condition);
      this.log.info({ what: condition }, 'recovered');
    }
  }
}

/** Leaves out the error message, which may quote an event; only that of `history_changed` never does. */
function haltDetails({ name, halt }: ProjectionStatus): object {
  if (halt === undefined) return { projection: name };
  const { reason, error, event } = halt;
  return { projection: name, reason, ...(reason === 'history_changed' && { error }), ...(event && { event }) };
}
