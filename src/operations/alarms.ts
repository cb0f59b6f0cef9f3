import type { Logger } from 'pino';
import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { Readiness } from './readiness.js';

const POLL_INTERVAL_MS = 1000;

/** Number of failed attempts in a row (they take about one second) after which a retried error is logged. */
const MIN_ALARM_ATTEMPTS = 5;

/**
 * Logs each condition that an operator must know about, once when it starts and once when it ends: a store that does
 * not answer or rejects appends, a projection that is halted, retrying or stalled, and parked events. Logs no event
 * content.
 */
export class Alarms {
  /** Names of the conditions that have started and not ended. */
  private readonly active = new Set<string>();
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
    this.update('event store', eventStore.unavailableSince !== null, () => {
      this.log.error({ since: eventStore.unavailableSince }, 'the event store does not answer');
    });
    this.update('appends', appendOutage !== null, () => {
      this.log.error(
        { since: appendOutage?.since, ...diskError(appendOutage?.error ?? '') },
        'the event store rejects appends',
      );
    });
    this.update('read models', readModels.unavailableSince !== null, () => {
      this.log.error({ since: readModels.unavailableSince }, 'the read models do not answer');
    });
    this.update('thread', status.worker === 'restarting', () => {
      this.log.error('the projection thread died and is restarting');
    });
    this.checkProjections(status);
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
      this.update(`retries of ${name}`, retry !== undefined && retry.attempt >= MIN_ALARM_ATTEMPTS, () => {
        this.log.error(retryDetails(projection), 'a projection fails and retries');
      });
      this.update(`parked by ${name}`, parked.events > 0, () => {
        this.log.error({ projection: name, ...parked }, 'events are parked');
      });
    }
  }

  private update(condition: string, isActive: boolean, logStart: () => void): void {
    if (isActive === this.active.has(condition)) return;
    if (isActive) {
      this.active.add(condition);
      logStart();
    } else {
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

/** Error messages of the embedded stores about the disk or the file. They never quote an event. */
const DISK_ERROR =
  /disk is full|is damaged: |disk I\/O error|readonly database|unable to open database|has locked the event store/;

const diskError = (error: string): object => (DISK_ERROR.test(error) ? { error } : {});

function retryDetails({ name, retry }: ProjectionStatus): object {
  if (retry === undefined) return { projection: name };
  const { attempt, error } = retry;
  return { projection: name, attempts: attempt, ...diskError(error) };
}
