// How much faster is one bulk write of a batch than a loop that writes one document after the other?
// The same conditional writes with the same write concern on the same server: the stand-in of test/support/mongo, or, with
// REDRESS_BENCH_MONGODB=mongodb://…, a real one.
//
//   node bench/mongodb.mjs [--full]
import { MongoClient } from 'mongodb';
import { openMongoReadModels } from '../dist/src/readmodels/mongodb/mongo-read-models.js';
import { startMongo } from '../test/support/mongo/server.mjs';
import { alternately, median, ratioOf, timed } from './support/figures.mjs';
import { NARRATIVE } from './support/histories.mjs';
import { ask } from './support/question.mjs';

const ROUNDS = 5;
const BATCH = 1_000;
const GOAL = { atLeast: 5 };
const COLLECTION = 'file@1.1';
const INDEXES = [{ fields: { open: 1, handler: 1, dueAt: 1 } }, { fields: { product: 1 } }];

await ask('Projection into MongoDB', async ({ answer, folder, full }) => {
  const given = process.env.REDRESS_BENCH_MONGODB;
  const server = given === undefined ? await startMongo({ dir: folder }) : undefined;
  const url = given ?? server.url;
  const database = `redress_bench_${String(process.pid)}`;
  const models = await openMongoReadModels(url, { database });
  const client = new MongoClient(url, { writeConcern: { w: 'majority', j: true } });
  const total = full ? 20_000 : 5_000;
  const alone = full ? 4_000 : 1_000;

  const session = await models.openSession();
  await session.createCollection(COLLECTION, INDEXES);
  const single = client.db(database).collection('single');
  await single.createIndexes(INDEXES.map(({ fields }) => ({ key: { ...fields, _id: 1 } })));

  let checkpoint = null;
  let position = 0;
  /** Every document once, in batches through the adapter: documents, then the checkpoint. */
  const batched = async (ids, loaded) => {
    const { seconds } = await timed(async () => {
      for (let from = 0; from < ids.length; from += BATCH) {
        position += 1;
        const writes = ids
          .slice(from, from + BATCH)
          .map((id) => ({ id, loaded, document: documentOf(id, loaded === null ? '1' : `${loaded}1`) }));
        const to = { storeId: 'bench', position: String(position).padStart(12, '0'), eventId: 'e' };
        const result = await session.write({
          changes: [{ collection: COLLECTION, writes }],
          checkpoint: { collection: COLLECTION, from: checkpoint, to },
        });
        if (result.outcome !== 'written') throw new Error(`not written: ${JSON.stringify(result)}`);
        checkpoint = to;
      }
    });
    return ids.length / seconds;
  };
  /** The bare driver, one conditional write after the other, without checkpoints. */
  const looped = async (ids, loaded) => {
    const { seconds } = await timed(async () => {
      for (const id of ids) {
        if (loaded === null) await single.insertOne(documentOf(id, '1'));
        else {
          const { matchedCount } = await single.replaceOne(
            { _id: id, _position: loaded },
            documentOf(id, `${loaded}1`),
          );
          if (matchedCount !== 1) throw new Error(`${id} was not replaced`);
        }
      }
    });
    return ids.length / seconds;
  };
  const idsOf = (round, count) =>
    Array.from({ length: count }, (_, at) => `${String(round)}-${String(at).padStart(6, '0')}`);

  await batched(idsOf('warm', BATCH), null);
  await looped(idsOf('warm', 300), null);
  const values = await alternately(ROUNDS, {
    'new documents, batches of 1,000': (round) => batched(idsOf(round, total), null),
    'new documents, one by one': (round) => looped(idsOf(round, alone), null),
    'changed documents, batches of 1,000': (round) => batched(idsOf(round, total), '1'),
    'changed documents, one by one': (round) => looped(idsOf(round, alone), '1'),
  });
  for (const [what, measured] of Object.entries(values)) answer.figure(what, median(measured), 'documents/s');
  for (const kind of ['new', 'changed'])
    answer.ratio(
      `${kind} documents: batches / one by one`,
      ratioOf(values[`${kind} documents, batches of 1,000`], values[`${kind} documents, one by one`]),
      GOAL,
    );

  await client.db(database).dropDatabase();
  await client.close();
  await models.close();
  await server?.stop();
  if (given === undefined) answer.note('the server is the stand-in of the tests: every write is forced to the disk');
});

/** About 0.7 kB, the size of a complaint file. */
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
