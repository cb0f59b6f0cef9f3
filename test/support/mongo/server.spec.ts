import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoBulkWriteError, MongoClient, type Collection } from 'mongodb';
import { startMongo, type MongoServer } from './server.mjs';

interface Row {
  _id: string;
  _position: string | null;
  batch?: string;
}

/** Every acknowledged write is on disk. */
const durable = { writeConcern: { w: 'majority', j: true }, serverSelectionTimeoutMS: 30_000 } as const;

describe('the MongoDB stand-in', () => {
  let dir: string;
  let server: MongoServer;
  let client: MongoClient;
  let rows: Collection<Row>;

  async function connect(port = 0): Promise<void> {
    server = await startMongo({ dir, port });
    client = new MongoClient(server.url, durable);
    rows = client.db('stand-in').collection<Row>('rows');
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'redress-mongo-'));
    await connect();
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
    await rm(dir, { recursive: true });
  });

  /** An upsert that must not replace a document whose position differs from `loaded`. */
  const conditionalUpsert = (_id: string, loaded: string | null, position: string) => ({
    replaceOne: { filter: { _id, _position: loaded }, replacement: { _id, _position: position }, upsert: true },
  });

  it('rejects a conditional write over a newer document with error 11000', async () => {
    await rows.bulkWrite([conditionalUpsert('a', null, '2')]);
    await expect(rows.bulkWrite([conditionalUpsert('a', '1', '3')])).rejects.toMatchObject({ code: 11000 });
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', _position: '2' });
  });

  it('ends an ordered batch at its first error, and continues an unordered batch after an error', async () => {
    await rows.insertOne({ _id: 'newer', _position: '9' });
    const batch = [
      conditionalUpsert('before', null, '1'),
      conditionalUpsert('newer', '1', '2'),
      conditionalUpsert('after', null, '1'),
    ];
    const error = await rows.bulkWrite(batch, { ordered: true }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MongoBulkWriteError);
    expect(error).toMatchObject({ writeErrors: [{ index: 1, code: 11000 }], upsertedCount: 1 });
    expect(await rows.countDocuments({ _id: 'after' })).toBe(0);

    await expect(rows.bulkWrite(batch.slice(1), { ordered: false })).rejects.toMatchObject({ upsertedCount: 1 });
    expect(await rows.countDocuments({ _id: 'after' })).toBe(1);
  });

  it('holds every acknowledged batch after a kill, and only the first part of the batch in progress', async () => {
    const { port } = server;
    await rows.createIndexes([{ key: { batch: 1, _position: 1 }, unique: true, name: 'order' }]);
    let acknowledged = 0;
    const size = 500;
    const write = async (): Promise<void> => {
      for (;;) {
        const batch = `b${acknowledged}`;
        const documents = Array.from({ length: size }, (_, index) => ({
          _id: `${batch}-${index}`,
          _position: `${index}`,
          batch,
        }));
        await rows.insertMany(documents, { ordered: true });
        acknowledged += 1;
      }
    };
    const writing = expect(write()).rejects.toThrow();
    while (acknowledged < 3) await new Promise((next) => setTimeout(next, 5));
    await server.kill();
    await writing;
    await client.close();

    await connect(port);
    for (let batch = 0; batch < acknowledged; batch += 1) {
      expect(await rows.countDocuments({ batch: `b${batch}` })).toBe(size);
    }
    const inProgress = await rows.find({ batch: `b${acknowledged}` }).toArray();
    const positions = inProgress.map((row) => Number(row._position)).sort((a, b) => a - b);
    expect(positions).toEqual(Array.from({ length: inProgress.length }, (_, index) => index));
    const duplicate = { _id: 'duplicate', _position: '0', batch: 'b0' };
    await expect(rows.insertOne(duplicate)).rejects.toMatchObject({ code: 11000 });
  });

  it('ends when it is stopped while suspended by SIGSTOP', async () => {
    process.kill(server.pid, 'SIGSTOP');
    await server.stop();
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
  });
});
