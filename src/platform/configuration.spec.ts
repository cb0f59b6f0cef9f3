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
      host: '127.0.0.1',
      port: 3000,
      eventStore: { engine: 'sqlite', path: join('data', 'events.db') },
      readModels: { engine: 'embedded', path: join('data', 'views.db') },
      role: 'all',
      leaseSeconds: 10,
      startSeconds: 60,
      log: 'info',
      traces: undefined,
      house: { followUpDays: 7, reopenDays: 90, satisfiedScore: 4, deliveryAttempts: 3 },
    });
  });

  test('has a store in the data folder unless its address is set', () => {
    const { eventStore, readModels } = loadConfiguration({
      REDRESS_DATA: '/srv/redress',
      REDRESS_READMODELS: 'embedded:/fast/views.db',
    });
    expect(eventStore).toEqual({ engine: 'sqlite', path: '/srv/redress/events.db' });
    expect(readModels).toEqual({ engine: 'embedded', path: '/fast/views.db' });
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
        REDRESS_SATISFIED_SCORE: '4.5',
        REDRESS_EVENTSTORE: 'events.db',
        REDRESS_LOG: 'loud',
        REDRESS_PROT: '80',
        REDRESS_TEST_FAULTS: 'full',
      }),
    ).toEqual([
      'REDRESS_PROT is unknown; remove it or correct its name',
      'REDRESS_PORT must be between 0 and 65535',
      'REDRESS_EVENTSTORE must be sqlite:PATH or esdb://…',
      'REDRESS_LOG must be one of fatal, error, warn, info, debug, trace, silent',
      'REDRESS_SATISFIED_SCORE must be a whole number',
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
