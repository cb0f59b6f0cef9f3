import { MongoClient, Collection as MongoCollection, MongoInvalidArgumentError, type Db } from 'mongodb';
import { openMongoReadModels, type MongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { Checkpoint, Document, WriteBatch, WriteSession } from '../../src/readmodels/read-models.js';
import { Databases } from '../support/mongo/databases.js';
import { at } from '../support/read-models/fixture.js';

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

const QUEUE = 'work_queue@1.1';

describe('writing to mongodb', () => {
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

  describe('a batch that is sent again', () => {
    const first = batchOf(documents(30, '1'), null, null, at('1'));
    const second = batchOf(documents(30, '2', { later: true }), '1', at('1'), at('2'));

    beforeEach(() => session.createCollection(QUEUE, []));

    /** The state after a crash between documents and checkpoint. */
    const withoutCheckpoint = async (batch: WriteBatch): Promise<void> => {
      expect(await session.write(batch)).toEqual({ outcome: 'written' });
      const { from } = batch.checkpoint;
      const checkpoints = raw.collection<{ _id: string }>('redress.checkpoints');
      if (from === null) await checkpoints.deleteOne({ _id: await physical() });
      else await checkpoints.updateOne({ _id: await physical() }, { $set: { ...from } });
    };

    test('satisfies the conditions and changes nothing twice', async () => {
      await withoutCheckpoint(first);
      expect(await session.write(first)).toEqual({ outcome: 'written' });
      await withoutCheckpoint(second);
      expect(await session.write(second)).toEqual({ outcome: 'written' });
      expect(await models.find(QUEUE, { filter: { later: true, _position: '2' } })).toHaveLength(30);
      expect(await models.loadCheckpoint(QUEUE)).toEqual(at('2'));
    });

    test('writes its missing documents', async () => {
      await session.write(first);
      await session.write(batchOf(documents(10, '2', { later: true }), '1', at('1'), at('1')));
      expect(await session.write(second)).toEqual({ outcome: 'written' });
      expect(await models.count(QUEUE, { later: true })).toBe(30);
    });

    test('is complete when only its response was lost', async () => {
      await session.write(first);
      expect(await session.write(first)).toEqual({ outcome: 'written' });
    });

    test('by two sessions at once takes effect once', async () => {
      const same = batchOf(documents(500, '1'), null, null, at('1'));
      const twice = await Promise.all([session.write(same), session.write(same)]);
      expect(twice).toEqual([{ outcome: 'written' }, { outcome: 'written' }]);
      const other = await openMongoReadModels(databases.url, { database });
      const next = await other.openSession();
      const later = batchOf(documents(500, '2'), '1', at('1'), at('2'));
      const [mine, others] = await Promise.allSettled([session.write(later), next.write(later)]);
      expect(mine).toMatchObject({ status: 'rejected', reason: { name: 'SessionLost' } });
      expect(others).toMatchObject({ status: 'fulfilled', value: { outcome: 'written' } });
      expect(await models.count(QUEUE, { _position: '2' })).toBe(500);
      await other.close();
    });

    test('over a newer document is a conflict, and the rest is written', async () => {
      await session.write(first);
      await session.write(batchOf(documents(1, '9'), '1', at('1'), at('1')));
      expect(await session.write(second)).toEqual({ outcome: 'conflict', ids: ['d0'] });
      expect(await models.count(QUEUE, { later: true })).toBe(29);
      expect(await models.loadCheckpoint(QUEUE)).toEqual(at('1'));
    });
  });

  test('a server with a lower size limit has the largest documents named', async () => {
    await session.createCollection(QUEUE, []);
    const small = documents(3, '1').map((document, n) => ({ ...document, text: 'x'.repeat(n === 1 ? 2_000 : 10) }));
    const { bulkWrite } = MongoCollection.prototype;
    const limited = jest.spyOn(MongoCollection.prototype, 'bulkWrite').mockImplementation(function (
      this: MongoCollection,
      ...sent
    ) {
      if (JSON.stringify(sent[0]).length > 2_000)
        throw new MongoInvalidArgumentError('Document is larger than the maximum size 1000');
      return bulkWrite.apply(this, sent);
    });
    const result = await session.write(batchOf(small, null, null, at('1')));
    limited.mockRestore();
    expect(result).toMatchObject({ outcome: 'rejected', documents: [{ id: 'd1', reason: 'too_large' }] });
    expect(await models.count(QUEUE, {})).toBe(2);
  });

  test('an insert that repeatedly meets another document is an error, not a rejection', async () => {
    await session.createCollection(QUEUE, []);
    const { bulkWrite } = MongoCollection.prototype;
    const met = jest.spyOn(MongoCollection.prototype, 'bulkWrite').mockImplementation(async function (
      this: MongoCollection,
      ...sent
    ) {
      const other = raw.collection<{ _id: string }>(this.collectionName);
      await other.insertOne({ _id: 'd0' });
      try {
        return await bulkWrite.apply(this, sent);
      } finally {
        await other.deleteOne({ _id: 'd0' });
      }
    });
    await expect(session.write(batchOf(documents(1, '1'), null, null, at('1')))).rejects.toMatchObject({ code: 11000 });
    met.mockRestore();
    expect(await models.loadCheckpoint(QUEUE)).toBeNull();
  });
});
