import { join } from 'node:path';

import { checkCode, checkText, checkWhole, type Check } from './field-checks.js';
import { LOG_LEVELS, type LogLevel } from './log.js';

export const ROLES_OF_PROCESSES = ['all', 'api', 'projections'] as const;

export interface Configuration {
  /** Folder of all persistent data. */
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly eventStore: EventStoreAddress;
  readonly readModels: ReadModelsAddress;
  readonly role: (typeof ROLES_OF_PROCESSES)[number];
  readonly log: LogLevel;
  /** Seconds without a renewal after which another process takes over the projections. */
  readonly leaseSeconds: number;
  /** OTLP/HTTP address for traces; undefined: tracing is off. */
  readonly traces: string | undefined;
  /** Configured rules for complaints. */
  readonly house: {
    readonly followUpDays: number;
    readonly reopenDays: number;
    readonly satisfiedScore: number;
    readonly deliveryAttempts: number;
  };
}

export type EventStoreAddress =
  { readonly engine: 'sqlite'; readonly path: string } | { readonly engine: 'eventstoredb'; readonly url: string };

export type ReadModelsAddress =
  { readonly engine: 'embedded'; readonly path: string } | { readonly engine: 'mongodb'; readonly url: string };

/** One environment variable: its meaning and its default. docs/configuration.md lists all of them. */
export interface Variable {
  readonly meaning: string;
  readonly default: string;
  readonly whole?: boolean;
  readonly check: Check;
}

const address = (pattern: RegExp, forms: string): Check => {
  const fault = { code: 'wrong_form', message: `must be ${forms}` } as const;
  return (value) => (typeof value === 'string' && pattern.test(value) ? undefined : fault);
};

const optionalAddress = (pattern: RegExp, forms: string): Check => {
  const check = address(pattern, forms);
  return (value) => (value === '' ? undefined : check(value));
};

const whole = (meaning: string, standard: number, min: number, max: number): Variable => ({
  meaning,
  default: String(standard),
  whole: true,
  check: checkWhole(min, max),
});

export const VARIABLES = {
  REDRESS_DATA: { meaning: 'Folder of all files of the service', default: './data', check: checkText(4096) },
  REDRESS_HOST: { meaning: 'Address to listen on', default: '127.0.0.1', check: checkText(253) },
  REDRESS_PORT: whole('Port to listen on; 0 picks a free one', 3000, 0, 65_535),
  REDRESS_EVENTSTORE: {
    meaning: 'Where events are kept: `sqlite:PATH`, or `esdb://…` for EventStoreDB and KurrentDB',
    default: 'sqlite:REDRESS_DATA/events.db',
    check: address(/^(sqlite:.+|(esdb|kurrentdb)(\+discover)?:\/\/.+)$/, 'sqlite:PATH or esdb://…'),
  },
  REDRESS_READMODELS: {
    meaning: 'Where read models are kept: `embedded:PATH`, or `mongodb://…`',
    default: 'embedded:REDRESS_DATA/views.db',
    check: address(/^(embedded:.+|mongodb(\+srv)?:\/\/.+)$/, 'embedded:PATH or mongodb://…'),
  },
  REDRESS_ROLE: {
    meaning: 'What this process does: `all`, `api` or `projections`; anything but `all` needs servers for both stores',
    default: 'all',
    check: checkCode(ROLES_OF_PROCESSES),
  },
  REDRESS_LEASE_SECONDS: whole(
    'Seconds without a renewed lease after which another process takes over the projections',
    10,
    1,
    3600,
  ),
  REDRESS_LOG: {
    meaning: `Lowest level that is logged: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}`,
    default: 'info',
    check: checkCode(LOG_LEVELS),
  },
  REDRESS_TRACES: {
    meaning: 'Where traces are sent by OTLP/HTTP, such as `http://localhost:4318/v1/traces`; no traces if it is empty',
    default: '',
    check: optionalAddress(/^https?:\/\/.+$/, 'an http or https address'),
  },
  REDRESS_FOLLOW_UP_DAYS: whole('Days to wait for feedback after the response', 7, 0, 3650),
  REDRESS_REOPEN_DAYS: whole('Days after the end of a complaint during which it may be re-opened', 90, 0, 36_500),
  REDRESS_SATISFIED_SCORE: whole('Lowest feedback score that counts as satisfied', 4, 1, 5),
  REDRESS_DELIVERY_ATTEMPTS: whole(
    'Number of failed delivery attempts after which an outcome is undeliverable',
    3,
    1,
    100,
  ),
} as const satisfies Record<string, Variable>;

