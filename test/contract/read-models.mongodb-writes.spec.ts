import { MongoClient, Collection as MongoCollection, MongoInvalidArgumentError, type Db } from 'mongodb';
import { openMongoReadModels, type MongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { Checkpoint, Document, WriteBatch, WriteSession } from '../../src/readmodels/read-models.js';
import { Databases } from '../support/mongo/databases.js';
import { at } from '../support/read-models/fixture.js';

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

const COLLECTION = 'work_queue@1.1';

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
    return { changes: [{ collection: COLLECTION, writes }], checkpoint: { collection: COLLECTION, from, to } };
  };
  const documents = (count: number, position: string, more: object = {}): Document[] =>
    Array.from({ length: count }, (_, n) => ({ _id: `d${String(n)}`, _position: position, n, ...more }));
  /** Name of the collection of MongoDB that holds the documents of COLLECTION. */
  const physicalName = async (): Promise<string> =>
    (await raw.collection<{ _id: string; physical: string }>('redress.collections').findOne({ _id: COLLECTION }))
      ?.physical ?? '';

  describe('a batch that is sent again', () => {
    const first = batchOf(documents(30, '1'), null, null, at('1'));
    const second = batchOf(documents(30, '2', { later: true }), '1', at('1'), at('2'));

    beforeEach(() => session.createCollection(COLLECTION, []));

    /** Writes the documents of a batch, but not its checkpoint, as a crash between both leaves them. */
    const writeWithoutCheckpoint = async (batch: WriteBatch): Promise<void> => {
      expect(await session.write(batch)).toEqual({ outcome: 'written' });
      const { from } = batch.checkpoint;
      const checkpoints = raw.collection<{ _id: string }>('redress.checkpoints');
      if (from === null) await checkpoints.deleteOne({ _id: await physicalName() });
      else await checkpoints.updateOne({ _id: await physicalName() }, { $set: { ...from } });
    };

    test('is written successfully after a crash, and changes nothing twice', async () => {
      await writeWithoutCheckpoint(first);
      expect(await session.write(first)).toEqual({ outcome: 'written' });
      await writeWithoutCheckpoint(second);
      expect(await session.write(second)).toEqual({ outcome: 'written' });
      expect(await models.find(COLLECTION, { filter: { later: true, _position: '2' } })).toHaveLength(30);
      expect(await models.loadCheckpoint(COLLECTION)).toEqual(at('2'));
    });

    test('writes the documents that are missing', async () => {
      await session.write(first);
      // the first ten documents of `second`
      await session.write(batchOf(documents(10, '2', { later: true }), '1', at('1'), at('1')));
      expect(await session.write(second)).toEqual({ outcome: 'written' });
      expect(await models.count(COLLECTION, { later: true })).toBe(30);
    });

    test('is reported as written if only its response was lost', async () => {
      await session.write(first);
      expect(await session.write(first)).toEqual({ outcome: 'written' });
    });

    test('at the same time is written once, by the same session or by the newer of two sessions', async () => {
      const first500 = batchOf(documents(500, '1'), null, null, at('1'));
      const results = await Promise.all([session.write(first500), session.write(first500)]);
      expect(results).toEqual([{ outcome: 'written' }, { outcome: 'written' }]);
      const otherModels = await openMongoReadModels(databases.url, { database });
      const newerSession = await otherModels.openSession();
      const next500 = batchOf(documents(500, '2'), '1', at('1'), at('2'));
      const [older, newer] = await Promise.allSettled([session.write(next500), newerSession.write(next500)]);
      expect(older).toMatchObject({ status: 'rejected', reason: { name: 'SessionLost' } });
      expect(newer).toMatchObject({ status: 'fulfilled', value: { outcome: 'written' } });
      expect(await models.count(COLLECTION, { _position: '2' })).toBe(500);
      await otherModels.close();
    });

    test('conflicts with a newer document, and its other documents are written', async () => {
      await session.write(first);
      await session.write(batchOf(documents(1, '9'), '1', at('1'), at('1')));
      expect(await session.write(second)).toEqual({ outcome: 'conflict', ids: ['d0'] });
      expect(await models.count(COLLECTION, { later: true })).toBe(29);
      expect(await models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
    });
  });

  test('a document that is too large for the size limit of the server is named, and the others are written', async () => {
    await session.createCollection(COLLECTION, []);
    const secondIsLarge = documents(3, '1').map((document, n) => ({
      ...document,
      text: 'x'.repeat(n === 1 ? 2_000 : 10),
    }));
    const { bulkWrite } = MongoCollection.prototype;
    const spy = jest.spyOn(MongoCollection.prototype, 'bulkWrite').mockImplementation(function (
      this: MongoCollection,
      ...values
    ) {
      if (JSON.stringify(values[0]).length > 2_000)
        throw new MongoInvalidArgumentError('Document is larger than the maximum size 1000');
      return bulkWrite.apply(this, values);
    });
    const result = await session.write(batchOf(secondIsLarge, null, null, at('1')));
    spy.mockRestore();
    expect(result).toMatchObject({ outcome: 'rejected', documents: [{ id: 'd1', reason: 'too_large' }] });
    expect(await models.count(COLLECTION, {})).toBe(2);
  });

  test('an insert that finds another document at every retry fails with an error, not with outcome rejected', async () => {
    await session.createCollection(COLLECTION, []);
    const { bulkWrite } = MongoCollection.prototype;
    const spy = jest.spyOn(MongoCollection.prototype, 'bulkWrite').mockImplementation(async function (
      this: MongoCollection,
      ...values
    ) {
      const other = raw.collection<{ _id: string }>(this.collectionName);
      await other.insertOne({ _id: 'd0' });
      try {
        return await bulkWrite.apply(this, values);
      } finally {
        await other.deleteOne({ _id: 'd0' });
      }
    });
    const duplicateKey = { code: 11000 };
    await expect(session.write(batchOf(documents(1, '1'), null, null, at('1')))).rejects.toMatchObject(duplicateKey);
    spy.mockRestore();
    expect(await models.loadCheckpoint(COLLECTION)).toBeNull();
  });
});
