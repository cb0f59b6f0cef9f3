import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ConfigurationInvalid, loadConfiguration, Settings } from './configuration.js';
import { fieldsOf } from './fields.js';

/** The faults of an environment; empty if the configuration is valid. */
const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    loadConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.faults;
    throw error;
  }
  return [];
};

describe('the configuration', () => {
  test('needs no variables: every setting has a default or is optional', () => {
    expect(loadConfiguration({})).toEqual({
      data: './data',
      keys: join('data', 'keys'),
      host: '127.0.0.1',
      port: 3000,
      eventStore: { engine: 'sqlite', path: join('data', 'events.db') },
      readModels: { engine: 'embedded', path: join('data', 'views.db') },
      subjects: { engine: 'embedded', path: join('data', 'subjects.db') },
      phoneRegion: 'CN',
      role: 'all',
      leaseSeconds: 10,
      startSeconds: 60,
      log: 'info',
      traces: undefined,
    });
  });

  test('has a store in the data folder unless its address is set', () => {
    const { eventStore, readModels, subjects, keys } = loadConfiguration({
      REDRESS_DATA: '/srv/redress',
      REDRESS_READMODELS: 'embedded:/fast/views.db',
    });
    expect(eventStore).toEqual({ engine: 'sqlite', path: '/srv/redress/events.db' });
    expect(readModels).toEqual({ engine: 'embedded', path: '/fast/views.db' });
    expect(subjects).toEqual({ engine: 'embedded', path: '/srv/redress/subjects.db' });
    expect(keys).toBe('/srv/redress/keys');
    expect(loadConfiguration({ REDRESS_KEYS: '/etc/redress', REDRESS_SUBJECTS: 'embedded:s.db' })).toMatchObject({
      keys: '/etc/redress',
      subjects: { engine: 'embedded', path: 's.db' },
    });
  });

  test.each([
    ['mongodb://mongo.example/care?tls=true', 'care-subjects'],
    ['mongodb+srv://redress:secret@mongo.example', 'redress-subjects'],
  ])('has the index of personal values in a database beside that of %s', (url, database) => {
    const { subjects } = loadConfiguration({ REDRESS_READMODELS: url });
    expect(subjects).toEqual({ engine: 'mongodb', url, database });
  });

  test('is rejected if the index of personal values has the store of the read models', () => {
    const sameStore = ['REDRESS_SUBJECTS must be another file or database than REDRESS_READMODELS'];
    expect(faultsOf({ REDRESS_SUBJECTS: 'embedded:data/../data/views.db' })).toEqual(sameStore);
    expect(
      faultsOf({
        REDRESS_READMODELS: 'mongodb://a:b@mongo.example/redress?tls=true',
        REDRESS_SUBJECTS: 'mongodb://c:d@mongo.example',
      }),
    ).toEqual(sameStore);
    expect(
      faultsOf({
        REDRESS_READMODELS: 'mongodb://mongo.example/redress',
        REDRESS_SUBJECTS: 'mongodb://mongo.example/subjects',
      }),
    ).toEqual([]);
  });

  test('is rejected if processes could share only one of the read models and the index of personal values', () => {
    const server = { REDRESS_EVENTSTORE: 'esdb://localhost:2113?tls=false' };
    const mongo = 'mongodb://localhost';
    expect(faultsOf({ ...server, REDRESS_READMODELS: mongo, REDRESS_SUBJECTS: 'embedded:s.db' })).toHaveLength(1);
    expect(faultsOf({ ...server, REDRESS_SUBJECTS: mongo })).toHaveLength(1);
    expect(faultsOf({ ...server, REDRESS_READMODELS: mongo })).toEqual([]);
    // the event store of one process is on this machine, so it does not share its read models either
    expect(faultsOf({ REDRESS_READMODELS: mongo, REDRESS_SUBJECTS: 'embedded:s.db' })).toEqual([]);
  });

  test('may have URLs of servers; every role except `all` requires them', () => {
    const servers = {
      REDRESS_EVENTSTORE: 'esdb://localhost:2113?tls=false',
      REDRESS_READMODELS: 'mongodb://localhost',
    };
    expect(loadConfiguration({ ...servers, REDRESS_ROLE: 'api' })).toMatchObject({
      eventStore: { engine: 'eventstoredb', url: 'esdb://localhost:2113?tls=false' },
      readModels: { engine: 'mongodb', url: 'mongodb://localhost' },
    });
    expect(faultsOf({ REDRESS_ROLE: 'api' })).toEqual([
      'REDRESS_ROLE=api needs servers in REDRESS_EVENTSTORE and REDRESS_READMODELS',
    ]);
  });

  test('is rejected with an error for every invalid or unknown variable', () => {
    expect(
      faultsOf({
        REDRESS_PORT: '70000',
        REDRESS_LEASE_SECONDS: '4.5',
        REDRESS_EVENTSTORE: 'events.db',
        REDRESS_LOG: 'loud',
        REDRESS_PHONE_REGION: 'XX',
        REDRESS_PROT: '80',
        REDRESS_TEST_FAULTS: 'full',
      }),
    ).toEqual([
      'REDRESS_PROT is unknown; remove it or correct its name',
      'REDRESS_PORT must be between 0 and 65535',
      'REDRESS_EVENTSTORE must be sqlite:PATH or esdb://…',
      'REDRESS_PHONE_REGION must be a region of ISO 3166 such as CN',
      'REDRESS_LEASE_SECONDS must be a whole number',
      'REDRESS_LOG must be one of fatal, error, warn, info, debug, trace, silent',
    ]);
  });

  test('is documented: docs/configuration.md has every variable with its description and default', () => {
    const page = readFileSync(join(__dirname, '../../docs/configuration.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(REDRESS_[A-Z_]+)` *\| (.*?) *\| (?:`(.*)`)? *\|$/gm)].map(([, ...cells]) =>
      cells.map((cell: string | undefined) => cell ?? ''),
    );
    expect(rows).toEqual(
      [...fieldsOf(Settings).values()].map((field) => [field.name, field.description, String(field.default ?? '')]),
    );
  });
});
