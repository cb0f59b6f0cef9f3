import { MongoClient, type CommandStartedEvent, type Db } from 'mongodb';
import { parseFind } from '../../src/readmodels/query-language.js';
import { findDocuments } from '../../src/readmodels/mongodb/find.js';
import type { StoredDocument } from '../../src/readmodels/mongodb/stored-document.js';
import { Connection } from '../../src/readmodels/mongodb/connection.js';
import { MongoReadModels, openMongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { Checkpoint, Document, IndexSpec, WriteBatch, WriteSession } from '../../src/readmodels/read-models.js';
import { Databases, REAL, STAND_IN_DIFFERENCES } from '../support/mongo/databases.js';
import { at } from '../support/read-models/fixture.js';
import { describeReadModels } from './read-models.contract.js';

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

describeReadModels(
  'mongodb',
  () => openMongoReadModels(databases.url, { database: databases.next() }),
  STAND_IN_DIFFERENCES,
);

const QUEUE = 'work_queue@1.1';

describe('read models on mongodb', () => {
  let database: string;
  let models: MongoReadModels;
  let session: WriteSession;
  let client: MongoClient;
  let raw: Db;

  beforeEach(async () => {
    database = databases.next();
    models = await openMongoReadModels(databases.url, { database });
    session = await models.openSession();
    client = new MongoClient(databases.url);
    raw = client.db(database);
  });

  afterEach(async () => {
    await models.close();
    await client.close();
  });

  const batchOf = (
    documents: readonly Document[],
    loaded: string | null,
    from: Checkpoint | null,
    to: Checkpoint,
  ): WriteBatch => {
    const writes = documents.map((document) => ({ id: document._id, loaded, document }));
    return { changes: [{ collection: QUEUE, writes }], checkpoint: { collection: QUEUE, from, to } };
  };
  const documents = (count: number, position: string, more: object = {}): Document[] =>
    Array.from({ length: count }, (_, n) => ({ _id: `d${String(n)}`, _position: position, n, ...more }));
  const physical = async (name = QUEUE): Promise<string> =>
    (await raw.collection<{ _id: string; physical: string }>('redress.collections').findOne({ _id: name }))?.physical ??
    '';

  describe('collections', () => {
    test('another process drops one and creates it again: the new one is used', async () => {
      const other = await openMongoReadModels(databases.url, { database });
      await session.createCollection(QUEUE, []);
      await session.write(batchOf(documents(3, '1'), null, null, at('1')));
      expect(await other.count(QUEUE, {})).toBe(3);
      await session.dropCollection(QUEUE);
      await expect(other.count(QUEUE, {})).rejects.toMatchObject({ name: 'UnknownCollection' });
      await session.createCollection(QUEUE, []);
      await session.write(batchOf(documents(5, '1'), null, null, at('1')));
      expect(await other.count(QUEUE, {})).toBe(5);
      await other.close();
    });

    test('late writes to a dropped one are invisible, and removed at the next drop', async () => {
      await session.createCollection(QUEUE, []);
      const before = await physical();
      await session.dropCollection(QUEUE);
      await raw.collection<{ _id: string }>(before).insertOne({ _id: 'late' });
      await session.createCollection(QUEUE, []);
      expect(await models.getMany(QUEUE, ['late'])).toEqual([]);
      expect(await models.loadCheckpoint(QUEUE)).toBeNull();
      await session.dropCollection(QUEUE);
      const left = (await raw.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
      expect(left.filter((name) => name.startsWith('view.'))).toEqual([]);
    });

    test('documents of other programs in the same database stay', async () => {
      await raw.collection<{ _id: string }>('theirs').insertOne({ _id: 'x' });
      await session.createCollection(QUEUE, []);
      await session.dropCollection(QUEUE);
      expect(await raw.collection('theirs').countDocuments({})).toBe(1);
      expect(await models.listCollections()).toEqual([]);
    });
  });

  describe('indexes', () => {
    const INDEXES: readonly IndexSpec[] = [{ fields: { open: 1, dueAt: -1 } }, { fields: { _id: 1 } }];
    const listed = async () => {
      const all = (await raw
        .collection(await physical())
        .listIndexes()
        .toArray()) as Record<string, unknown>[];
      return all
        .filter(({ name }) => name !== '_id_')
        .map(({ name, key, expireAfterSeconds }) => ({ name, key, expireAfterSeconds }));
    };
    const wanted = [
      { name: 'open_1_dueAt_-1__id_-1', key: { open: 1, dueAt: -1, _id: -1 }, expireAfterSeconds: undefined },
    ];

    test('match their declarations, each ending in the id', async () => {
      await session.createCollection(QUEUE, INDEXES);
      expect(await listed()).toEqual(wanted);
    });

    test('are built by buildIndexes when they are deferred', async () => {
      await session.createCollection(QUEUE, INDEXES, 'later');
      await session.write(batchOf(documents(3, '1'), null, null, at('1')));
      expect(await listed()).toEqual([]);
      await session.buildIndexes(QUEUE);
      expect(await listed()).toEqual(wanted);
    });

    test('are rebuilt when missing or of another kind, and others are not changed', async () => {
      await session.createCollection(QUEUE, INDEXES);
      const collection = raw.collection(await physical());
      await collection.dropIndex('open_1_dueAt_-1__id_-1');
      await session.createCollection(QUEUE, INDEXES);
      expect(await listed()).toEqual(wanted);

      await collection.dropIndex('open_1_dueAt_-1__id_-1');
      await collection.createIndexes([{ key: { open: 1, dueAt: -1, _id: -1 }, name: 'theirs', unique: true }]);
      await collection.createIndexes([{ key: { handler: 1 }, name: 'open_1_dueAt_-1__id_-1' }]);
      await collection.createIndexes([{ key: { title: 1 }, name: 'title' }]);
      await session.createCollection(QUEUE, INDEXES);
      const names = (await listed()).map(({ name }) => name).sort();
      expect(names).toEqual(['open_1_dueAt_-1__id_-1', 'title']);
      expect(await listed()).toContainEqual(wanted[0]);
    });

    (REAL === undefined ? test.skip : test)(
      'a unique one ignores tombstones (the test double ignores partialFilterExpression)',
      async () => {
        await session.createCollection(QUEUE, [{ fields: { key: 1 }, unique: true }]);
        const gone = ['a', 'b'].map((_id): Document => ({ _id, _position: '1', _deleted: true }));
        expect(await session.write(batchOf(gone, null, null, at('1')))).toEqual({ outcome: 'written' });
      },
    );
  });

  test('a document that moves between two ranges of a page is returned once', async () => {
    await session.createCollection(QUEUE, []);
    await session.write(batchOf(documents(6, '1', { group: 'a' }), null, null, at('1')));
    const collection = raw.collection<StoredDocument>(await physical());
    const find = collection.find.bind(collection);
    const moving = jest.spyOn(collection, 'find').mockImplementationOnce((...first) => {
      moving.mockImplementationOnce((...second) => {
        const cursor = find(...second);
        const toArray = cursor.toArray.bind(cursor);
        cursor.toArray = async () => {
          await collection.updateOne({ _id: 'd3' }, { $set: { group: 'b' } });
          return toArray();
        };
        return cursor;
      });
      return find(...first);
    });
    const page = await findDocuments(collection, parseFind({ sort: { group: 1 }, after: ['a', 'd1'] }), 1_000);
    expect(page.map(({ _id, group }) => [_id, group])).toEqual(['d2', 'd3', 'd4', 'd5'].map((id) => [id, 'a']));
  });

  test('collections of earlier versions are removed when a session is opened', async () => {
    await raw.collection<{ _id: string }>('redress.aliases').insertOne({ _id: 'work_queue' });
    await models.openSession();
    const left = (await raw.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    expect(left).not.toContain('redress.aliases');
  });

  test('no connection string weakens durability or read preference', async () => {
    const [, address] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)/.exec(databases.url) ?? [];
    const weak =
      'w=0&journal=false&wtimeoutMS=1&readPreference=secondary&readConcernLevel=available&monitorCommands=true' +
      '&promoteLongs=false&promoteValues=false&serverSelectionTimeoutMS=600000';
    const connection = await Connection.open(`${address ?? ''}/?${weak}`, { database });
    const commands: CommandStartedEvent[] = [];
    connection.client.on('commandStarted', (event) => commands.push(event));
    const weakened = new MongoReadModels(connection);
    const writing = await weakened.openSession();
    await writing.createCollection(QUEUE, [{ fields: { n: 1 } }]);
    await writing.takeCheckpoint(QUEUE);
    await writing.write(batchOf(documents(3, '1'), null, null, at('1')));
    await writing.write(batchOf(documents(3, '2'), '1', at('1'), at('2')));
    expect(await weakened.getMany(QUEUE, ['d1'])).toEqual([{ _id: 'd1', _position: '2', n: 1 }]);
    expect(await weakened.count(QUEUE, { n: 1 })).toBe(1);
    expect(await weakened.find(QUEUE, { limit: 1 })).toEqual([{ _id: 'd0', _position: '2', n: 0 }]);
    await writing.changeModel(await writing.takeModel('work_queue'), { live: QUEUE });
    const lease = await weakened.leases.acquire('projections', 'one', 1000);
    expect(await lease?.renew()).toBe(true);
    await writing.dropCollection(QUEUE);
    await weakened.close();

    expect(connection.client.options.serverSelectionTimeoutMS).toBe(5_000);
    const writes = commands.filter(({ commandName }) =>
      /^(insert|update|delete|findAndModify|drop)$/.test(commandName),
    );
    expect(new Set(writes.map(({ commandName }) => commandName))).toEqual(
      new Set(['insert', 'update', 'delete', 'findAndModify', 'drop']),
    );
    for (const { command } of writes) expect(command.writeConcern).toEqual({ w: 'majority', j: true });
    const reads = commands.filter(({ commandName }) => /^(find|aggregate|count)$/.test(commandName));
    expect(reads.length).toBeGreaterThan(8);
    for (const { command } of reads) {
      expect(command.readConcern).toEqual({ level: 'local' });
      expect(command.$readPreference ?? { mode: 'primary' }).toEqual({ mode: 'primary' });
    }
    const timed = reads.filter(({ command }) => command.maxTimeMS === connection.queryTimeMS);
    expect(new Set(timed.map(({ commandName }) => commandName))).toEqual(new Set(['find', 'aggregate']));
  });

  test('once closed it stays closed', async () => {
    const closed = await openMongoReadModels(databases.url, { database });
    await closed.close();
    await expect(closed.listCollections()).rejects.toThrow('are closed');
  });
});
