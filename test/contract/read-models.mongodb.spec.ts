import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient, type CommandStartedEvent, type Db } from 'mongodb';
import { parseFind } from '../../src/readmodels/query-language.js';
import { Checkpoints } from '../../src/readmodels/mongodb/checkpoints.js';
import { findDocuments } from '../../src/readmodels/mongodb/find.js';
import type { StoredDocument } from '../../src/readmodels/mongodb/stored-document.js';
import { Connection } from '../../src/readmodels/mongodb/connection.js';
import { MongoReadModels, openMongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { Checkpoint, Document, GuardedBatch, IndexSpec } from '../../src/readmodels/read-models.js';
import { eventually } from '../support/eventually.js';
import { Databases, REAL, UNLIKE } from '../support/mongo/databases.js';
import { describeReadModels } from './read-models.contract.js';

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

describeReadModels('mongodb', () => openMongoReadModels(databases.url, { database: databases.next() }), UNLIKE);

const QUEUE = 'work_queue@1.1';
const at = (position: string, epoch = 1): Checkpoint => ({ storeId: 's', position, eventId: `e${position}`, epoch });

describe('read models on mongodb', () => {
  let database: string;
  let models: MongoReadModels;
  let client: MongoClient;
  let raw: Db;

  beforeEach(async () => {
    database = databases.next();
    models = await openMongoReadModels(databases.url, { database });
    client = new MongoClient(databases.url);
    raw = client.db(database);
  });

  afterEach(async () => {
    await models.close();
    await client.close();
  });

  const batchOf = (documents: readonly Document[], loaded: string | null, from: Checkpoint | null, to: Checkpoint) => ({
    collection: QUEUE,
    writes: documents.map((document) => ({ id: document._id, loaded, document })),
    checkpoint: { id: QUEUE, from, to },
  });
  const documents = (count: number, position: string, more: object = {}): Document[] =>
    Array.from({ length: count }, (_, n) => ({ _id: `d${String(n)}`, _position: position, n, ...more }));
  const physical = async (name = QUEUE): Promise<string> =>
    (await raw.collection<{ _id: string; physical: string }>('redress.collections').findOne({ _id: name }))?.physical ??
    '';

  describe('a batch that is sent again', () => {
    const first = batchOf(documents(30, '1'), null, null, at('1'));
    const second = batchOf(documents(30, '2', { later: true }), '1', at('1'), at('2'));

    beforeEach(() => models.createCollection(QUEUE, []));

    /** What a crash between documents and checkpoint leaves. */
    const withoutCheckpoint = async (batch: GuardedBatch): Promise<void> => {
      expect(await models.write(batch)).toEqual({ ok: true });
      const { from } = batch.checkpoint;
      const checkpoints = raw.collection<{ _id: string }>('redress.checkpoints');
      if (from === null) await checkpoints.deleteOne({ _id: await physical() });
      else await checkpoints.updateOne({ _id: await physical() }, { $set: { ...from } });
    };

    test('goes into the guards and changes nothing twice', async () => {
      await withoutCheckpoint(first);
      expect(await models.write(first)).toEqual({ ok: true });
      await withoutCheckpoint(second);
      expect(await models.write(second)).toEqual({ ok: true });
      expect(await models.find(QUEUE, { filter: { later: true, _position: '2' } })).toHaveLength(30);
      expect(await models.loadCheckpoint(QUEUE)).toEqual(at('2'));
    });

    test('writes what was missing of it', async () => {
      await models.write(first);
      await models.write(batchOf(documents(10, '2', { later: true }), '1', at('1'), at('1')));
      expect(await models.write(second)).toEqual({ ok: true });
      expect(await models.count(QUEUE, { later: true })).toBe(30);
    });

    test('is done when only its answer was lost', async () => {
      await models.write(first);
      expect(await models.write(first)).toEqual({ ok: true });
    });

    test('by two runners at once is one batch', async () => {
      const other = await openMongoReadModels(databases.url, { database });
      const same = batchOf(documents(500, '1'), null, null, at('1'));
      expect(await Promise.all([models.write(same), other.write(same)])).toEqual([{ ok: true }, { ok: true }]);
      const elses = batchOf(documents(500, '2'), '1', at('1'), at('2', 2));
      const mine = batchOf(documents(500, '2'), '1', at('1'), at('2', 1));
      const results = await Promise.all([models.write(mine), other.write(elses)]);
      expect(results).toContainEqual({ ok: true });
      expect(results).toContainEqual({ ok: false, checkpointLost: true });
      expect(await models.count(QUEUE, { _position: '2' })).toBe(500);
      await other.close();
    });

    test('loses the checkpoint to a newer epoch at the last moment', async () => {
      const connection = await Connection.open(databases.url, { database });
      await connection.reached(async (stored) => {
        const checkpoints = new Checkpoints(stored);
        await checkpoints.move('queue', { id: 'queue', from: null, to: at('1', 1) });
        await checkpoints.move('queue', { id: 'queue', from: at('1', 1), to: at('1', 2) });
        expect(await checkpoints.move('queue', { id: 'queue', from: at('1', 1), to: at('2', 1) })).toBe(false);
        expect(await checkpoints.move('queue', { id: 'queue', from: at('1', 2), to: at('2', 1) })).toBe(false);
        expect(await checkpoints.load('queue')).toEqual(at('1', 2));
      });
      await connection.close();
    });

    test('over a document that went further is refused, and the rest is there', async () => {
      await models.write(first);
      await models.write(batchOf(documents(1, '9'), '1', at('1'), at('1')));
      expect(await models.write(second)).toEqual({ ok: false, refused: ['d0'] });
      expect(await models.count(QUEUE, { later: true })).toBe(29);
      expect(await models.loadCheckpoint(QUEUE)).toEqual(at('1'));
    });
  });

  describe('collections', () => {
    test('another process drops one and creates it again: it is seen anew', async () => {
      const other = await openMongoReadModels(databases.url, { database });
      await models.createCollection(QUEUE, []);
      await models.write(batchOf(documents(3, '1'), null, null, at('1')));
      expect(await other.count(QUEUE, {})).toBe(3);
      await models.dropCollection(QUEUE);
      await expect(other.count(QUEUE, {})).rejects.toMatchObject({ name: 'UnknownCollection' });
      await models.createCollection(QUEUE, []);
      await models.write(batchOf(documents(5, '1'), null, null, at('1')));
      expect(await other.count(QUEUE, {})).toBe(5);
      await other.close();
    });

    test('what a late writer adds to a dropped one is not seen, and goes with the next drop', async () => {
      await models.createCollection(QUEUE, []);
      const before = await physical();
      await models.dropCollection(QUEUE);
      await raw.collection<{ _id: string }>(before).insertOne({ _id: 'late' });
      await models.createCollection(QUEUE, []);
      expect(await models.getMany(QUEUE, ['late'])).toEqual([]);
      expect(await models.loadCheckpoint(QUEUE)).toBeNull();
      await models.dropCollection(QUEUE);
      const left = (await raw.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
      expect(left.filter((name) => name.startsWith('view.'))).toEqual([]);
    });

    test('documents of others in the same database stay', async () => {
      await raw.collection<{ _id: string }>('theirs').insertOne({ _id: 'x' });
      await models.createCollection(QUEUE, []);
      await models.dropCollection(QUEUE);
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

    test('are those that are declared, each ending in the id', async () => {
      await models.createCollection(QUEUE, INDEXES);
      expect(await listed()).toEqual(wanted);
    });

    test('come with buildIndexes when they shall come later', async () => {
      await models.createCollection(QUEUE, INDEXES, 'later');
      await models.write(batchOf(documents(3, '1'), null, null, at('1')));
      expect(await listed()).toEqual([]);
      await models.buildIndexes(QUEUE);
      expect(await listed()).toEqual(wanted);
    });

    test('are made again where one is missing or of another kind, and others are left alone', async () => {
      await models.createCollection(QUEUE, INDEXES);
      const collection = raw.collection(await physical());
      await collection.dropIndex('open_1_dueAt_-1__id_-1');
      await models.createCollection(QUEUE, INDEXES);
      expect(await listed()).toEqual(wanted);

      await collection.dropIndex('open_1_dueAt_-1__id_-1');
      await collection.createIndexes([{ key: { open: 1, dueAt: -1, _id: -1 }, name: 'theirs', unique: true }]);
      await collection.createIndexes([{ key: { handler: 1 }, name: 'open_1_dueAt_-1__id_-1' }]);
      await collection.createIndexes([{ key: { title: 1 }, name: 'title' }]);
      await models.createCollection(QUEUE, INDEXES);
      const names = (await listed()).map(({ name }) => name).sort();
      expect(names).toEqual(['open_1_dueAt_-1__id_-1', 'title']);
      expect(await listed()).toContainEqual(wanted[0]);
    });

    test('a unique one that is violated is an error, not a refused guard', async () => {
      await models.createCollection(QUEUE, [{ fields: { key: 1 }, unique: true }]);
      await models.write(batchOf([{ _id: 'a', _position: '1', key: 'k' }], null, null, at('1')));
      const twice = batchOf([{ _id: 'b', _position: '2', key: 'k' }], null, at('1'), at('2'));
      await expect(models.write(twice)).rejects.toMatchObject({ code: 11000 });
      expect(await models.loadCheckpoint(QUEUE)).toEqual(at('1'));
    });

    (REAL === undefined ? test.skip : test)(
      'a unique one lets tombstones be (the stand-in ignores partialFilterExpression)',
      async () => {
        await models.createCollection(QUEUE, [{ fields: { key: 1 }, unique: true }]);
        const gone = ['a', 'b'].map((_id): Document => ({ _id, _position: '1', _deleted: true }));
        expect(await models.write(batchOf(gone, null, null, at('1')))).toEqual({ ok: true });
      },
    );
  });

  test('a document that moves from one range of a page into the next is answered once', async () => {
    await models.createCollection(QUEUE, []);
    await models.write(batchOf(documents(6, '1', { group: 'a' }), null, null, at('1')));
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

  describe('what MongoDB does not take', () => {
    beforeEach(() => models.createCollection(QUEUE, []));

    test('a document beyond 16 MiB is refused by its name', async () => {
      const large = documents(3, '1').map((document, n) => ({
        ...document,
        text: 'x'.repeat(n === 1 ? 17_000_000 : 10),
      }));
      await expect(models.write(batchOf(large, null, null, at('1')))).rejects.toMatchObject({
        name: 'DocumentTooLarge',
        id: 'd1',
        bytes: expect.any(Number),
      });
      expect(await models.loadCheckpoint(QUEUE)).toBeNull();
    });

    test('a lone surrogate is refused', async () => {
      const odd = batchOf([{ _id: 'a', _position: '1', deep: [{ note: 'x\ud800' }] }], null, null, at('1'));
      await expect(models.write(odd)).rejects.toMatchObject({ name: 'TextRefused' });
    });
  });

  test('no connection string weakens what is written or from where it is read', async () => {
    const [, address] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)/.exec(databases.url) ?? [];
    const weak =
      'w=0&journal=false&wtimeoutMS=1&readPreference=secondary&readConcernLevel=available&monitorCommands=true' +
      '&promoteLongs=false&promoteValues=false&serverSelectionTimeoutMS=600000';
    const connection = await Connection.open(`${address ?? ''}/?${weak}`, { database });
    const commands: CommandStartedEvent[] = [];
    connection.client.on('commandStarted', (event) => commands.push(event));
    const weakened = new MongoReadModels(connection);
    await weakened.createCollection(QUEUE, [{ fields: { n: 1 } }]);
    await weakened.write(batchOf(documents(3, '1'), null, null, at('1')));
    await weakened.write(batchOf(documents(3, '2'), '1', at('1'), at('2')));
    expect(await weakened.getMany(QUEUE, ['d1'])).toEqual([{ _id: 'd1', _position: '2', n: 1 }]);
    expect(await weakened.count(QUEUE, { n: 1 })).toBe(1);
    expect(await weakened.find(QUEUE, { limit: 1 })).toEqual([{ _id: 'd0', _position: '2', n: 0 }]);
    expect(await weakened.distinct(QUEUE, 'n', {})).toEqual([0, 1, 2]);
    await weakened.swapAlias('work_queue', null, QUEUE);
    const lease = await weakened.leases.acquire('projections', 'one', 1000);
    expect(await lease?.renew()).toBe(true);
    await weakened.dropCollection(QUEUE);
    await weakened.close();

    expect(connection.client.options.serverSelectionTimeoutMS).toBe(5_000);
    const writes = commands.filter(({ commandName }) =>
      /^(insert|update|delete|findAndModify|drop)$/.test(commandName),
    );
    expect(new Set(writes.map(({ commandName }) => commandName))).toEqual(
      new Set(['insert', 'update', 'delete', 'drop']),
    );
    for (const { command } of writes) expect(command.writeConcern).toEqual({ w: 'majority', j: true });
    const reads = commands.filter(({ commandName }) => /^(find|aggregate|distinct|count)$/.test(commandName));
    expect(reads.length).toBeGreaterThan(8);
    for (const { command } of reads) {
      expect(command.readConcern).toEqual({ level: 'local' });
      expect(command.$readPreference ?? { mode: 'primary' }).toEqual({ mode: 'primary' });
    }
    const timed = reads.filter(({ command }) => command.maxTimeMS === connection.queryTimeMS);
    expect(new Set(timed.map(({ commandName }) => commandName))).toEqual(new Set(['find', 'aggregate', 'distinct']));
  });

  test('after it was closed it stays closed', async () => {
    const closed = await openMongoReadModels(databases.url, { database });
    await closed.close();
    await expect(closed.listCollections()).rejects.toThrow('are closed');
  });
});

const standInOnly = REAL === undefined ? describe : describe.skip;

standInOnly('a MongoDB that is away (only a stand-in is ours to kill)', () => {
  let now: string;
  let models: MongoReadModels;
  const clock = { now: () => now };

  beforeEach(async () => {
    now = '2026-11-10T12:00:00.000Z';
    models = await openMongoReadModels(databases.url, {
      database: databases.next(),
      serverSelectionTimeoutMS: 2_000,
      socketTimeoutMS: 2_000,
      clock,
    });
    await models.createCollection(QUEUE, []);
  });
  afterEach(() => models.close());

  const unavailable = (since: string): unknown =>
    expect.objectContaining({ name: 'ReadModelsUnavailable', since, message: expect.stringContaining('127.0.0.1') });

  test('is said to be away, and since when, until it answers again', async () => {
    await databases.kill();
    now = '2026-11-10T12:00:01.000Z';
    await expect(models.find(QUEUE, {})).rejects.toEqual(unavailable('2026-11-10T12:00:01.000Z'));
    now = '2026-11-10T12:00:09.000Z';
    await expect(models.write(batch('1'))).rejects.toEqual(unavailable('2026-11-10T12:00:01.000Z'));
    expect(models.unavailableSince).toBe('2026-11-10T12:00:01.000Z');
    await expect(openMongoReadModels(databases.url, { serverSelectionTimeoutMS: 300, clock })).rejects.toEqual(
      unavailable(now),
    );
    await databases.restart();
    expect(await eventually(() => models.write(batch('1')))).toEqual({ ok: true });
    expect(models.unavailableSince).toBeNull();
  });

  /** A signal is on its way before it is felt: some thread may still answer until all of them stand still. */
  async function freeze(pid: number): Promise<void> {
    process.kill(pid, 'SIGSTOP');
    const running = (task: string): boolean =>
      !/\) [Tt] /.test(readFileSync(`/proc/${String(pid)}/task/${task}/stat`, 'utf8'));
    while (existsSync('/proc/self/task') && readdirSync(`/proc/${String(pid)}/task`).some(running)) await pause(5);
  }

  test('is away when it is silent', async () => {
    await freeze(databases.standIn.pid);
    try {
      await expect(models.find(QUEUE, {})).rejects.toEqual(unavailable(now));
    } finally {
      process.kill(databases.standIn.pid, 'SIGCONT');
    }
    expect(await eventually(() => models.find(QUEUE, {}))).toEqual([]);
  });

  test('no password is told', async () => {
    const url = 'mongodb://someone:secret@127.0.0.1:1/views';
    const failed: unknown = await openMongoReadModels(url, { serverSelectionTimeoutMS: 100 }).catch(
      (error: unknown) => error,
    );
    expect(String(failed)).toContain('127.0.0.1:1');
    expect(String(failed)).not.toContain('secret');
  });

  const batch = (position: string): GuardedBatch => ({
    collection: QUEUE,
    writes: [{ id: 'a', loaded: null, document: { _id: 'a', _position: position } }],
    checkpoint: { id: QUEUE, from: null, to: at(position) },
  });
});
