import type { Logger } from 'pino';
import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import { Alarms } from './alarms.js';
import type { AppendOutage } from './append-health.js';
import type { Readiness } from './readiness.js';

const available = { unavailableSince: null };
let projection: Partial<ProjectionStatus>;
let appendOutage: AppendOutage | null;
let logged: (readonly [level: string, details: unknown])[];

/** The alarms of a service with one projection. What they log is in `logged`. */
function createAlarms(): Alarms {
  const readiness = {
    eventStore: available,
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

beforeEach(() => {
  logged = [];
  projection = live;
  appendOutage = null;
});

const live = { name: 'trends', state: 'live', parked: { documents: 0, events: 0, oldest: null } } as const;
const backingOff = (attempt: number, error: string) =>
  ({ ...live, state: 'backing-off', retry: { attempt, error } }) as const;

describe('a projection that cannot continue', () => {
  let alarms: Alarms;
  beforeEach(() => {
    alarms = createAlarms();
  });
  afterEach(() => {
    alarms.stop();
  });

  test.each([
    ['SqliteError: database or disk is full', 'database or disk is full'],
    ['DatabaseCorrupt: the database events.db is damaged: database disk image is malformed', 'is damaged'],
  ])('is logged once while it lasts, and once when it ends: %s', (error, reason) => {
    projection = backingOff(5, error);
    alarms.check();
    projection = backingOff(6, error);
    alarms.check();
    expect(logged).toEqual([
      ['error', { projection: 'trends', attempts: 5, error: expect.stringContaining(reason) as unknown }],
    ]);
    projection = live;
    alarms.check();
    expect(logged.at(-1)).toEqual(['info', { what: 'retries of trends' }]);
  });

  test('is not logged during the first four attempts, because the error may be transient', () => {
    projection = backingOff(4, 'SqliteError: database is locked');
    alarms.check();
    expect(logged).toEqual([]);
  });

  test('is logged without an error message that may quote an event', () => {
    projection = backingOff(9, 'Error: 王芳 is not an object');
    alarms.check();
    expect(logged).toEqual([['error', { projection: 'trends', attempts: 9 }]]);
  });
});

describe('an event store that rejects appends', () => {
  const since = '2026-01-05T09:00:00.000Z';
  test.each([
    ['the commit failed: database or disk is full', { error: 'the commit failed: database or disk is full' }],
    ['王芳 could not be stored', {}],
  ])('is logged once, with the error only if it is about the disk: %s', (error, details) => {
    const alarms = createAlarms();
    appendOutage = { since, error };
    alarms.check();
    alarms.check();
    expect(logged).toEqual([['error', { since, ...details }]]);
    appendOutage = null;
    alarms.check();
    expect(logged.at(-1)).toEqual(['info', { what: 'appends' }]);
    alarms.stop();
  });
});
