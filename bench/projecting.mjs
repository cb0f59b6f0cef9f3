// How fast are events projected into the four read models of complaints, compared with bare writes of the same documents?
// Measures events as they arrive, a first build and a rebuild. As in the service, a separate thread projects.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { catalogue } from '../dist/projections/catalogue.js';
import { WorkerProjectionRunner } from '../dist/src/projection/worker-projection-runner.js';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { openDatabase } from '../dist/src/platform/sqlite.js';
import { EmbeddedReadModels } from '../dist/src/readmodels/embedded/embedded-read-models.js';
import { timed } from './support/figures.mjs';
import { appendAll, log } from './support/histories.mjs';
import { runBenchmark } from './support/question.mjs';

const worker = new URL('../dist/src/app/projection-worker.js', import.meta.url);
const modelNames = catalogue.filter(({ streams }) => streams.includes('complaint-')).map(({ name }) => name);
const EVENTS = 100_000;
/** Events of other complaints that are projected before the measurement starts. */
const WARM_UP_EVENTS = 5_000;
const CATCH_UP_TIMEOUT_MS = 600_000;
/** Documents per commit of the comparisons. */
const BATCH = 10_000;
/** Documents per query. */
const PAGE = 5_000;
/** Orders of the events in the log: `each` events per complaint, with `open` complaints in progress at once. */
const SHAPES = [
  { name: 'ten events per complaint, 1,000 open', each: 10, open: 1000, hasTargets: true },
  { name: 'ten events per complaint, one after the other', each: 10, open: 1, onlyFull: true },
  { name: 'two events per complaint, 1,000 open', each: 2, open: 1000 },
];

await runBenchmark('Projecting 100,000 events into four read models', async ({ answer, folder, full }) => {
  for (const [index, { name, each, open, hasTargets = false, onlyFull = false }] of SHAPES.entries()) {
    if (onlyFull && !full) continue;
    const events = join(folder, `${String(index)}.db`);
    const views = join(folder, `${String(index)}-views.db`);
    let runner;
    const store = await openSqliteEventStore(events, { onCommit: (head) => runner?.notify(head) });
    const waitUntilCaughtUp = async () => {
      const head = await store.head();
      for (const model of modelNames) await runner.waitFor(model, head, CATCH_UP_TIMEOUT_MS);
    };

    // the models exist with their indexes and have caught up before the log grows at full speed
    runner = projectionRunner(events, views);
    await runner.start();
    while (!runner.status().projections.every((projection) => projection.caughtUp)) await new Promise(setImmediate);
    await appendAll(store, log(WARM_UP_EVENTS, { each, open: Math.min(open, 100), first: EVENTS }));
    await waitUntilCaughtUp();
    const entries = [...log(EVENTS, { each, open })];
    const { seconds: live } = await timed(async () => {
      await appendAll(store, entries);
      await waitUntilCaughtUp();
    });
    answer.figure(`live, ${name}`, EVENTS / live, 'events/s');
    answer.ratio(`live, events/s, ${name}`, EVENTS / live, hasTargets ? { atLeast: 20_000 } : {});
    if (!hasTargets && !full) {
      await runner.stop();
      await store.close();
      continue;
    }
    let rebuild = 0; // seconds for all models, one after the other
    for (const model of modelNames) {
      const { seconds, result } = await timed(() => runner.execute({ kind: 'rebuild', name: model }));
      if (result.outcome !== 'equal') throw new Error(`the rebuild of ${model} has the outcome ${result.outcome}`);
      rebuild += seconds;
    }
    await runner.stop();

    runner = projectionRunner(events, join(folder, `${String(index)}-first.db`));
    const { seconds: firstBuild } = await timed(async () => {
      await runner.start();
      await waitUntilCaughtUp();
    });
    await runner.stop();
    await store.close();

    const documents = await finalDocuments(views);
    const count = documents.flat().length;
    const bareUpserts = await upsertBare(documents.flat(), join(folder, `${String(index)}-bare.db`));
    const writtenOnce = await writeOnce(documents, join(folder, `${String(index)}-once.db`));
    const logLength = EVENTS + WARM_UP_EVENTS;
    answer.figure(`first build, all four at once, ${name}`, logLength / firstBuild, 'events/s');
    answer.figure(`rebuild, one after the other, compared and swapped, ${name}`, logLength / rebuild, 'events/s');
    answer.figure(`documents of a rebuild, ${name}`, count / rebuild, 'documents/s');
    answer.figure(`bare upserts of the same documents, ${name}`, count / bareUpserts, 'documents/s');
    answer.figure(
      `the same documents written once with their columns and indexes, ${name}`,
      count / writtenOnce,
      'documents/s',
    );
    answer.ratio(`rebuild / bare upserts, ${name}`, bareUpserts / rebuild, hasTargets ? { atLeast: 0.5 } : {});
    answer.ratio(`first build / bare upserts, ${name}`, bareUpserts / firstBuild);
    answer.ratio(`rebuild / documents written once with columns and indexes, ${name}`, writtenOnce / rebuild);
    answer.ratio(`first build / documents written once with columns and indexes, ${name}`, writtenOnce / firstBuild);
  }
});

