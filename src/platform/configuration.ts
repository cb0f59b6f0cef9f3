import { getCountries } from 'libphonenumber-js/min';
import { join, resolve } from 'node:path';

import { Code, Text, Whole } from './fields.js';
import { LOG_LEVELS, type LogLevel } from './log.js';
import { validateTexts } from './validate-object.js';

export const PROCESS_ROLES = ['all', 'api', 'projections', 'timers'] as const;

export interface Configuration {
  /** Folder of all persistent data. */
  readonly data: string;
  /** Folder of the secret keys that a backup of the data should not have. */
  readonly keys: string;
  readonly host: string;
  readonly port: number;
  readonly eventStore: EventStoreAddress;
  readonly readModels: ReadModelsAddress;
  /** The store of the index of personal values; never that of the read models. */
  readonly subjects: ReadModelsAddress;
  /** Region (ISO 3166) of phone numbers without a country code. */
  readonly phoneRegion: string;
  readonly role: (typeof PROCESS_ROLES)[number];
  readonly log: LogLevel;
  /** Seconds without a renewal after which another process takes over the projections or the timers. */
  readonly leaseSeconds: number;
  /** Seconds that the service waits at its start for servers that do not answer yet. */
  readonly startSeconds: number;
  /** OTLP/HTTP address to which traces are sent; undefined if tracing is off. */
  readonly traces: string | undefined;
}

export type EventStoreAddress =
  { readonly engine: 'sqlite'; readonly path: string } | { readonly engine: 'eventstoredb'; readonly url: string };

export type ReadModelsAddress =
  | { readonly engine: 'embedded'; readonly path: string }
  | {
      readonly engine: 'mongodb';
      readonly url: string;
      /** Name of the database, if it is not the one in the URL. */
      readonly database?: string;
    };

/** The form of the address of read models. */
const READ_MODELS = { pattern: /^(embedded:.+|mongodb(\+srv)?:\/\/.+)$/, name: 'embedded:PATH or mongodb://…' };

/**
 * The environment variables; docs/configuration.md lists them. In the addresses of the stores, `:REDRESS_DATA/` stands
 * for the data folder.
 */
export class Settings {
  @Text({ max: 4096, default: './data', description: 'Folder for the files of the service' })
  readonly REDRESS_DATA!: string;
  @Text({ max: 253, default: '127.0.0.1', description: 'Network address to listen on' })
  readonly REDRESS_HOST!: string;
  @Whole({ min: 0, max: 65_535, default: 3000, description: 'Port to listen on; 0 picks a free one' })
  readonly REDRESS_PORT!: number;
  @Text({
    max: 4096,
    form: { pattern: /^(sqlite:.+|(esdb|kurrentdb)(\+discover)?:\/\/.+)$/, name: 'sqlite:PATH or esdb://…' },
    default: 'sqlite:REDRESS_DATA/events.db',
    description: 'Where events are kept: `sqlite:PATH`, or `esdb://…` for EventStoreDB and KurrentDB',
  })
  readonly REDRESS_EVENTSTORE!: string;
  @Text({
    max: 4096,
    form: READ_MODELS,
    default: 'embedded:REDRESS_DATA/views.db',
    description: 'Where read models are kept: `embedded:PATH`, or `mongodb://…`',
  })
  readonly REDRESS_READMODELS!: string;
  @Text({
    max: 4096,
    form: READ_MODELS,
    optional: true,
    description: 'Where the index of personal values is kept; when absent, beside the read models (see below)',
  })
  readonly REDRESS_SUBJECTS?: string;
  @Text({
    max: 4096,
    default: 'REDRESS_DATA/keys',
    description: 'Folder for the secret key of that index; keep it apart from backups of the data',
  })
  readonly REDRESS_KEYS!: string;
  @Text({
    max: 2,
    form: { pattern: new RegExp(`^(${getCountries().join('|')})$`), name: 'a region of ISO 3166 such as CN' },
    default: 'CN',
    description: 'Region (ISO 3166) of phone numbers without a country code, for the search by phone number',
  })
  readonly REDRESS_PHONE_REGION!: string;
  @Code(PROCESS_ROLES, {
    default: 'all',
    description:
      'What this process does: `all`, `api`, `projections` or `timers`; the last three need servers for both stores',
  })
  readonly REDRESS_ROLE!: Configuration['role'];
  @Whole({
    min: 1,
    max: 3600,
    default: 10,
    description: 'Seconds without a renewed lease after which another process takes over the projections or the timers',
  })
  readonly REDRESS_LEASE_SECONDS!: number;
  @Whole({
    min: 0,
    max: 3600,
    default: 60,
    description: 'Seconds that a starting service waits for servers that do not answer yet',
  })
  readonly REDRESS_START_SECONDS!: number;
  @Code(LOG_LEVELS, {
    default: 'info',
    description: `Lowest level that is logged: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}`,
  })
  readonly REDRESS_LOG!: LogLevel;
  @Text({
    max: 4096,
    form: { pattern: /^https?:\/\/.+$/, name: 'an http or https address' },
    optional: true,
    description:
      'Where traces are sent by OTLP/HTTP, such as `http://localhost:4318/v1/traces`; no traces if it is empty',
  })
  readonly REDRESS_TRACES?: string;
}