type Name = keyof typeof VARIABLES;

/** The environment is not a valid configuration; the message names every invalid variable. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
  constructor(readonly faults: readonly string[]) {
    super(['the configuration cannot be used:', ...faults].join('\n  '));
  }
}

/**
 * Reads the variables; an empty one counts as absent. Unknown names that begin with REDRESS_ are rejected, because a
 * mistyped setting would otherwise silently keep its default; names that begin with REDRESS_TEST_ are reserved for
 * tests.
 * @throws ConfigurationInvalid
 */
export function loadConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const faults: string[] = [];
  const given = (name: Name): string | undefined => (environment[name] === '' ? undefined : environment[name]);
  const value = (name: Name): string => given(name) ?? VARIABLES[name].default;
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    const text = value(name as Name);
    const fault = variable.check(variable.whole === true ? numberOf(text) : text);
    if (fault !== undefined) faults.push(`${name} ${fault.message}`);
  }
  for (const name of Object.keys(environment))
    if (/^REDRESS_(?!TEST_)/.test(name) && !(name in VARIABLES)) faults.push(`${name} is not a setting of Redress`);
  if (faults.length > 0) throw new ConfigurationInvalid(faults);

  const data = value('REDRESS_DATA');
  const configuration: Configuration = {
    data,
    host: value('REDRESS_HOST'),
    port: Number(value('REDRESS_PORT')),
    eventStore: eventStoreAddress(given('REDRESS_EVENTSTORE') ?? `sqlite:${join(data, 'events.db')}`),
    readModels: readModelsAddress(given('REDRESS_READMODELS') ?? `embedded:${join(data, 'views.db')}`),
    role: value('REDRESS_ROLE') as Configuration['role'],
    leaseSeconds: Number(value('REDRESS_LEASE_SECONDS')),
    log: value('REDRESS_LOG') as LogLevel,
    traces: value('REDRESS_TRACES') || undefined,
    house: {
      followUpDays: Number(value('REDRESS_FOLLOW_UP_DAYS')),
      reopenDays: Number(value('REDRESS_REOPEN_DAYS')),
      satisfiedScore: Number(value('REDRESS_SATISFIED_SCORE')),
      deliveryAttempts: Number(value('REDRESS_DELIVERY_ATTEMPTS')),
    },
  };
  const { role, eventStore, readModels } = configuration;
  if (role !== 'all' && (eventStore.engine === 'sqlite' || readModels.engine === 'embedded'))
    throw new ConfigurationInvalid([`REDRESS_ROLE=${role} needs servers in REDRESS_EVENTSTORE and REDRESS_READMODELS`]);
  return configuration;
}

const numberOf = (text: string): unknown => (/^\d{1,15}$/.test(text) ? Number(text) : text);

const eventStoreAddress = (text: string): EventStoreAddress =>
  text.startsWith('sqlite:')
    ? { engine: 'sqlite', path: text.slice('sqlite:'.length) }
    : { engine: 'eventstoredb', url: text };

const readModelsAddress = (text: string): ReadModelsAddress =>
  text.startsWith('embedded:')
    ? { engine: 'embedded', path: text.slice('embedded:'.length) }
    : { engine: 'mongodb', url: text };
