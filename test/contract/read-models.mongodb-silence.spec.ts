import { setTimeout as pause } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import { Connection } from '../../src/readmodels/mongodb/connection.js';
import { findDocuments } from '../../src/readmodels/mongodb/find.js';
import { aggregate, countDocuments } from '../../src/readmodels/mongodb/group.js';
import { ensureIndexes } from '../../src/readmodels/mongodb/indexes.js';
import type { StoredDocument } from '../../src/readmodels/mongodb/stored-document.js';
import { parseCount, parseFind, parsePipeline } from '../../src/readmodels/query-language.js';
import { eventually } from '../support/eventually.js';
import { FakeMongoServer } from '../support/mongo/fake-mongo-server.js';

/** Far longer than a response takes on a busy machine: only a missing response exceeds it. */
const CALL_TIMEOUT_MS = 2_000;
const SOCKET_TIMEOUT_MS = 1_500;

let server: FakeMongoServer;
let connection: Connection;

beforeEach(async () => {
  server = await FakeMongoServer.start();
  const limits = { callTimeoutMS: CALL_TIMEOUT_MS, socketTimeoutMS: SOCKET_TIMEOUT_MS };
  connection = await eventually(() => Connection.open(server.url('maxPoolSize=1'), limits));
});
afterEach(async () => {
  await connection.close();
  await server.stop();
});

const timedOut = { name: 'ReadModelsUnavailable', cause: { name: 'NoAnswer' } };
const ping = (database: Db): Promise<unknown> => database.command({ ping: 1 });
/** A command of 8 MB. */
const writeLargeBatch = (database: Db): Promise<unknown> =>
  database
    .collection<{ _id: number }>('large')
    .bulkWrite(
      Array.from({ length: 80 }, (_, _id) => ({ insertOne: { document: { _id, text: 'x'.repeat(100_000) } } })),
    );

/** Checks that the only connection of the pool is free again or replaced. */
async function expectNextCallToSucceed(): Promise<void> {
  expect(connection.unavailableSince).not.toBeNull();
  expect(await connection.withTimeLimit(ping)).toMatchObject({ ok: 1 });
  expect(connection.unavailableSince).toBeNull();
}

test('a command without a response ends, and the next one succeeds', async () => {
  server.responds = (command) => command !== 'count';
  const counting = connection.withTimeLimit((database) => database.command({ count: 'all' }));
  await expect(counting).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
  await expectNextCallToSucceed();
});

test('a call ends at its timeout even if the driver waits forever', async () => {
  await expect(connection.withTimeLimit(() => new Promise(() => undefined))).rejects.toMatchObject(timedOut);
  await expectNextCallToSucceed();
});

// In both cases the driver itself waits forever.
test.each([
  ['the server stops reading', 'stop-reading'],
  ['the server closes its side while the client sends', 'close'],
] as const)('a large command ends at its timeout if %s, and the next command succeeds', async (_, largeCommand) => {
  server.largeCommand = largeCommand;
  await expect(connection.withTimeLimit(writeLargeBatch)).rejects.toMatchObject(timedOut);
  await expectNextCallToSucceed();
});

/** Error code of MongoDB: the server ended an operation that exceeded its `maxTimeMS`. */
const MAX_TIME_EXPIRED = 50;

test('a query that the server ends because it takes too long fails, and the connection stays open', async () => {
  const { client, queryTimeMS } = connection;
  expect(queryTimeMS).toBe(0.75 * SOCKET_TIMEOUT_MS);
  server.errorCode = ({ maxTimeMS }) => (maxTimeMS === queryTimeMS ? MAX_TIME_EXPIRED : undefined);
  const queries: readonly ((view: Collection<StoredDocument>) => Promise<unknown>)[] = [
    (view) => findDocuments(view, parseFind({}), queryTimeMS),
    (view) => countDocuments(view, parseCount({}), queryTimeMS),
    (view) => aggregate(view, parsePipeline([{ $group: { _id: null } }]), queryTimeMS),
  ];
  for (const query of queries)
    await expect(connection.withTimeLimit((database) => query(database.collection('view')))).rejects.toMatchObject({
      name: 'QueryTooSlow',
      limit: queryTimeMS,
    });
  expect(connection.unavailableSince).toBeNull();
  expect(connection.client).toBe(client);
});

test('a call that runs while another one times out also fails as unavailable, not with an unexpected error', async () => {
  server.responds = (command) => command !== 'count';
  const first = connection.withTimeLimit(() => new Promise(() => undefined));
  await pause(CALL_TIMEOUT_MS / 2); // the second call times out after the first one
  const concurrent = connection.withTimeLimit((database) => database.command({ count: 'all' }));
  await expect(first).rejects.toMatchObject(timedOut);
  await expect(concurrent).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
});

describe('building indexes', () => {
  const buildIndexes = () =>
    connection.withoutTimeLimit((database) => ensureIndexes(database, 'view', [{ fields: { dueAt: 1 } }]));

  /** Waits until the build has sent its first command. */
  const waitUntilStarted = () => eventually(() => server.received.includes('listIndexes'));

  test('may take longer than the timeout of a call while the server answers other commands', async () => {
    server.responds = (command) => command !== 'listIndexes';
    let hasEnded = false;
    const build = buildIndexes()
      .catch(() => undefined)
      .finally(() => (hasEnded = true));
    await waitUntilStarted();
    // the connection sends one ping in each call timeout
    await eventually(() => server.received.filter((command) => command === 'ping').length > 2);
    expect(hasEnded).toBe(false);
    server.responds = () => false;
    await build;
  });

  test('ends when the server stops answering', async () => {
    server.responds = (command) => command !== 'listIndexes';
    const failure = expect(buildIndexes()).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
    await waitUntilStarted();
    server.responds = () => false;
    await failure;
  });
});
