import { setTimeout as pause } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import { Connection } from '../../src/readmodels/mongodb/connection.js';
import { findDocuments } from '../../src/readmodels/mongodb/find.js';
import { aggregate, countDocuments, distinctValues } from '../../src/readmodels/mongodb/group.js';
import { ensureIndexes } from '../../src/readmodels/mongodb/indexes.js';
import type { StoredDocument } from '../../src/readmodels/mongodb/stored-document.js';
import { parseFilter, parseFind, parsePipeline } from '../../src/readmodels/query-language.js';
import { DeafServer } from '../support/mongo/deaf-server.js';

let server: DeafServer;
let connection: Connection;

beforeEach(async () => {
  server = await DeafServer.start();
  connection = await Connection.open(server.url('maxPoolSize=1'), { callTimeoutMS: 300, socketTimeoutMS: 200 });
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

/** The one connection of the pool is free again, or another has taken its place. */
async function goesOn(): Promise<void> {
  expect(connection.unavailableSince).not.toBeNull();
  expect(await connection.reached(ping)).toMatchObject({ ok: 1 });
  expect(connection.unavailableSince).toBeNull();
}

test('a command that is never answered ends, and the next is answered', async () => {
  server.answers = (command) => command !== 'count';
  const counting = connection.reached((database) => database.command({ count: 'all' }));
  await expect(counting).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
  await goesOn();
});

test('whatever the driver waits for, a call ends', async () => {
  await expect(connection.reached(() => new Promise(() => undefined))).rejects.toMatchObject(unanswered);
  await goesOn();
});

test.each(['unread', 'ended'] as const)(
  'a large command that is %s, for which the driver waits for ever, ends, and the next is answered',
  async (fate) => {
    server.large = fate;
    await expect(connection.reached(large)).rejects.toMatchObject(unanswered);
    await goesOn();
  },
);

const MAX_TIME_EXPIRED = 50;

test('a query that takes too long is ended by the server, alone', async () => {
  const { client, queryTimeMS } = connection;
  expect(queryTimeMS).toBe(150);
  server.refuses = ({ maxTimeMS }) => (maxTimeMS === queryTimeMS ? MAX_TIME_EXPIRED : undefined);
  const asks: readonly ((view: Collection<StoredDocument>) => Promise<unknown>)[] = [
    (view) => findDocuments(view, parseFind({}), queryTimeMS),
    (view) => countDocuments(view, parseFilter({}), queryTimeMS),
    (view) => distinctValues(view, 'rank', parseFilter({}), queryTimeMS),
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

test('calls beside one that is not answered are asked again, not told that the program is at fault', async () => {
  server.answers = (command) => command !== 'count';
  const first = connection.reached(() => new Promise(() => undefined));
  await pause(150);
  const beside = connection.reached((database) => database.command({ count: 'all' }));
  await expect(first).rejects.toMatchObject(unanswered);
  await expect(beside).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
});

describe('building indexes', () => {
  const building = () =>
    connection.unhurried((database) => ensureIndexes(database, 'view', [{ fields: { dueAt: 1 } }]));

  /** Waits until it builds: the list of what is there came back empty. */
  async function begun(): Promise<void> {
    while (!server.heard.includes('listIndexes')) await pause(5);
  }

  test('may take longer than a call, while the server answers others', async () => {
    server.answers = (command) => command !== 'listIndexes';
    let ended = false;
    const work = building()
      .catch(() => undefined)
      .finally(() => (ended = true));
    await begun();
    await pause(1_000);
    expect(ended).toBe(false);
    expect(server.heard.filter((command) => command === 'ping').length).toBeGreaterThan(2);
    server.answers = () => false;
    await work;
  });

  test('ends when the server answers nobody any more', async () => {
    server.answers = (command) => command !== 'listIndexes';
    const work = expect(building()).rejects.toMatchObject({ name: 'ReadModelsUnavailable' });
    await begun();
    server.answers = () => false;
    await work;
  });
});
