// How fast do the four read models follow a log, live and by rebuild, and how much of what the disk takes is left?
// They are folded where the service folds them: in the thread of its own.
import { join } from 'node:path';
import { catalogue } from '../dist/projections/catalogue.js';
import { ProjectionsService } from '../dist/projections/runner/projections-service.js';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { openDatabase } from '../dist/src/platform/sqlite.js';
import { EmbeddedReadModels } from '../dist/src/readmodel/embedded/embedded-read-models.js';
import { timed } from './support/figures.mjs';
import { appendAll, log } from './support/histories.mjs';
import { ask } from './support/question.mjs';

const worker = new URL('../dist/projections/runner/worker.js', import.meta.url);
const models = catalogue.filter(({ streams }) => streams.includes('complaint-')).map(({ name }) => name);
const EVENTS = 100_000;
const SHAPES = [
  { name: 'ten a complaint, 1,000 open', each: 10, open: 1000, floors: true },
  { name: 'ten a complaint, one after the other', each: 10, open: 1, onlyFull: true },
  { name: 'two a complaint, 1,000 open', each: 2, open: 1000 },
];

await ask('Projecting 100,000 events into four read models', async ({ answer, folder, full }) => {
  for (const [at, { name, each, open, floors = false, onlyFull = false }] of SHAPES.entries()) {
    if (onlyFull && !full) continue;
    const events = join(folder, `${String(at)}.db`);
    const views = join(folder, `${String(at)}-views.db`);
    const following = { service: undefined };
    const store = await openSqliteEventStore(events, { onCommit: (head) => following.service?.notify(head) });
    const seen = async (service) => {
      const head = await store.head();
      for (const model of models) await service.waitFor(model, head, 600_000);
    };

    // the models are there with their indexes, caught up, when the log begins to grow as fast as it can be written
    const service = (following.service = projections(events, views));
    await service.start();
    while (!service.status().projections.every(({ caughtUp }) => caughtUp)) await new Promise(setImmediate);
    const { seconds: live } = await timed(async () => {
      await appendAll(store, log(EVENTS, { each, open }));
      await seen(service);
    });
    answer.figure(`live, ${name}`, EVENTS / live, 'events/s');
    answer.ratio(`live, events/s, ${name}`, EVENTS / live, floors ? { atLeast: 20_000 } : {});
    if (!floors && !full) {
      await service.stop();
      await store.close();
      continue;
    }
    let rebuild = 0;
    for (const model of models) {
      const { seconds, result } = await timed(() => service.rebuild(model));
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

    const { documents, seconds: bare } = await bareUpserts(views, join(folder, `${String(at)}-bare.db`));
    answer.figure(`first build, all four at once, ${name}`, EVENTS / first, 'events/s');
    answer.figure(`rebuild, one after the other, compared and swapped, ${name}`, EVENTS / rebuild, 'events/s');
    answer.figure(`documents of a rebuild, ${name}`, documents / rebuild, 'documents/s');
    answer.figure(`bare upserts of the same documents, ${name}`, documents / bare, 'documents/s');
    answer.ratio(`rebuild / bare upserts, ${name}`, bare / rebuild, floors ? { atLeast: 0.5 } : {});
    answer.ratio(`first build / bare upserts, ${name}`, bare / first);
  }
});

function projections(events, views) {
  const stores = { eventStore: { engine: 'sqlite', path: events }, readModels: { engine: 'embedded', path: views } };
  return new ProjectionsService({ worker, stores });
}

/** The final documents of all four, each upserted once into a table that has nothing but an id and the text. */
async function bareUpserts(views, path) {
  const readModels = EmbeddedReadModels.openReadOnly(views);
  const documents = [];
  for (const name of models) {
    const collection = await readModels.resolveAlias(name);
    for (let after; ;) {
      const page = await readModels.find(collection, {
        sort: { _id: 1 },
        limit: 5000,
        ...(after && { after: [after] }),
      });
      documents.push(...page.map((document) => [`${name}/${document._id}`, document]));
      if (page.length < 5000) break;
      after = page.at(-1)._id;
    }
  }
  await readModels.close();
  const database = openDatabase(path);
  database.exec('CREATE TABLE documents (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)');
  const upsert = database.prepare(
    'INSERT INTO documents VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
  );
  const { seconds } = await timed(() => {
    for (let at = 0; at < documents.length; at += 10_000)
      database.transaction(() => {
        for (const [id, document] of documents.slice(at, at + 10_000)) upsert.run(id, JSON.stringify(document));
      });
  });
  database.close();
  return { documents: documents.length, seconds };
}
