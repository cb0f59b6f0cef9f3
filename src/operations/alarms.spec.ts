import type { Logger } from 'pino';
import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import { Alarms } from './alarms.js';
import type { AppendOutage } from './append-health.js';
import type { HealthProbe } from './health-probe.js';
import type { Readiness } from './readiness.js';

let eventStore: Pick<HealthProbe, 'unavailableSince' | 'cause'>;
let projection: Partial<ProjectionStatus>;
let appendOutage: AppendOutage | null;
let logged: (readonly [level: string, details: unknown])[];

/** The alarms of a service with one projection. What they log is in `logged`. */
function createAlarms(): Alarms {
  const readiness = {
    get eventStore() {
      return eventStore;
    },
    readModels: available,
    isStalled: () => false,
    get appendOutage() {
      return appendOutage;
    },
    get status() {
      return { worker: 'running', projections: [projection] } as unknown as ProjectionsStatus;
    },
  } as unknown as Readiness;
  const logAt = (level: string) => (details: unknown) => void logged.push([level, details]);
  return new Alarms(readiness, { error: logAt('error'), info: logAt('info') } as unknown as Logger);
}

const available = { unavailableSince: null, cause: undefined };
beforeEach(() => {
  logged = [];
  eventStore = available;
  projection = live;
  appendOutage = null;
});

const live = { name: 'trends', state: 'live', parked: { documents: 0, events: 0, oldest: null } } as const;
const backingOff = (attempt: number, cause?: string) =>
  ({
    ...live,
    state: 'backing-off',
    retry: { attempt, error: '王芳 is not an object', ...(cause && { cause }) },
  }) as const;

describe('a projection that cannot continue', () => {
  let alarms: Alarms;
  beforeEach(() => {
    alarms = createAlarms();
  });
  afterEach(() => {
    alarms.stop();
  });

  test('is logged once while it lasts, with the cause, and once when it ends', () => {
    const cause = 'database or disk is full';
    projection = backingOff(5, cause);
    alarms.check();
    projection = backingOff(6, cause);
    alarms.check();
    expect(logged).toEqual([['error', { projection: 'trends', attempts: 5, cause }]]);
    projection = live;
    alarms.check();
    expect(logged.at(-1)).toEqual(['info', { what: 'retries of trends' }]);
  });

  test('is not logged during the first four attempts, because the error may be transient', () => {
    projection = backingOff(4, 'database is locked');
    alarms.check();
    expect(logged).toEqual([]);
  });

  test('is logged without an error message that may quote an event', () => {
    projection = backingOff(9);
    alarms.check();
    expect(logged).toEqual([['error', { projection: 'trends', attempts: 9 }]]);
  });
});

const since = '2026-01-05T09:00:00.000Z';

test('an event store that rejects appends is logged once, with the cause if it is known', () => {
  for (const cause of ['database or disk is full', undefined]) {
    logged = [];
    const alarms = createAlarms();
    appendOutage = { since, ...(cause && { cause }) };
    alarms.check();
    alarms.check();
    expect(logged).toEqual([['error', { since, cause }]]);
    appendOutage = null;
    alarms.check();
    expect(logged.at(-1)).toEqual(['info', { what: 'appends' }]);
    alarms.stop();
  }
});

test('an event store that does not answer is logged again for each further cause, once in each outage', () => {
  const alarms = createAlarms();
  const nothingListens = 'nothing listens there';
  const rejected = 'it does not accept the user and the password';
  const checkWith = (cause: string | undefined) => {
    eventStore = { unavailableSince: since, cause };
    alarms.check();
  };
  for (const cause of [undefined, nothingListens, undefined, nothingListens, rejected, nothingListens])
    checkWith(cause);
  expect(logged).toEqual([undefined, nothingListens, rejected].map((cause) => ['error', { since, cause }]));
  eventStore = available;
  alarms.check();
  checkWith(rejected);
  expect(logged.slice(3)).toEqual([
    ['info', { what: 'event store' }],
    ['error', { since, cause: rejected }],
  ]);
  alarms.stop();
});

test('causes that differ only in numbers, such as a duration, count as one', () => {
  const alarms = createAlarms();
  for (const duration of ['3.001', '3.27']) {
    eventStore = { unavailableSince: since, cause: `it does not answer (deadline exceeded after ${duration}s)` };
    alarms.check();
  }
  expect(logged).toHaveLength(1);
  alarms.stop();
});
