import { setTimeout as pause } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import { Connection } from '../../src/readmodels/mongodb/connection.js';
import { findDocuments } from '../../src/readmodels/mongodb/find.js';
import { aggregate, countDocuments } from '../../src/readmodels/mongodb/group.js';
import { ensureIndexes } from '../../src/readmodels/mongodb/indexes.js';
import type { StoredDocument } from '../../src/readmodels/mongodb/stored-document.js';
import { parseFilter, parseFind, parsePipeline } from '../../src/readmodels/query-language.js';
import { eventually } from '../support/eventually.js';
import { DeafServer } from '../support/mongo/deaf-server.js';

/** Far above the response time on a busy machine: only a missing response exceeds it. */
const CALL_MS = 2_000;
const SOCKET_MS = 1_500;

let server: DeafServer;
let connection: Connection;

beforeEach(async () => {
  server = await DeafServer.start();
  const limits = { callTimeoutMS: CALL_MS, socketTimeoutMS: SOCKET_MS };
  connection = await eventually(() => Connection.open(server.url('maxPoolSize=1'), limits));
});
afterEach(async () => {
  await connection.close();
  await server.stop();
});

const unanswered = { name: 'ReadModelsUnavailable', cause: { name: 'NoAnswer' } };
const ping = (database: Db): Promise<unknown> => database.command({ ping: 1 });
const large = (database: Db): Promise<unknown> =>
  database
    .collection<{ _id: number }>('large')
    .bulkWrite(
      Array.from({ length: 80 }, (_, _id) => ({ insertOne: { document: { _id, text: 'x'.repeat(100_000) } } })),
    );

/** The only connection of the pool is free again, or replaced. */
async function goesOn(): Promise<void> {
  expect(connection.unavailableSince).not.toBeNull();
  expect(await connection.reached(ping)).toMatchObject({ ok: 1 });
  expect(connection.unavailableSince).toBeNull();
}

test('a command without a response ends, and the next one succeeds', async () => {
  server.answers = (command) => command !== 'count';
  const counting = connection.reached((database) => database.command({ count: 'all' }));
  await expect(counting).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
  await goesOn();
});

test('a call ends at its timeout even if the driver waits forever', async () => {
  await expect(connection.reached(() => new Promise(() => undefined))).rejects.toMatchObject(unanswered);
  await goesOn();
});

test.each(['unread', 'ended'] as const)(
  'a large command that is %s, for which the driver waits forever, ends, and the next one succeeds',
  async (fate) => {
    server.large = fate;
    await expect(connection.reached(large)).rejects.toMatchObject(unanswered);
    await goesOn();
  },
);

const MAX_TIME_EXPIRED = 50;

test('a query that takes too long is ended by the server, alone', async () => {
  const { client, queryTimeMS } = connection;
  expect(queryTimeMS).toBe(0.75 * SOCKET_MS);
  server.refuses = ({ maxTimeMS }) => (maxTimeMS === queryTimeMS ? MAX_TIME_EXPIRED : undefined);
  const asks: readonly ((view: Collection<StoredDocument>) => Promise<unknown>)[] = [
    (view) => findDocuments(view, parseFind({}), queryTimeMS),
    (view) => countDocuments(view, parseFilter({}), queryTimeMS),
    (view) => aggregate(view, parsePipeline([{ $group: { _id: null } }]), queryTimeMS),
  ];
  for (const ask of asks)
    await expect(connection.reached((database) => ask(database.collection('view')))).rejects.toMatchObject({
      name: 'QueryTooSlow',
      limit: queryTimeMS,
    });
  expect(connection.unavailableSince).toBeNull();
  expect(connection.client).toBe(client);
});

test('calls concurrent with one without a response are reported as transient, not as a bug', async () => {
  server.answers = (command) => command !== 'count';
  const first = connection.reached(() => new Promise(() => undefined));
  await pause(CALL_MS / 2); // its timer expires after that of the first
  const concurrent = connection.reached((database) => database.command({ count: 'all' }));
  await expect(first).rejects.toMatchObject(unanswered);
  await expect(concurrent).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
});

describe('building indexes', () => {
  const building = () =>
    connection.unhurried((database) => ensureIndexes(database, 'view', [{ fields: { dueAt: 1 } }]));

  /** Waits until the build starts: the list of existing indexes was empty. */
  const buildStarted = () => eventually(() => server.heard.includes('listIndexes'));

  test('may take longer than a call, while the server answers others', async () => {
    server.answers = (command) => command !== 'listIndexes';
    let ended = false;
    const work = building()
      .catch(() => undefined)
      .finally(() => (ended = true));
    await buildStarted();
    await eventually(() => server.heard.filter((command) => command === 'ping').length > 2); // one per call timeout
    expect(ended).toBe(false);
    server.answers = () => false;
    await work;
  });

  test('ends when the server stops answering', async () => {
    server.answers = (command) => command !== 'listIndexes';
    const work = expect(building()).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
    await buildStarted();
    server.answers = () => false;
    await work;
  });
});
