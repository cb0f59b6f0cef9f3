import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, FORWARDS, jsonEvent, START } from '@eventstore/db-client';
import {
  explainFailures,
  openEventStore,
  openEventStoreToRead,
  openLogSource,
  openReadModels,
} from '../../src/app/engines.js';
import { verifyStore, type Verification } from '../../src/audit/verify.js';
import { AppendAmbiguous, AppendRefused, StoreUnavailable } from '../../src/eventstore/event-store.js';
import { prepareTables } from '../../src/eventstore/sqlite/schema.js';
import { systemClock } from '../../src/platform/clock.js';
import { ServerUnusable } from '../../src/platform/server-unusable.js';
import { openDatabase } from '../../src/platform/sqlite.js';
import { startEsdbDouble, type EsdbDouble } from '../support/esdb/esdb-double.js';
import { FakeMongoServer } from '../support/mongo/fake-mongo-server.js';
import {
  CERTIFICATE,
  startSilentServer,
  startTlsServer,
  type UnusableServer,
} from '../support/network/unusable-servers.js';

/** Port 9 is reserved (discard): nothing listens there. */
const UNUSED_ADDRESS = '127.0.0.1:9';

const eventStoreAt = (url: string) => ({ engine: 'eventstoredb', url }) as const;
const openToWrite = (url: string) => openEventStore(eventStoreAt(url), systemClock, () => undefined);

/** The three functions that open an event store, with their purposes. */
const WAYS_TO_OPEN: [string, (url: string) => Promise<unknown>][] = [
  ['to write', openToWrite],
  ['to read', (url) => openEventStoreToRead(eventStoreAt(url))],
  ['to verify', (url) => openLogSource({ eventStore: eventStoreAt(url) })],
];

/**
 * The error with which opening fails. Its message must be one line that does not contain the user or the password.
 * @throws Error if opening succeeds or fails with another error
 */
async function failureOf(opening: Promise<unknown>): Promise<ServerUnusable> {
  const error = await opening.then(
    () => new Error('expected ServerUnusable, but the server was opened'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ServerUnusable)) throw error as Error;
  expect(error.message).not.toMatch(/secret|ops|\n/);
  return error;
}

let folder: string;
let double: EsdbDouble;
let tls: UnusableServer;
let plainUrl: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-unusable-'));
  double = await startEsdbDouble({ withoutForeignStreams: true });
  tls = await startTlsServer();
  plainUrl = `esdb://ops:secret@127.0.0.1:${String(double.port)}?tls=false`;
});
afterEach(async () => {
  tls.close();
  await double.close();
  rmSync(folder, { recursive: true });
});

describe.each(WAYS_TO_OPEN)('opening an event store %s fails', (_, open) => {
  test('if nothing listens at the address', async () => {
    const { message, mayComeUp } = await failureOf(open(`esdb://ops:secret@${UNUSED_ADDRESS}?tls=false`));
    expect(message).toBe(
      'the event store at esdb://127.0.0.1:9 (REDRESS_EVENTSTORE) cannot be used because nothing listens there: ' +
        'start the server, or correct the address',
    );
    expect(mayComeUp).toBe(true);
  });

  test('if the server accepts connections and never answers', async () => {
    const silent = await startSilentServer();
    const { message, mayComeUp } = await failureOf(open(`esdb://127.0.0.1:${String(silent.port)}?tls=false`));
    silent.close();
    expect(message).toMatch(/because it does not answer: check that the server runs and is ready$/);
    expect(mayComeUp).toBe(true);
  });

  test('if the address asks for TLS and the server does not use TLS', async () => {
    const { message, mayComeUp } = await failureOf(open(plainUrl.replace('?tls=false', '')));
    expect(message).toMatch(/does not use TLS but the address asks for it: add tls=false to the address/);
    expect(mayComeUp).toBe(false);
  });

  test('if the server uses TLS and the address does not', async () => {
    const { message } = await failureOf(open(`esdb://127.0.0.1:${String(tls.port)}?tls=false`));
    expect(message).toMatch(/the server closes the connection: if the server uses TLS, remove tls=false/);
  });

  test('if the certificate of the server is not trusted', async () => {
    const { message, mayComeUp } = await failureOf(open(`esdb://ops:secret@127.0.0.1:${String(tls.port)}`));
    expect(message).toMatch(/is not trusted \(self-signed certificate\): add tlsCAFile=PATH/);
    expect(mayComeUp).toBe(false);
  });

  test('if the server rejects the user over TLS', async () => {
    const path = join(folder, 'ca.pem');
    writeFileSync(path, CERTIFICATE.trim());
    const url = `esdb://ops:secret@127.0.0.1:${String(tls.port)}?tlsCAFile=${path}`;
    const { message, mayComeUp } = await failureOf(open(url));
    expect(message).toMatch(/it does not accept the user and the password: correct both in the address/);
    expect(mayComeUp).toBe(false);
  });

  test('if the server rejects the user without TLS', async () => {
    double.faults.rejectUser();
    expect((await failureOf(open(plainUrl))).message).toMatch(/does not accept the user and the password/);
  });

  test('if the server is not ready', async () => {
    double.faults.unavailable();
    const { message, mayComeUp } = await failureOf(open(plainUrl));
    expect(message).toMatch(/it does not answer \(.*Server Is Not Ready\)/);
    expect(mayComeUp).toBe(true);
  });

  test('if no node of a cluster answers', async () => {
    const { message, mayComeUp } = await failureOf(
      open(`esdb+discover://${UNUSED_ADDRESS}?tls=false&maxDiscoverAttempts=1`),
    );
    expect(message).toMatch(/no node of the cluster answers: start the cluster/);
    expect(mayComeUp).toBe(true);
  });
});

