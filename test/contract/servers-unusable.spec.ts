import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, FORWARDS, jsonEvent, START } from '@eventstore/db-client';
import { openEventStore, openEventStoreToRead, openLogSource, openReadModels } from '../../src/app/engines.js';
import { verifyStore, type Verification } from '../../src/audit/verify.js';
import { AppendRefused } from '../../src/eventstore/event-store.js';
import { prepareTables } from '../../src/eventstore/sqlite/schema.js';
import { systemClock } from '../../src/platform/clock.js';
import { ServerUnusable } from '../../src/platform/server-unusable.js';
import { openDatabase } from '../../src/platform/sqlite.js';
import { startEsdbDouble, type EsdbDouble } from '../support/esdb/esdb-double.js';
import { DeafServer } from '../support/mongo/deaf-server.js';
import { CERTIFICATE, startSilentServer, startTlsServer, type UnfitServer } from '../support/network/unfit-servers.js';

/** Reserved: nothing listens there. */
const NOBODY = '127.0.0.1:9';

const at = (url: string) => ({ engine: 'eventstoredb', url }) as const;
const forWriting = (url: string) => openEventStore(at(url), systemClock, () => undefined);

/** The ways to open the event store. */
const ways: [string, (url: string) => Promise<unknown>][] = [
  ['to write', forWriting],
  ['to read', (url) => openEventStoreToRead(at(url))],
  ['to verify', (url) => openLogSource(at(url))],
];

async function failureOf(opening: Promise<unknown>): Promise<ServerUnusable> {
  const error = await opening.then(
    () => new Error('it opened'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ServerUnusable)) throw error as Error;
  expect(error.message).not.toMatch(/secret|ops|\n/);
  return error;
}

let folder: string;
let double: EsdbDouble;
let tls: UnfitServer;
let plainUrl: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-unusable-'));
  double = await startEsdbDouble();
  tls = await startTlsServer();
  plainUrl = `esdb://ops:secret@127.0.0.1:${String(double.port)}?tls=false`;
});
afterEach(async () => {
  tls.close();
  await double.close();
  rmSync(folder, { recursive: true });
});

describe.each(ways)('an event store that is opened %s', (_, open) => {
  test('where nothing listens', async () => {
    const { message, mayComeUp } = await failureOf(open(`esdb://ops:secret@${NOBODY}?tls=false`));
    expect(message).toBe(
      'the event store at esdb://127.0.0.1:9 (REDRESS_EVENTSTORE) cannot be used because nothing listens there: ' +
        'start the server, or correct the address',
    );
    expect(mayComeUp).toBe(true);
  });

  test('on a server that listens and never answers', async () => {
    const silent = await startSilentServer();
    const { message, mayComeUp } = await failureOf(open(`esdb://127.0.0.1:${String(silent.port)}?tls=false`));
    silent.close();
    expect(message).toMatch(/because it does not answer: check that the server runs and is ready$/);
    expect(mayComeUp).toBe(true);
  });

  test('with TLS on a server without it', async () => {
    const { message, mayComeUp } = await failureOf(open(plainUrl.replace('?tls=false', '')));
    expect(message).toMatch(/does not use TLS but the address asks for it: add tls=false to the address/);
    expect(mayComeUp).toBe(false);
  });

  test('without TLS on a server that needs it', async () => {
    const { message } = await failureOf(open(`esdb://127.0.0.1:${String(tls.port)}?tls=false`));
    expect(message).toMatch(/the server closes the connection: if the server uses TLS, remove tls=false/);
  });

  test('on a server with an unknown certificate', async () => {
    const { message, mayComeUp } = await failureOf(open(`esdb://ops:secret@127.0.0.1:${String(tls.port)}`));
    expect(message).toMatch(/is not trusted \(self-signed certificate\): add tlsCAFile=PATH/);
    expect(mayComeUp).toBe(false);
  });

  test('with a wrong password, over TLS', async () => {
    const path = join(folder, 'ca.pem');
    writeFileSync(path, CERTIFICATE.trim());
    const url = `esdb://ops:secret@127.0.0.1:${String(tls.port)}?tlsCAFile=${path}`;
    const { message, mayComeUp } = await failureOf(open(url));
    expect(message).toMatch(/it does not accept the user and the password: correct both in the address/);
    expect(mayComeUp).toBe(false);
  });

  test('with a user that the server rejects', async () => {
    double.faults.rejectUser();
    expect((await failureOf(open(plainUrl))).message).toMatch(/does not accept the user and the password/);
  });

  test('on a server that is not ready', async () => {
    double.faults.unavailable();
    const { message, mayComeUp } = await failureOf(open(plainUrl));
    expect(message).toMatch(/it does not answer \(.*Server Is Not Ready\)/);
    expect(mayComeUp).toBe(true);
  });

  test('in a cluster of which no node answers', async () => {
    const { message, mayComeUp } = await failureOf(open(`esdb+discover://${NOBODY}?tls=false&maxDiscoverAttempts=1`));
    expect(message).toMatch(/no node of the cluster answers: start the cluster/);
    expect(mayComeUp).toBe(true);
  });
});

