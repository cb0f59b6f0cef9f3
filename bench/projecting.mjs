// How fast do the four read models follow a log, live and by rebuild, compared with bare writes to the disk? They run
// where the service runs them: in a separate thread.
import { join } from 'node:path';
import { catalogue } from '../dist/projections/catalogue.js';
import { WorkerProjectionRunner } from '../dist/src/projection/worker-projection-runner.js';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { openDatabase } from '../dist/src/platform/sqlite.js';
import { EmbeddedReadModels } from '../dist/src/readmodels/embedded/embedded-read-models.js';
import { timed } from './support/figures.mjs';
import { appendAll, log } from './support/histories.mjs';
import { ask } from './support/question.mjs';

const worker = new URL('../dist/src/app/projection-worker.js', import.meta.url);
const models = catalogue.filter(({ streams }) => streams.includes('complaint-')).map(({ name }) => name);
const EVENTS = 100_000;
/** Events of other complaints before the measurement starts, so that the code is warm. */
const WARM = 5_000;
const GROUP = 10_000;
const SHAPES = [
  { name: 'ten a complaint, 1,000 open', each: 10, open: 1000, targets: true },
  { name: 'ten a complaint, one after the other', each: 10, open: 1, onlyFull: true },
  { name: 'two a complaint, 1,000 open', each: 2, open: 1000 },
];

await ask('Projecting 100,000 events into four read models', async ({ answer, folder, full }) => {
  for (const [at, { name, each, open, targets = false, onlyFull = false }] of SHAPES.entries()) {
    if (onlyFull && !full) continue;
    const events = join(folder, `${String(at)}.db`);
    const views = join(folder, `${String(at)}-views.db`);
    const following = { service: undefined };
    const store = await openSqliteEventStore(events, { onCommit: (head) => following.service?.notify(head) });
    const seen = async (service) => {
      const head = await store.head();
      for (const model of models) await service.waitFor(model, head, 600_000);
    };

    // the models exist with their indexes and have caught up before the log grows at full speed
    const service = (following.service = projections(events, views));
    await service.start();
    while (!service.status().projections.every(({ caughtUp }) => caughtUp)) await new Promise(setImmediate);
    await appendAll(store, log(WARM, { each, open: Math.min(open, 100), first: EVENTS }));
    await seen(service);
    const entries = [...log(EVENTS, { each, open })];
    const { seconds: live } = await timed(async () => {
      await appendAll(store, entries);
      await seen(service);
    });
    answer.figure(`live, ${name}`, EVENTS / live, 'events/s');
    answer.ratio(`live, events/s, ${name}`, EVENTS / live, targets ? { atLeast: 20_000 } : {});
    if (!targets && !full) {
      await service.stop();
      await store.close();
      continue;
    }
    let rebuild = 0;
    for (const model of models) {
      const { seconds, result } = await timed(() => service.execute({ kind: 'rebuild', name: model }));
      if (result.outcome !== 'equal') throw new Error(`${model} was rebuilt ${result.outcome}`);
      rebuild += seconds;
    }
    await service.stop();

    const fresh = (following.service = projections(events, join(folder, `${String(at)}-first.db`)));
    const { seconds: first } = await timed(async () => {
      await fresh.start();
      await seen(fresh);
    });
    await fresh.stop();
    await store.close();

    const documents = await finalDocuments(views);
    const count = documents.flat().length;
    const bare = await bareUpserts(documents.flat(), join(folder, `${String(at)}-bare.db`));
    const stored = await storedOnce(documents, join(folder, `${String(at)}-stored.db`));
    answer.figure(`first build, all four at once, ${name}`, (EVENTS + WARM) / first, 'events/s');
    answer.figure(`rebuild, one after the other, compared and swapped, ${name}`, (EVENTS + WARM) / rebuild, 'events/s');
    answer.figure(`documents of a rebuild, ${name}`, count / rebuild, 'documents/s');
    answer.figure(`bare upserts of the same documents, ${name}`, count / bare, 'documents/s');
    answer.figure(
      `the same documents written once with their columns and indexes, ${name}`,
      count / stored,
      'documents/s',
    );
    answer.ratio(`rebuild / bare upserts, ${name}`, bare / rebuild, targets ? { atLeast: 0.5 } : {});
    answer.ratio(`first build / bare upserts, ${name}`, bare / first);
    answer.ratio(`rebuild / documents written once with columns and indexes, ${name}`, stored / rebuild);
    answer.ratio(`first build / documents written once with columns and indexes, ${name}`, stored / first);
  }
});

function projections(events, views) {
  const stores = { eventStore: { engine: 'sqlite', path: events }, readModels: { engine: 'embedded', path: views } };
  return new WorkerProjectionRunner({ worker, stores });
}

/** The documents of the four, a list for each. */
async function finalDocuments(views) {
  const readModels = EmbeddedReadModels.openReadOnly(views);
  const lists = [];
  for (const name of models) {
    const { live: collection } = await readModels.loadModel(name);
    const list = [];
    for (let after; ;) {
      const page = await readModels.find(collection, {
        sort: { _id: 1 },
        limit: 5000,
        ...(after && { after: [after] }),
      });
      list.push(...page);
      if (page.length < 5000) break;
      after = page.at(-1)._id;
    }
    lists.push(list);
  }
  await readModels.close();
  return lists;
}

/** Seconds to upsert each once into a table that has nothing but an id and the text. */
async function bareUpserts(documents, path) {
  const database = openDatabase(path);
  database.exec('CREATE TABLE documents (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)');
  const upsert = database.prepare(
    'INSERT INTO documents VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
  );
  const { seconds } = await timed(() => {
    for (let at = 0; at < documents.length; at += GROUP)
      database.transaction(() => {
        for (const [n, document] of documents.slice(at, at + GROUP).entries())
          upsert.run(`${String(at + n)}/${document._id}`, JSON.stringify(document));
      });
  });
  database.close();
  return seconds;
}

/** Seconds to write each once into the tables of the read models, indexes last. */
async function storedOnce(lists, path) {
  const readModels = EmbeddedReadModels.open(path);
  const session = await readModels.openSession();
  const { seconds } = await timed(async () => {
    for (const [model, documents] of lists.entries()) {
      const { name, indexes } = catalogue.find((projection) => projection.name === models[model]);
      const collection = `${name}@1.1`;
      await session.createCollection(collection, indexes, 'later');
      let from = null;
      for (let at = 0; at < documents.length; at += GROUP) {
        const writes = documents
          .slice(at, at + GROUP)
          .map((document) => ({ id: document._id, loaded: null, document }));
        const to = { storeId: 'bench', position: String(at + 1).padStart(20, '0'), eventId: 'bench' };
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
