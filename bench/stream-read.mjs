// How fast is a long stream read, decoded and folded?
import { join } from 'node:path';
import { complaintAggregate } from '../dist/src/complaint/command-service.js';
import { NoteAdded } from '../dist/src/complaint/events.js';
import { foldSuffix, unfolded } from '../dist/src/eventstore/fold.js';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { openDatabase } from '../dist/src/platform/sqlite.js';
import { alternately, median, ratioOf, timed } from './support/figures.mjs';
import { longHistory, log, writeLog } from './support/histories.mjs';
import { runBenchmark } from './support/question.mjs';

/** Events of the stream. */
const LENGTH = 10_000;
/** Events per page. */
const PAGE = 1000;
const ROUNDS = 7;

await runBenchmark('Reading a stream of 10,000 events', async ({ answer, folder }) => {
  const path = join(folder, 'events.db');
  const { id, stream, events } = longHistory(0, LENGTH, (index) =>
    NoteAdded({ noteId: `n${String(index + 1)}`, text: `Call number ${String(index)}; nobody answered.` }),
  );
  const otherEntries = [...log(LENGTH, { first: 1 })];
  // an event of another complaint follows each event of the stream, because streams are interleaved in production too
  await writeLog(
    path,
    events.flatMap((event, revision) => [[stream, revision, event], otherEntries[revision]]),
  );
  const store = await openSqliteEventStore(path);
  const database = openDatabase(path, { readonly: true });
  const bareRows = database.prepareRaw('SELECT data, metadata FROM events WHERE stream = ? ORDER BY revision');
  const values = await alternately(ROUNDS, {
    'bare rows': () => rate(() => bareRows.all(stream).length),
    'read in pages of 1,000': () =>
      rate(async () => {
        let eventsRead = 0;
        let page;
        do {
          page = await store.read(stream, { from: eventsRead, limit: PAGE });
          eventsRead += page.length;
        } while (page.length === PAGE);
        return eventsRead;
      }),
    'read, decoded and folded': () =>
      rate(async () => {
        const folded = await foldSuffix(store, complaintAggregate, stream, unfolded(complaintAggregate, id));
        return folded.revision + 1;
      }),
  });
  for (const [label, rates] of Object.entries(values)) answer.figure(label, median(rates), 'events/s');
  answer.ratio('read in pages / bare rows', ratioOf(values['read in pages of 1,000'], values['bare rows']));
  answer.ratio(
    'read, decoded and folded / bare rows',
    ratioOf(values['read, decoded and folded'], values['bare rows']),
  );
  database.close();
  await store.close();
});

/** Measures the events per second of `read`, which returns the number of events that it has read. */
async function rate(read) {
  const { seconds, result } = await timed(read);
  if (result !== LENGTH) throw new Error(`expected ${String(LENGTH)} events, read ${String(result)}`);
  return result / seconds;
}