describe('a user that may not read $all', () => {
  beforeEach(async () => {
    await (await openToWrite(plainUrl)).eventStore.close();
    double.faults.denyAll(); // denies only reads of $all
  });

  const denied = expect.stringMatching(
    /it denies access to the user: grant the user the right to read \$all and to read and append to all streams/,
  ) as string;

  test('makes opening the store for the service fail', async () => {
    expect(await failureOf(openToWrite(plainUrl))).toMatchObject({ message: denied, mayComeUp: false });
  });

  test('makes the verification of the log fail', async () => {
    expect(await failureOf(verifyLog(plainUrl))).toMatchObject({ message: denied });
  });

  test('can still read the history of a complaint', async () => {
    const store = await openEventStoreToRead(eventStoreAt(plainUrl));
    expect(await store.read('complaint-1', { limit: 1 })).toEqual([]);
    await store.close();
  });
});

async function verifyLog(url: string): Promise<Verification> {
  const source = await openLogSource({ eventStore: eventStoreAt(url) });
  try {
    for await (const step of verifyStore(source)) if (step.kind === 'result') return step;
    throw new Error('verification ended without a result');
  } finally {
    source.close();
  }
}

describe('opening a store without writing', () => {
  const missing = { name: 'StoreMissing', message: expect.stringMatching(/^there is no Redress store at /) as string };

  const withoutWriting = WAYS_TO_OPEN.filter(([purpose]) => purpose !== 'to write');
  test.each(withoutWriting)(
    '%s fails on a server without a store, names the address, and writes nothing',
    async (_, open) => {
      const client = EventStoreDBClient.connectionString(double.connectionString);
      await client.appendToStream('order-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
      await expect(open(plainUrl)).rejects.toMatchObject(missing);
      await expect(open(plainUrl)).rejects.toThrow(`esdb://127.0.0.1:${String(double.port)}:`);
      const streams = new Set<string>();
      for await (const { event } of client.readAll({ direction: FORWARDS, fromPosition: START }))
        if (event !== undefined) streams.add(event.streamId);
      expect([...streams].filter((stream) => !stream.startsWith('$'))).toEqual(['order-1']);
      await client.dispose();
    },
  );

  test('fails for an embedded store without events', async () => {
    const path = join(folder, 'events.db');
    const database = openDatabase(path);
    prepareTables(database);
    database.close();
    const eventStore = { engine: 'sqlite', path } as const;
    await expect(openEventStoreToRead(eventStore)).rejects.toMatchObject(missing);
    await expect(openLogSource({ eventStore })).rejects.toMatchObject(missing);
  });

  test('gives a store that rejects appends', async () => {
    await (await openToWrite(plainUrl)).eventStore.close();
    const store = await openEventStoreToRead(eventStoreAt(plainUrl));
    await expect(store.append('complaint-1', 'none', [])).rejects.toBeInstanceOf(AppendRefused);
    await store.close();
  });

  test('verification ignores streams of other programs, but reports their events in a stream of Redress', async () => {
    await (await openToWrite(plainUrl)).eventStore.close();
    const client = EventStoreDBClient.connectionString(double.connectionString);
    await client.appendToStream('order-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    expect(await verifyLog(plainUrl)).toMatchObject({
      ok: true,
      events: 1,
      others: { events: 1, categories: ['order'] },
    });
    await client.appendToStream('complaint-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    expect(await verifyLog(plainUrl)).toMatchObject({
      ok: false,
      others: { events: 1, categories: ['order'] },
      firstError: { stream: 'complaint-1', revision: 0, position: expect.stringMatching(/^\d{20}\/\d{20}$/) as string },
    });
    await client.dispose();
  });

  test('verification reports an event of another program at the place of the first event of the store', async () => {
    const client = EventStoreDBClient.connectionString(double.connectionString);
    await client.appendToStream('store', jsonEvent({ type: 'ShopOpened', data: {} }));
    await client.dispose();
    expect(await verifyLog(plainUrl)).toMatchObject({
      ok: false,
      events: 0,
      firstError: { stream: 'store', revision: 0 },
    });
  });
});