/** The environment is not a valid configuration; the message names every invalid variable. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
  constructor(readonly faults: readonly string[]) {
    super(['the configuration cannot be used:', ...faults].join('\n  '));
  }
}

/**
 * Reads the variables that begin with REDRESS_; an empty one counts as absent. Rejects unknown names, because a
 * mistyped variable would otherwise be ignored without a message. Ignores names that begin with REDRESS_TEST_: they
 * are for tests.
 * @throws ConfigurationInvalid
 */
export function loadConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const variables = Object.entries(environment).filter(
    ([name, text]) => /^REDRESS_(?!TEST_)/.test(name) && text !== '',
  );
  const result = validateTexts(Settings, Object.fromEntries(variables));
  if (!result.ok) throw new ConfigurationInvalid(result.errors.map(({ message }) => message));
  const settings = result.value;
  const data = settings.REDRESS_DATA;
  const insertDataFolder = (address: string): string =>
    address.replace(/(?<=^|:)REDRESS_DATA\//, () => join(data, '/'));
  const readModels = readModelsAddress(insertDataFolder(settings.REDRESS_READMODELS));
  const configuration: Configuration = {
    data,
    keys: insertDataFolder(settings.REDRESS_KEYS),
    host: settings.REDRESS_HOST,
    port: settings.REDRESS_PORT,
    eventStore: eventStoreAddress(insertDataFolder(settings.REDRESS_EVENTSTORE)),
    readModels,
    subjects:
      settings.REDRESS_SUBJECTS === undefined
        ? subjectsBeside(readModels, data)
        : readModelsAddress(insertDataFolder(settings.REDRESS_SUBJECTS)),
    phoneRegion: settings.REDRESS_PHONE_REGION,
    role: settings.REDRESS_ROLE,
    leaseSeconds: settings.REDRESS_LEASE_SECONDS,
    startSeconds: settings.REDRESS_START_SECONDS,
    log: settings.REDRESS_LOG,
    traces: settings.REDRESS_TRACES,
  };
  const { role, eventStore, subjects } = configuration;
  if (role !== 'all' && (eventStore.engine === 'sqlite' || readModels.engine === 'embedded'))
    throw new ConfigurationInvalid([`REDRESS_ROLE=${role} needs servers in REDRESS_EVENTSTORE and REDRESS_READMODELS`]);
  if (eventStore.engine === 'eventstoredb' && subjects.engine !== readModels.engine)
    throw new ConfigurationInvalid([
      'with a server in REDRESS_EVENTSTORE, REDRESS_SUBJECTS and REDRESS_READMODELS must both be MongoDB or both embedded, ' +
        'because one process writes both',
    ]);
  if (placeOf(subjects) === placeOf(readModels))
    throw new ConfigurationInvalid(['REDRESS_SUBJECTS must be another file or database than REDRESS_READMODELS']);
  return configuration;
}

/** The default of REDRESS_SUBJECTS: a file in the data folder, or a database on the server of the read models. */
const subjectsBeside = (readModels: ReadModelsAddress, data: string): ReadModelsAddress =>
  readModels.engine === 'embedded'
    ? { engine: 'embedded', path: join(data, 'subjects.db') }
    : { ...readModels, database: `${databaseOf(readModels)}-subjects` };

/** The database of an address; without one in the URL it is `redress`. */
const databaseOf = ({ url, database }: { readonly url: string; readonly database?: string }): string =>
  database ?? decodeURIComponent(/^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1] ?? 'redress');

/** The file, or hosts and database: two addresses of one store have the same place. */
const placeOf = (address: ReadModelsAddress): string =>
  address.engine === 'embedded'
    ? resolve(address.path)
    : `${/^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]*)/.exec(address.url)?.[1] ?? ''}/${databaseOf(address)}`;

const eventStoreAddress = (text: string): EventStoreAddress =>
  text.startsWith('sqlite:')
    ? { engine: 'sqlite', path: text.slice('sqlite:'.length) }
    : { engine: 'eventstoredb', url: text };

const readModelsAddress = (text: string): ReadModelsAddress =>
  text.startsWith('embedded:')
    ? { engine: 'embedded', path: text.slice('embedded:'.length) }
    : { engine: 'mongodb', url: text };
