import { MongoClient, type CommandStartedEvent, type Db } from 'mongodb';
import { parseFind } from '../../src/readmodels/query-language.js';
import { findDocuments } from '../../src/readmodels/mongodb/find.js';
import type { StoredDocument } from '../../src/readmodels/mongodb/stored-document.js';
import { Connection } from '../../src/readmodels/mongodb/connection.js';
import { MongoReadModels, openMongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { Checkpoint, Document, IndexSpec, WriteBatch, WriteSession } from '../../src/readmodels/read-models.js';
import { Databases, REAL_MONGODB, STAND_IN_DIFFERENCES } from '../support/mongo/databases.js';
import { at } from '../support/read-models/fixture.js';
import { testUnless } from '../support/skip.js';
import { describeReadModels } from './read-models.contract.js';

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

describeReadModels(
  'mongodb',
  () => openMongoReadModels(databases.url, { database: databases.next() }),
  STAND_IN_DIFFERENCES,
);

const COLLECTION = 'work_queue@1.1';

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

  /**
   * A write that replaces documents whose stored `_position` is `loaded` (null: new documents), and moves the
   * checkpoint from `from` to `to`.
   */
  const batchOf = (
    documents: readonly Document[],
    loaded: string | null,
    from: Checkpoint | null,
    to: Checkpoint,
  ): WriteBatch => {
    const writes = documents.map((document) => ({ id: document._id, loaded, document }));
    return { changes: [{ collection: COLLECTION, writes }], checkpoint: { collection: COLLECTION, from, to } };
  };
  const documents = (count: number, position: string, more: object = {}): Document[] =>
    Array.from({ length: count }, (_, n) => ({ _id: `d${String(n)}`, _position: position, n, ...more }));
  /** Name of the collection of MongoDB that holds the documents of COLLECTION. */
  const physicalName = async (): Promise<string> =>
    (await raw.collection<{ _id: string; physical: string }>('redress.collections').findOne({ _id: COLLECTION }))
      ?.physical ?? '';

  describe('collections', () => {
    test('after another process dropped a collection and created it again, a process uses the new collection', async () => {
      const other = await openMongoReadModels(databases.url, { database });
      await session.createCollection(COLLECTION, []);
      await session.write(batchOf(documents(3, '1'), null, null, at('1')));
      expect(await other.count(COLLECTION, {})).toBe(3);
      await session.dropCollection(COLLECTION);
      await expect(other.count(COLLECTION, {})).rejects.toMatchObject({ name: 'UnknownCollection' });
      await session.createCollection(COLLECTION, []);
      await session.write(batchOf(documents(5, '1'), null, null, at('1')));
      expect(await other.count(COLLECTION, {})).toBe(5);
      await other.close();
    });

    test('a late write to a dropped collection is invisible, and is removed at the next drop', async () => {
      await session.createCollection(COLLECTION, []);
      const droppedName = await physicalName();
      await session.dropCollection(COLLECTION);
      await raw.collection<{ _id: string }>(droppedName).insertOne({ _id: 'late' });
      await session.createCollection(COLLECTION, []);
      expect(await models.getMany(COLLECTION, ['late'])).toEqual([]);
      expect(await models.loadCheckpoint(COLLECTION)).toBeNull();
      await session.dropCollection(COLLECTION);
      const remaining = (await raw.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
      expect(remaining.filter((name) => name.startsWith('view.'))).toEqual([]);
    });

    test('a collection of another program in the same database is not changed or listed', async () => {
      await raw.collection<{ _id: string }>('other_program').insertOne({ _id: 'x' });
      await session.createCollection(COLLECTION, []);
      await session.dropCollection(COLLECTION);
      expect(await raw.collection('other_program').countDocuments({})).toBe(1);
      expect(await models.listCollections()).toEqual([]);
    });
  });

  describe('indexes', () => {
    const INDEXES: readonly IndexSpec[] = [{ fields: { open: 1, dueAt: -1 } }, { fields: { _id: 1 } }];
    /** The indexes of COLLECTION in MongoDB, without the one on `_id`. */
    const listIndexes = async () => {
      const all = (await raw
        .collection(await physicalName())
        .listIndexes()
        .toArray()) as Record<string, unknown>[];
      return all
        .filter(({ name }) => name !== '_id_')
        .map(({ name, key, expireAfterSeconds }) => ({ name, key, expireAfterSeconds }));
    };
    const declared = [
      { name: 'open_1_dueAt_-1__id_-1', key: { open: 1, dueAt: -1, _id: -1 }, expireAfterSeconds: undefined },
    ];

    test('have the declared fields, followed by the id', async () => {
      await session.createCollection(COLLECTION, INDEXES);
      expect(await listIndexes()).toEqual(declared);
    });

    test('are built by buildIndexes if the collection was created with deferred indexes', async () => {
      await session.createCollection(COLLECTION, INDEXES, 'later');
      await session.write(batchOf(documents(3, '1'), null, null, at('1')));
      expect(await listIndexes()).toEqual([]);
      await session.buildIndexes(COLLECTION);
      expect(await listIndexes()).toEqual(declared);
    });

    test('are built again if they are missing or differ from the declaration; other indexes stay', async () => {
      await session.createCollection(COLLECTION, INDEXES);
      const collection = raw.collection(await physicalName());
      await collection.dropIndex('open_1_dueAt_-1__id_-1');
      await session.createCollection(COLLECTION, INDEXES);
      expect(await listIndexes()).toEqual(declared);

      await collection.dropIndex('open_1_dueAt_-1__id_-1');
      await collection.createIndexes([{ key: { open: 1, dueAt: -1, _id: -1 }, name: 'unique_instead', unique: true }]);
      await collection.createIndexes([{ key: { handler: 1 }, name: 'open_1_dueAt_-1__id_-1' }]);
      await collection.createIndexes([{ key: { title: 1 }, name: 'title' }]);
      await session.createCollection(COLLECTION, INDEXES);
      const names = (await listIndexes()).map(({ name }) => name).sort();
      expect(names).toEqual(['open_1_dueAt_-1__id_-1', 'title']);
      expect(await listIndexes()).toContainEqual(declared[0]);
    });

    testUnless(REAL_MONGODB === undefined ? 'the stand-in for MongoDB ignores partialFilterExpression' : undefined)(
      'that are unique ignore tombstones',
      async () => {
        await session.createCollection(COLLECTION, [{ fields: { key: 1 }, unique: true }]);
        const tombstones = ['a', 'b'].map((_id): Document => ({ _id, _position: '1', _deleted: true }));
        expect(await session.write(batchOf(tombstones, null, null, at('1')))).toEqual({ outcome: 'written' });
      },
    );
  });

  test('a document whose sort value changes between the two queries of a page is returned once', async () => {
    await session.createCollection(COLLECTION, []);
    await session.write(batchOf(documents(6, '1', { group: 'a' }), null, null, at('1')));
    const collection = raw.collection<StoredDocument>(await physicalName());
    const find = collection.find.bind(collection);
    // findDocuments sends two queries: for the rest of group a, and for later groups. Before the second one runs, document
    // d3 moves from the range of the first to that of the second.
    const spy = jest.spyOn(collection, 'find').mockImplementationOnce((...firstQuery) => {
      spy.mockImplementationOnce((...secondQuery) => {
        const cursor = find(...secondQuery);
        const toArray = cursor.toArray.bind(cursor);
        cursor.toArray = async () => {
          await collection.updateOne({ _id: 'd3' }, { $set: { group: 'b' } });
          return toArray();
        };
        return cursor;
      });
      return find(...firstQuery);
    });
    const page = await findDocuments(collection, parseFind({ sort: { group: 1 }, after: ['a', 'd1'] }), 1_000);
    expect(page.map(({ _id, group }) => [_id, group])).toEqual(['d2', 'd3', 'd4', 'd5'].map((id) => [id, 'a']));
  });

  test('collections that only earlier releases of Redress used are removed when a session is opened', async () => {
    await raw.collection<{ _id: string }>('redress.aliases').insertOne({ _id: 'work_queue' });
    await models.openSession();
    const remaining = (await raw.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    expect(remaining).not.toContain('redress.aliases');
  });

  test('options of the connection string cannot change write concern, read concern, read preference or timeouts', async () => {
    const [, address] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)/.exec(databases.url) ?? [];
    const weakOptions =
      'w=0&journal=false&wtimeoutMS=1&readPreference=secondary&readConcernLevel=available&monitorCommands=true' +
      '&promoteLongs=false&promoteValues=false&serverSelectionTimeoutMS=600000';
    const connection = await Connection.open(`${address ?? ''}/?${weakOptions}`, { database });
    const commands: CommandStartedEvent[] = [];
    connection.client.on('commandStarted', (event) => commands.push(event));
    const readModels = new MongoReadModels(connection);
    const writer = await readModels.openSession();
    await writer.createCollection(COLLECTION, [{ fields: { n: 1 } }]);
    await writer.takeOverCheckpoint(COLLECTION);
    await writer.write(batchOf(documents(3, '1'), null, null, at('1')));
    await writer.write(batchOf(documents(3, '2'), '1', at('1'), at('2')));
    expect(await readModels.getMany(COLLECTION, ['d1'])).toEqual([{ _id: 'd1', _position: '2', n: 1 }]);
    expect(await readModels.count(COLLECTION, { n: 1 })).toBe(1);
    expect(await readModels.find(COLLECTION, { limit: 1 })).toEqual([{ _id: 'd0', _position: '2', n: 0 }]);
    await writer.changeModel(await writer.takeOverModel('work_queue'), { live: COLLECTION });
    const lease = await readModels.leases.acquire('projections', 'one', 1000);
    expect(await lease?.renew()).toBe(true);
    await writer.dropCollection(COLLECTION);
    await readModels.close();

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

  test('read models that are closed reject every call', async () => {
    const closed = await openMongoReadModels(databases.url, { database });
    await closed.close();
    await expect(closed.listCollections()).rejects.toThrow('are closed');
  });
});
