import type { Logger } from 'pino';
import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import type { Readiness } from './readiness.js';

const POLL_INTERVAL_MS = 1000;

/** Consecutive failed attempts (about one second) before a retried error is logged as an alarm. */
const PATIENT_ATTEMPTS = 5;

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
      this.look();
    }, POLL_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  look(): void {
    const { eventStore, readModels, refusing } = this.readiness;
    const status = this.readiness.status;
    this.note('event store', eventStore.awaySince !== null, () => {
      this.log.error({ since: eventStore.awaySince }, 'the event store does not answer');
    });
    this.note('appends', refusing !== null, () => {
      this.log.error(
        { since: refusing?.since, ...ofTheDisk(refusing?.error ?? '') },
        'the event store takes no events',
      );
    });
    this.note('read models', readModels.awaySince !== null, () => {
      this.log.error({ since: readModels.awaySince }, 'the read models do not answer');
    });
    this.note('thread', status.worker === 'restarting', () => {
      this.log.error('the thread of the projections died and is started again');
    });
    this.lookAtProjections(status);
  }

  private lookAtProjections({ projections }: ProjectionsStatus): void {
    for (const projection of projections) {
      const { name, state, parked, retry } = projection;
      this.note(`projection ${name}`, state === 'halted' || state === 'failed', () => {
        this.log.error(haltOf(projection), 'a projection waits for a person');
      });
      this.note(`movement of ${name}`, this.readiness.standsStill(name), () => {
        const { position } = projection;
        this.log.error({ projection: name, position }, 'a projection stands still though the log goes on');
      });
      this.note(`tries of ${name}`, retry !== undefined && retry.attempt >= PATIENT_ATTEMPTS, () => {
        this.log.error(triesOf(projection), 'a projection cannot go on, and tries again');
      });
      this.note(`parked by ${name}`, parked.events > 0, () => {
        this.log.error({ projection: name, ...parked }, 'events are parked');
      });
    }
  }

  private note(what: string, wrong: boolean, tell: () => void): void {
    if (wrong === this.active.has(what)) return;
    if (wrong) {
      this.active.add(what);
      tell();
    } else {
      this.active.delete(what);
      this.log.info({ what }, 'recovered');
    }
  }
}

/** Error messages may quote an event; those of `history_changed` contain positions only. */
function haltOf({ name, halt }: ProjectionStatus): object {
  if (halt === undefined) return { projection: name };
  const { reason, error, event } = halt;
  return { projection: name, reason, ...(reason === 'history_changed' && { error }), ...(event && { event }) };
}

/** Messages of embedded stores about the disk and the file; they name nothing except the file. */
const OF_THE_DISK = /disk is full|is damaged: |disk I\/O error|readonly database|unable to open database/;

const ofTheDisk = (error: string): object => (OF_THE_DISK.test(error) ? { error } : {});

function triesOf({ name, retry }: ProjectionStatus): object {
  if (retry === undefined) return { projection: name };
  const { attempt, error } = retry;
  return { projection: name, attempts: attempt, ...ofTheDisk(error) };
}
