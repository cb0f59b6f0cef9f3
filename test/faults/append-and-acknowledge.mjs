// Program under test of fdatasync.spec.ts: appends events to an embedded event store and writes a line to standard output
// after each acknowledged append.
// node append-and-acknowledge.mjs DIST FILE COUNT CALLERS [--without-sync]
//   DIST     the compiled sources
//   FILE     the file of the event store
//   COUNT    the number of appends
//   CALLERS  the number of concurrent callers
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, file, count, callers, flag] = process.argv.slice(2);
const { connectForWriting, openSqliteEventStore } = await import(
  pathToFileURL(join(dist, 'src/eventstore/sqlite/sqlite-event-store.js')).href
);

const withoutSync = (path) => {
  const database = connectForWriting(path);
  database.exec('PRAGMA synchronous = OFF');
  return database;
};
const store = await openSqliteEventStore(file, flag === '--without-sync' ? { connect: withoutSync } : {});

let nextNote = 0;
const appendUntilDone = async () => {
  while (nextNote < Number(count)) {
    const event = { eventId: randomUUID(), type: 'Noted', data: `{"note":${nextNote++}}`, metadata: '{}' };
    const { position } = await store.append(`case-${event.eventId}`, 'none', [event]);
    writeSync(1, `acknowledged ${position}\n`);
  }
};
await Promise.all(Array.from({ length: Number(callers) }, appendUntilDone));
await store.close();