describe('a user that may not read $all', () => {
  beforeEach(async () => {
    await (await forWriting(plainUrl)).eventStore.close();
    double.faults.denyAll();
  });

  const denied = expect.stringMatching(
    /it denies access to the user: grant the user the right to read \$all and to read and append to all streams/,
  ) as string;

  test('is named when the service opens the store', async () => {
    expect(await failureOf(forWriting(plainUrl))).toMatchObject({ message: denied, mayComeUp: false });
  });

  test('is named when the log is verified', async () => {
    const verifying = verifyAll(plainUrl);
    expect(await failureOf(verifying)).toMatchObject({ message: denied });
  });

  test('can still read the history of a complaint', async () => {
    const store = await openEventStoreToRead(at(plainUrl));
    expect(await store.read('complaint-1', { limit: 1 })).toEqual([]);
    await store.close();
  });
});

async function verifyAll(url: string): Promise<Verification> {
  const source = await openLogSource(at(url));
  try {
    for await (const step of verifyStore(source)) if (step.kind === 'result') return step;
    throw new Error('verification ended without a result');
  } finally {
    source.close();
  }
}

describe('opening to read', () => {
  const missing = { name: 'StoreMissing', message: expect.stringMatching(/^there is no Redress store at /) as string };

  test.each(ways.slice(1))('%s writes nothing to a server without a store, and names its address', async (_, open) => {
    const client = EventStoreDBClient.connectionString(double.connectionString);
    await client.appendToStream('order-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    await expect(open(plainUrl)).rejects.toMatchObject(missing);
    await expect(open(plainUrl)).rejects.toThrow(`esdb://127.0.0.1:${String(double.port)}:`);
    const streams = new Set<string>();
    for await (const { event } of client.readAll({ direction: FORWARDS, fromPosition: START }))
      if (event !== undefined) streams.add(event.streamId);
    expect([...streams].filter((stream) => !stream.startsWith('$'))).toEqual(['order-1']);
    await client.dispose();
  });

  test('names an embedded store without events', async () => {
    const path = join(folder, 'events.db');
    const database = openDatabase(path);
    prepareTables(database);
    database.close();
    for (const open of [openEventStoreToRead, openLogSource])
      await expect(open({ engine: 'sqlite', path })).rejects.toMatchObject(missing);
  });

  test('rejects appends', async () => {
    await (await forWriting(plainUrl)).eventStore.close();
    const store = await openEventStoreToRead(at(plainUrl));
    await expect(store.append('complaint-1', 'none', [])).rejects.toBeInstanceOf(AppendRefused);
    await store.close();
  });

  test('verifies a server that other programs use', async () => {
    await (await forWriting(plainUrl)).eventStore.close();
    const client = EventStoreDBClient.connectionString(double.connectionString);
    await client.appendToStream('order-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    expect(await verifyAll(plainUrl)).toMatchObject({
      ok: true,
      events: 1,
      others: { events: 1, categories: ['order'] },
    });
    await client.appendToStream('complaint-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    expect(await verifyAll(plainUrl)).toMatchObject({
      ok: false,
      others: { events: 1, categories: ['order'] },
      firstError: { stream: 'complaint-1', revision: 0, position: expect.stringMatching(/^\d{20}\/\d{20}$/) as string },
    });
    await client.dispose();
  });

  test('verification names an event of another program in place of the header', async () => {
    const client = EventStoreDBClient.connectionString(double.connectionString);
    await client.appendToStream('store', jsonEvent({ type: 'ShopOpened', data: {} }));
    await client.dispose();
    expect(await verifyAll(plainUrl)).toMatchObject({
      ok: false,
      events: 0,
      firstError: { stream: 'store', revision: 0 },
    });
  });
});

describe('MongoDB', () => {
  const open = (url: string) => openReadModels({ engine: 'mongodb', url });

  test('where nothing listens', async () => {
    const { message, mayComeUp } = await failureOf(open(`mongodb://ops:secret@${NOBODY}/redress`));
    expect(message).toBe(
      'MongoDB at mongodb://127.0.0.1:9 (REDRESS_READMODELS) cannot be used because nothing listens there: ' +
        'start the server, or correct the address',
    );
    expect(mayComeUp).toBe(true);
  });

  test('on a server that listens and never answers', async () => {
    const silent = await startSilentServer();
    const { message, mayComeUp } = await failureOf(open(`mongodb://127.0.0.1:${String(silent.port)}/redress`));
    silent.close();
    expect(message).toMatch(/it does not answer \(.*\): check that the server runs and has a primary$/);
    expect(mayComeUp).toBe(true);
  });

  test('with a wrong password, and with a user without rights', async () => {
    const server = await DeafServer.start();
    server.refuses = (command) => ('saslStart' in command ? 18 : undefined);
    const url = server.url('serverSelectionTimeoutMS=2000').replace('//', '//ops:secret@');
    const wrong = await failureOf(open(url));
    expect(wrong).toMatchObject({
      message: expect.stringMatching(/it does not accept the user and the password: correct both/) as string,
      mayComeUp: false,
    });
    server.refuses = (command) => ('ping' in command ? 13 : undefined);
    expect(await failureOf(open(server.url()))).toMatchObject({
      message: expect.stringMatching(/it denies access to the user: grant the user the role readWrite/) as string,
      mayComeUp: false,
    });
    await server.stop();
  });

  test('with TLS on a server without it, and with an unknown certificate', async () => {
    const server = await DeafServer.start();
    // the driver waits until its time is over before it gives the reason
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
    'mongodb://ops:secret@host/x?tls=true&tlsCAFile=/nowhere',
  ])('at an address that is not valid: %s', async (url) => {
    expect((await failureOf(open(url))).message).toMatch(/^MongoDB at mongodb:\/\/host.*: correct the address$/);
  });
});
