// What does a long stream cost to read, decode and fold?
import { join } from 'node:path';
import { complaintAggregate } from '../dist/src/complaint/command-service.js';
import { NoteAdded } from '../dist/src/complaint/events.js';
import { foldSuffix, unfolded } from '../dist/src/eventstore/fold.js';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { openDatabase } from '../dist/src/platform/sqlite.js';
import { alternately, median, ratioOf, timed } from './support/figures.mjs';
import { longHistory, log, writeLog } from './support/histories.mjs';
import { ask } from './support/question.mjs';

const LENGTH = 10_000;
const PAGE = 1000;

await ask('Reading a stream of 10,000 events', async ({ answer, folder }) => {
  const path = join(folder, 'events.db');
  const { id, stream, events } = longHistory(0, LENGTH, (at) =>
    NoteAdded({ noteId: `n${String(at + 1)}`, text: `Called again, number ${String(at)}; nobody answered.` }),
  );
  const between = [...log(LENGTH, { first: 1 })];
  // events of other complaints are between its events, as in production
  await writeLog(
    path,
    events.flatMap((event, revision) => [[stream, revision, event], between[revision]]),
  );
  const store = await openSqliteEventStore(path);
  const database = openDatabase(path, { readonly: true });
  const bare = database.prepareRaw('SELECT data, metadata FROM events WHERE stream = ? ORDER BY revision');
  const values = await alternately(7, {
    'bare rows': () => rate(() => bare.all(stream).length),
    'read in pages of 1,000': () =>
      rate(async () => {
        let read = 0;
        for (let page; page === undefined || page.length === PAGE; read += page.length)
          page = await store.read(stream, { from: read, limit: PAGE });
        return read;
      }),
    'read, decoded and folded': () =>
      rate(
        async () =>
          (await foldSuffix(store, complaintAggregate, stream, unfolded(complaintAggregate, id))).revision + 1,
      ),
  });
  for (const [what, measured] of Object.entries(values)) answer.figure(what, median(measured), 'events/s');
  answer.ratio('read in pages / bare rows', ratioOf(values['read in pages of 1,000'], values['bare rows']));
  answer.ratio(
    'read, decoded and folded / bare rows',
    ratioOf(values['read, decoded and folded'], values['bare rows']),
  );
  database.close();
  await store.close();
});

async function rate(read) {
  const { seconds, result } = await timed(read);
  if (result !== LENGTH) throw new Error(`${String(result)} events were read`);
  return result / seconds;
}
