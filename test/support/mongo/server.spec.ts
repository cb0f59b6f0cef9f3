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

const journalled = { writeConcern: { w: 'majority', j: true }, serverSelectionTimeoutMS: 30_000 } as const;

describe('the MongoDB stand-in', () => {
  let dir: string;
  let server: MongoServer;
  let client: MongoClient;
  let rows: Collection<Row>;

  async function connect(port = 0): Promise<void> {
    server = await startMongo({ dir, port });
    client = new MongoClient(server.url, journalled);
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

  /** A conditional upsert: it may not write over a document that is at another position than `loaded`. */
  const conditional = (_id: string, loaded: string | null, position: string) => ({
    replaceOne: { filter: { _id, _position: loaded }, replacement: { _id, _position: position }, upsert: true },
  });

  it('refuses a conditional write over a newer document with 11000', async () => {
    await rows.bulkWrite([conditional('a', null, '2')]);
    await expect(rows.bulkWrite([conditional('a', '1', '3')])).rejects.toMatchObject({ code: 11000 });
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', _position: '2' });
  });

  it('ends an ordered batch at its first error and carries on with an unordered one', async () => {
    await rows.insertOne({ _id: 'taken', _position: '9' });
    const batch = [conditional('before', null, '1'), conditional('taken', '1', '2'), conditional('after', null, '1')];
    const refusal = await rows.bulkWrite(batch, { ordered: true }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(MongoBulkWriteError);
    expect(refusal).toMatchObject({ writeErrors: [{ index: 1, code: 11000 }], upsertedCount: 1 });
    expect(await rows.countDocuments({ _id: 'after' })).toBe(0);

    await expect(rows.bulkWrite(batch.slice(1), { ordered: false })).rejects.toMatchObject({ upsertedCount: 1 });
    expect(await rows.countDocuments({ _id: 'after' })).toBe(1);
  });

  it('keeps what it acknowledged, and a prefix of the batch it was killed in', async () => {
    const { port } = server;
    await rows.createIndexes([{ key: { batch: 1, _position: 1 }, unique: true, name: 'order' }]);
    let acknowledged = 0;
    const size = 500;
    const write = async (): Promise<void> => {
      for (;;) {
        const batch = `b${acknowledged}`;
        const documents = Array.from({ length: size }, (_, at) => ({
          _id: `${batch}-${at}`,
          _position: `${at}`,
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
    const begun = await rows.find({ batch: `b${acknowledged}` }).toArray();
    const positions = begun.map((row) => Number(row._position)).sort((a, b) => a - b);
    expect(positions).toEqual(Array.from({ length: begun.length }, (_, at) => at));
    await expect(rows.insertOne({ _id: 'twice', _position: '0', batch: 'b0' })).rejects.toMatchObject({ code: 11000 });
  });

  it('stops in order while it is frozen', async () => {
    process.kill(server.pid, 'SIGSTOP');
    await server.stop();
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
  });
});
