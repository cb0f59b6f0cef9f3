import type { Logger } from 'pino';
import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import { Alarms } from './alarms.js';
import type { AppendOutage } from './append-health.js';
import type { Readiness } from './readiness.js';

const away = { unavailableSince: null };
let projection: Partial<ProjectionStatus>;
let refusing: AppendOutage | null;
let said: (readonly [level: string, what: unknown])[];

/** The alarms of a service with one projection. */
function alarms(): Alarms {
  const readiness = {
    eventStore: away,
    readModels: away,
    isStalled: () => false,
    get refusing() {
      return refusing;
    },
    get status() {
      return { worker: 'running', projections: [projection] } as unknown as ProjectionsStatus;
    },
  } as unknown as Readiness;
  const say = (level: string) => (what: unknown) => void said.push([level, what]);
  return new Alarms(readiness, { error: say('error'), info: say('info') } as unknown as Logger);
}

beforeEach(() => {
  said = [];
  projection = live;
  refusing = null;
});

const live = { name: 'trends', state: 'live', parked: { documents: 0, events: 0, oldest: null } } as const;
const backingOff = (attempt: number, error: string) =>
  ({ ...live, state: 'backing-off', retry: { attempt, error } }) as const;

describe('a projection that cannot continue', () => {
  let alarm: Alarms;
  beforeEach(() => {
    alarm = alarms();
  });
  afterEach(() => {
    alarm.stop();
  });

  test.each([
    ['SqliteError: database or disk is full', 'database or disk is full'],
    ['DatabaseCorrupt: the database events.db is damaged: database disk image is malformed', 'is damaged'],
  ])('is logged once while it lasts, and once when it ends: %s', (error, reason) => {
    projection = backingOff(5, error);
    alarm.check();
    projection = backingOff(6, error);
    alarm.check();
    expect(said).toEqual([
      ['error', { projection: 'trends', attempts: 5, error: expect.stringContaining(reason) as unknown }],
    ]);
    projection = live;
    alarm.check();
    expect(said.at(-1)).toEqual(['info', { what: 'retries of trends' }]);
  });

  test('does not raise an alarm while the error may be transient', () => {
    projection = backingOff(4, 'SqliteError: database is locked');
    alarm.check();
    expect(said).toEqual([]);
  });

  test('is logged without error messages that may quote an event', () => {
    projection = backingOff(9, 'Error: 王芳 is not an object');
    alarm.check();
    expect(said).toEqual([['error', { projection: 'trends', attempts: 9 }]]);
  });
});

describe('an event store that rejects appends', () => {
  const since = '2026-01-05T09:00:00.000Z';
  test.each([
    ['the commit failed: database or disk is full', { error: 'the commit failed: database or disk is full' }],
    ['王芳 could not be stored', {}],
  ])('is logged once, with the disk error and nothing that may quote an event: %s', (error, details) => {
    const alarm = alarms();
    refusing = { since, error };
    alarm.check();
    alarm.check();
    expect(said).toEqual([['error', { since, ...details }]]);
    refusing = null;
    alarm.check();
    expect(said.at(-1)).toEqual(['info', { what: 'appends' }]);
    alarm.stop();
  });
});