function projectionRunner(events, views) {
  const subjects = {
    store: { engine: 'embedded', path: `${views}-subjects` },
    key: randomBytes(32),
    phoneRegion: 'CN',
  };
  const readModels = { engine: 'embedded', path: views };
  const settings = { eventStore: { engine: 'sqlite', path: events }, readModels, subjects };
  return new WorkerProjectionRunner({ worker, settings });
}

/** Reads the documents of the read models: one list per read model, in the order of `modelNames`. */
async function finalDocuments(views) {
  const readModels = EmbeddedReadModels.openReadOnly(views);
  const lists = [];
  for (const name of modelNames) {
    const { live: collection } = await readModels.loadModel(name);
    const list = [];
    let page;
    do {
      const lastId = list.at(-1)?._id;
      page = await readModels.find(collection, {
        sort: { _id: 1 },
        limit: PAGE,
        ...(lastId !== undefined && { after: [lastId] }),
      });
      list.push(...page);
    } while (page.length === PAGE);
    lists.push(list);
  }
  await readModels.close();
  return lists;
}

/** Upserts each document once into a table with only an id and the text. Returns the seconds. */
async function upsertBare(documents, path) {
  const database = openDatabase(path);
  database.exec('CREATE TABLE documents (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)');
  const upsert = database.prepare(
    'INSERT INTO documents VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
  );
  const { seconds } = await timed(() => {
    for (let start = 0; start < documents.length; start += BATCH)
      database.transaction(() => {
        // the index makes the id unique: documents of different read models have the same ids
        for (const [index, document] of documents.slice(start, start + BATCH).entries())
          upsert.run(`${String(start + index)}/${document._id}`, JSON.stringify(document));
      });
  });
  database.close();
  return seconds;
}

/** Writes each document once into the tables of the read models, then creates the indexes. Returns the seconds. */
async function writeOnce(lists, path) {
  const readModels = EmbeddedReadModels.open(path);
  const session = await readModels.openSession();
  const { seconds } = await timed(async () => {
    for (const [model, documents] of lists.entries()) {
      const { name, indexes } = catalogue.find((projection) => projection.name === modelNames[model]);
      const collection = `${name}@1.1`;
      await session.createCollection(collection, indexes, 'later');
      let from = null;
      for (let start = 0; start < documents.length; start += BATCH) {
        const writes = documents
          .slice(start, start + BATCH)
          .map((document) => ({ id: document._id, loaded: null, document }));
        const to = { storeId: 'bench', position: String(start + 1).padStart(20, '0'), eventId: 'bench' };
        const checkpoint = { collection, from, to };
        const result = await session.write({ changes: [{ collection, writes }], checkpoint });
        if (result.outcome !== 'written') throw new Error(`a batch was not written: ${result.outcome}`);
        from = to;
      }
      await session.buildIndexes(collection);
    }
  });
  await readModels.close();
  return seconds;
}
