// How fast do the four read models follow a log, live and by rebuild, and how much of what the disk takes is left?
import { join } from 'node:path';
import { catalogue, decoder } from '../dist/projections/catalogue.js';
import { InProcessProjections } from '../dist/projections/runner/in-process-projections.js';
import { openReadOnlyEventStore } from '../dist/src/eventstore/sqlite/read-only-event-store.js';
import { openDatabase } from '../dist/src/platform/sqlite.js';
import { EmbeddedReadModels } from '../dist/src/readmodel/embedded/embedded-read-models.js';
import { timed } from './support/figures.mjs';
import { log, writeLog } from './support/histories.mjs';
import { ask } from './support/question.mjs';

const EVENTS = 100_000;
const SHAPES = [
  { name: 'ten a complaint, 1,000 open', each: 10, open: 1000, floor: { atLeast: 20_000 } },
  { name: 'ten a complaint, one after the other', each: 10, open: 1 },
  { name: 'two a complaint, 1,000 open', each: 2, open: 1000 },
];

await ask('Projecting 100,000 events into four read models', async ({ answer, folder }) => {
  for (const [at, { name, each, open, floor }] of SHAPES.entries()) {
    const files = { events: join(folder, `${String(at)}.db`), views: join(folder, `${String(at)}-views.db`) };
    await writeLog(files.events, []);
    await projecting(files, async () => undefined); // indexes of empty models are there before the first event comes
    await writeLog(files.events, log(EVENTS, { each, open }));

    let rebuild = 0;
    const live = await projecting(files, async ({ projections, readModels }) => {
      const upserts = await bareUpserts(readModels, join(folder, `${String(at)}-bare.db`));
      for (const { name: model } of catalogue) {
        const { seconds, result } = await timed(() => projections.rebuild(model));
        if (result.outcome !== 'equal') throw new Error(`${model} was rebuilt ${result.outcome}`);
        rebuild += seconds;
      }
      return upserts;
    });
    const first = await projecting({ ...files, views: join(folder, `${String(at)}-first.db`) }, async () => undefined);
    const { documents, seconds: bare } = live.result;
    answer.figure(`live, ${name}`, EVENTS / live.seconds, 'events/s');
    answer.figure(`first build, indexes last, ${name}`, EVENTS / first.seconds, 'events/s');
    answer.figure(`rebuild of all four, compared and swapped, ${name}`, EVENTS / rebuild, 'events/s');
    answer.figure(`documents written by a rebuild, ${name}`, documents / rebuild, 'documents/s');
    answer.figure(`bare upserts of the same documents, ${name}`, documents / bare, 'documents/s');
    answer.ratio(`live events/s, ${name}`, EVENTS / live.seconds, floor);
    answer.ratio(`first build / bare upserts, ${name}`, bare / first.seconds, floor && { atLeast: 0.5 });
    answer.ratio(`rebuild with its comparison / bare upserts, ${name}`, bare / rebuild);
  }
});

/** Starts the projections as the service's thread does, and tells how long they took to catch up. */
async function projecting({ events, views }, then) {
  const store = await openReadOnlyEventStore(events);
  const readModels = EmbeddedReadModels.open(views);
  const projections = new InProcessProjections({ store, readModels, decode: (event) => decoder.decode(event), catalogue });
  const { seconds } = await timed(async () => {
    await projections.start();
    const head = await store.head();
    for (const { name } of catalogue)
      if (Number(head) > 1) await projections.waitFor(name, head, 600_000);
      else while (!projections.status().projections.every(({ caughtUp }) => caughtUp)) await new Promise(setImmediate);
  });
  const result = await then({ projections, readModels });
  await projections.stop();
  await readModels.close();
  await store.close();
  return { seconds, result };
}

/** The final documents of all four, each upserted once into a table that has nothing but an id and the text. */
async function bareUpserts(readModels, path) {
  const documents = [];
  for (const { name } of catalogue) {
    const collection = await readModels.resolveAlias(name);
    for (let after; ; ) {
      const page = await readModels.find(collection, { sort: { _id: 1 }, limit: 5000, ...(after && { after: [after] }) });
      documents.push(...page.map((document) => [`${name}/${document._id}`, document]));
      if (page.length < 5000) break;
      after = page.at(-1)._id;
    }
  }
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
