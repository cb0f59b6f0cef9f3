import type { Logger } from 'pino';
import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { Readiness } from './readiness.js';

const POLL_INTERVAL_MS = 1000;

/** Consecutive failed attempts (about one second) before a retried error is logged as an alarm. */
const MIN_ALARM_ATTEMPTS = 5;

/**
 * Logs each condition that an operator must know, once when it starts and once when it ends: a store that does not
 * answer, a projection that is halted, retrying or stalled, parked events. Logs no content of events.
 */
export class Alarms {
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

  check(): void {
    const { eventStore, readModels, refusing } = this.readiness;
    const status = this.readiness.status;
    this.update('event store', eventStore.unavailableSince !== null, () => {
      this.log.error({ since: eventStore.unavailableSince }, 'the event store does not answer');
    });
    this.update('appends', refusing !== null, () => {
      this.log.error(
        { since: refusing?.since, ...diskError(refusing?.error ?? '') },
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

  private update(what: string, isActive: boolean, raise: () => void): void {
    if (isActive === this.active.has(what)) return;
    if (isActive) {
      this.active.add(what);
      raise();
    } else {
      this.active.delete(what);
      this.log.info({ what }, 'recovered');
    }
  }
}

/** Error messages may quote an event; those of `history_changed` contain positions only. */
function haltDetails({ name, halt }: ProjectionStatus): object {
  if (halt === undefined) return { projection: name };
  const { reason, error, event } = halt;
  return { projection: name, reason, ...(reason === 'history_changed' && { error }), ...(event && { event }) };
}

/** Messages of embedded stores about the disk and the file; they name nothing except the file. */
const DISK_ERROR = /disk is full|is damaged: |disk I\/O error|readonly database|unable to open database/;

const diskError = (error: string): object => (DISK_ERROR.test(error) ? { error } : {});

function retryDetails({ name, retry }: ProjectionStatus): object {
  if (retry === undefined) return { projection: name };
  const { attempt, error } = retry;
  return { projection: name, attempts: attempt, ...diskError(error) };
}