/** Error codes of MongoDB. */
const AUTHENTICATION_FAILED = 18;
const UNAUTHORIZED = 13;
const SHUTDOWN_IN_PROGRESS = 91;

describe('opening MongoDB fails', () => {
  const open = (url: string) => openReadModels({ engine: 'mongodb', url });

  test('if nothing listens at the address', async () => {
    const { message, mayComeUp } = await failureOf(open(`mongodb://ops:secret@${UNUSED_ADDRESS}/redress`));
    expect(message).toBe(
      'MongoDB at mongodb://127.0.0.1:9 (REDRESS_READMODELS) cannot be used because nothing listens there: ' +
        'start the server, or correct the address',
    );
    expect(mayComeUp).toBe(true);
  });

  test('if the server accepts connections and never answers', async () => {
    const silent = await startSilentServer();
    const { message, mayComeUp } = await failureOf(open(`mongodb://127.0.0.1:${String(silent.port)}/redress`));
    silent.close();
    expect(message).toMatch(/it does not answer \(.*\): check that the server runs and has a primary$/);
    expect(mayComeUp).toBe(true);
  });

  test('if the password is wrong, or the user has no rights', async () => {
    const server = await FakeMongoServer.start();
    server.errorCode = (command) => ('saslStart' in command ? AUTHENTICATION_FAILED : undefined);
    const url = server.url('serverSelectionTimeoutMS=2000').replace('//', '//ops:secret@');
    expect(await failureOf(open(url))).toMatchObject({
      message: expect.stringMatching(/it does not accept the user and the password: correct both/) as string,
      mayComeUp: false,
    });
    server.errorCode = (command) => ('ping' in command ? UNAUTHORIZED : undefined);
    expect(await failureOf(open(server.url()))).toMatchObject({
      message: expect.stringMatching(/it denies access to the user: grant the user the role readWrite/) as string,
      mayComeUp: false,
    });
    await server.stop();
  });

  test('if the user may not read the database of the index of personal values', async () => {
    const server = await FakeMongoServer.start();
    server.errorCode = (command) => ('find' in command && command.$db === 'care-subjects' ? UNAUTHORIZED : undefined);
    const address = { engine: 'mongodb', url: server.url(), database: 'care-subjects' } as const;
    expect(await failureOf(openReadModels(address, 'REDRESS_SUBJECTS'))).toMatchObject({
      message: expect.stringMatching(
        /^the database care-subjects of MongoDB at .* \(REDRESS_SUBJECTS\) .* denies access to the user: grant the user/,
      ) as string,
      mayComeUp: false,
    });
    await server.stop();
  });

  test('if the server does not use TLS and the address asks for it, or if its certificate is not trusted', async () => {
    const server = await FakeMongoServer.start();
    // the driver states the cause only after its server selection timeout, so the message need not contain it
    expect((await failureOf(open(server.url('tls=true')))).message).toMatch(/MongoDB at .* cannot be used because/);
    await server.stop();
    const { message, mayComeUp } = await failureOf(open(`mongodb://127.0.0.1:${String(tls.port)}/x?tls=true`));
    expect(message).toMatch(/is not trusted \(self-signed certificate\): add tlsCAFile=PATH/);
    expect(mayComeUp).toBe(false);
  });

  test.each([
    'mongodb://ops:se/secret@host/x',
    'mongodb://ops:%secret@host/x',
    'mongodb://ops:secret@host:port/x',
    'mongodb://ops:secret@host/x?nonsense=1',
    'mongodb://ops:sec@ret@host/x',
  ])('if the address is not valid: %s', async (url) => {
    expect((await failureOf(open(url))).message).toMatch(
      /^MongoDB at mongodb:\/\/host.* \(REDRESS_READMODELS\) .* the address is not valid \(.*\): correct the address$/,
    );
  });

  test('if the address names a file that cannot be read, also if its name says that it is a certificate', async () => {
    const url = 'mongodb://ops:secret@host/x?tls=true&tlsCAFile=/no/certificate.crt';
    const { message, mayComeUp } = await failureOf(open(url));
    expect(message).toMatch(
      /the address is not valid \(a file that it names cannot be read: ENOENT.*certificate\.crt'\)/,
    );
    expect(mayComeUp).toBe(false);
  });
});

test('opening an event store fails if the address is not valid, or names a file that cannot be read', async () => {
  for (const [url, reason] of [
    ['esdb://ops:secret@host:2113?nonsense=1', 'it has no option "nonsense"'],
    ['esdb://ops:sec@ret@host:2113', /user and password must be percent-encoded: .* @ as %40/],
    ['esdb://ops:secret@host:2113?tlsCAFile=/nowhere', /a file that it names cannot be read: ENOENT.*'\/nowhere'/],
  ] as const) {
    const { message, mayComeUp } = await failureOf(openToWrite(url));
    expect(message).toMatch(reason);
    expect(message).toMatch(
      /^the event store at esdb:\/\/host:2113 \(REDRESS_EVENTSTORE\) cannot be used because the address is not valid \(/,
    );
    expect(message).toMatch(/\): correct the address$/);
    expect(mayComeUp).toBe(false);
  }
});

describe('the explanation of an error of a running process', () => {
  const embedded = {
    readModels: { engine: 'embedded', path: 'views.db' },
    subjects: { engine: 'embedded', path: 'subjects.db' },
  } as const;

  test('names the event store, its setting, the reason and the advice', async () => {
    const { eventStore } = await openToWrite(plainUrl);
    double.faults.rejectUser();
    const error: unknown = await eventStore.head().catch((reason: unknown) => reason);
    await eventStore.close();
    expect(explainFailures({ ...embedded, eventStore: eventStoreAt(plainUrl) })(error)).toBe(
      `the event store at esdb://127.0.0.1:${String(double.port)} (REDRESS_EVENTSTORE) cannot be used because it does ` +
        'not accept the user and the password: correct both in the address; without TLS none are sent',
    );
  });

  test.each([
    [AUTHENTICATION_FAILED, 'it does not accept the user and the password: correct both, and authSource if it is'],
    [UNAUTHORIZED, 'it denies access to the user: grant the user the role readWrite on the database'],
    // without the message of the server, which may quote a document
    [SHUTDOWN_IN_PROGRESS, 'it does not answer (error code 91): check that the server runs and has a primary'],
  ])('names the database whose server answers with code %s; this is an outage, not a bug', async (code, reason) => {
    const server = await FakeMongoServer.start();
    const views = { engine: 'mongodb', url: server.url() } as const;
    const subjects = { ...views, database: 'redress-subjects' };
    const opened = [await openReadModels(views), await openReadModels(subjects, 'REDRESS_SUBJECTS')];
    server.errorCode = (command) => ('find' in command || 'listCollections' in command ? code : undefined);
    const errors: unknown[] = [];
    for (const { readModels } of opened) {
      errors.push(await readModels.listCollections().catch((failure: unknown) => failure));
      await readModels.close();
    }
    await server.stop();
    const name = 'ReadModelsUnavailable'; // the projections retry it
    expect(errors).toEqual([expect.objectContaining({ name }), expect.objectContaining({ name })]);
    const explain = explainFailures({ eventStore: eventStoreAt(plainUrl), readModels: views, subjects });
    const address = /^mongodb:\/\/[^/]*/.exec(views.url)?.[0] ?? '';
    expect(errors.map(explain)).toEqual([
      expect.stringContaining(`MongoDB at ${address} (REDRESS_READMODELS) cannot be used because ${reason}`),
      expect.stringContaining(
        `the database redress-subjects of MongoDB at ${address} (REDRESS_SUBJECTS) cannot be used because ${reason}`,
      ),
    ]);
  });

  test('quotes of an embedded store only errors of the disk or the file', () => {
    const explain = explainFailures({ ...embedded, eventStore: { engine: 'sqlite', path: 'events.db' } });
    const full = new Error('database or disk is full');
    expect(
      explain(new AppendAmbiguous('王芳', { cause: new StoreUnavailable('the commit failed', { cause: full }) })),
    ).toBe('database or disk is full');
    const damaged = 'the database events.db is damaged: database disk image is malformed';
    expect(explain(new Error(damaged))).toBe(damaged);
    expect(explain(new AppendAmbiguous('王芳 could not be stored'))).toBeUndefined();
    expect(explain('disk is full')).toBeUndefined();
  });
});
