// How much faster is one bulk write of a batch than a loop that writes one document after the other?
// Both make the same conditional writes with the same write concern on the same server: the stand-in of
// test/support/mongo or, if REDRESS_BENCH_MONGODB=mongodb://… is set, a real one.
//
//   node bench/mongodb.mjs [--full]
import { MongoClient } from 'mongodb';
import { openMongoReadModels } from '../dist/src/readmodels/mongodb/mongo-read-models.js';
import { startMongo } from '../test/support/mongo/server.mjs';
import { alternately, median, ratioOf, timed } from './support/figures.mjs';
import { NARRATIVE } from './support/histories.mjs';
import { runBenchmark } from './support/question.mjs';

const ROUNDS = 5;
/** Documents per batch. */
const BATCH = 1_000;
const TARGET = { atLeast: 5 };
const COLLECTION = 'file@1.1';
const INDEXES = [{ fields: { open: 1, handler: 1, dueAt: 1 } }, { fields: { product: 1 } }];

await runBenchmark('Projection into MongoDB', async ({ answer, folder, full }) => {
  const realServer = process.env.REDRESS_BENCH_MONGODB;
  const standIn = realServer === undefined ? await startMongo({ dir: folder }) : undefined;
  const url = realServer ?? standIn.url;
  const database = `redress_bench_${String(process.pid)}`;
  const models = await openMongoReadModels(url, { database });
  const client = new MongoClient(url, { writeConcern: { w: 'majority', j: true } });
  const batchedTotal = full ? 20_000 : 5_000;
  const singleTotal = full ? 4_000 : 1_000;

  const session = await models.openSession();
  await session.createCollection(COLLECTION, INDEXES);
  const collection = client.db(database).collection('single');
  await collection.createIndexes(INDEXES.map(({ fields }) => ({ key: { ...fields, _id: 1 } })));

  let checkpoint = null;
  let position = 0;
  // Both functions write each document once and return documents per second. `loaded` is the `_position` that the documents
  // have before the write; null if they do not exist.

  /** Writes through the adapter, in batches of documents, each with a checkpoint. */
  const writeBatches = async (ids, loaded) => {
    const { seconds } = await timed(async () => {
      for (let from = 0; from < ids.length; from += BATCH) {
        position += 1;
        const writes = ids
          .slice(from, from + BATCH)
          .map((id) => ({ id, loaded, document: documentOf(id, positionAfter(loaded)) }));
        const newCheckpoint = { storeId: 'bench', position: String(position).padStart(12, '0'), eventId: 'e' };
        const result = await session.write({
          changes: [{ collection: COLLECTION, writes }],
          checkpoint: { collection: COLLECTION, from: checkpoint, to: newCheckpoint },
        });
        if (result.outcome !== 'written') throw new Error(`not written: ${JSON.stringify(result)}`);
        checkpoint = newCheckpoint;
      }
    });
    return ids.length / seconds;
  };
  /** Writes with the bare driver, one document after the other, without checkpoints. */
  const writeSingly = async (ids, loaded) => {
    const { seconds } = await timed(async () => {
      for (const id of ids) {
        if (loaded === null) await collection.insertOne(documentOf(id, positionAfter(null)));
        else {
          const { matchedCount } = await collection.replaceOne(
            { _id: id, _position: loaded },
            documentOf(id, positionAfter(loaded)),
          );
          if (matchedCount !== 1) throw new Error(`${id} was not replaced`);
        }
      }
    });
    return ids.length / seconds;
  };
  const idsOf = (round, count) =>
    Array.from({ length: count }, (_, index) => `${String(round)}-${String(index).padStart(6, '0')}`);

  await writeBatches(idsOf('warm-up', BATCH), null);
  await writeSingly(idsOf('warm-up', 300), null);
  const values = await alternately(ROUNDS, {
    'new documents, batches of 1,000': (round) => writeBatches(idsOf(round, batchedTotal), null),
    'new documents, one by one': (round) => writeSingly(idsOf(round, singleTotal), null),
    'changed documents, batches of 1,000': (round) => writeBatches(idsOf(round, batchedTotal), positionAfter(null)),
    'changed documents, one by one': (round) => writeSingly(idsOf(round, singleTotal), positionAfter(null)),
  });
  for (const [label, rates] of Object.entries(values)) answer.figure(label, median(rates), 'documents/s');
  for (const kind of ['new', 'changed'])
    answer.ratio(
      `${kind} documents: batches / one by one`,
      ratioOf(values[`${kind} documents, batches of 1,000`], values[`${kind} documents, one by one`]),
      TARGET,
    );

  await client.db(database).dropDatabase();
  await client.close();
  await models.close();
  await standIn?.stop();
  if (realServer === undefined)
    answer.note('the server is the stand-in of the tests, which forces every write to the disk');
});

/** The `_position` that a write gives to a document: '1' to a new one (`loaded` is null), '11' to one loaded at '1'. */
function positionAfter(loaded) {
  return loaded === null ? '1' : `${loaded}1`;
}

/** A document of about 0.7 kB, the size of a complaint file. */
function documentOf(id, position) {
  const number = Number(id.slice(-4));
  return {
    _id: id,
    _position: position,
    open: number % 3 !== 0,
    handler: `handler-${String(number % 30)}`,
    dueAt: `2026-11-${String(10 + (number % 20))}`,
    product: `Product ${String(number % 40)}`,
    points: [{ id: 'p1', issue: 'Arrived late', outcome: number % 2 === 0 ? 'upheld' : null }],
    narrative: NARRATIVE,
    revision: position.length,
  };
}
