// Appends to an embedded store and acknowledges each append by a line on standard output, for fdatasync.spec.ts.
// node append-and-acknowledge.mjs DIST FILE COUNT CALLERS [--without-sync]
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

let next = 0;
const caller = async () => {
  while (next < Number(count)) {
    const event = { eventId: randomUUID(), type: 'Noted', data: `{"note":${next++}}`, metadata: '{}' };
    const { position } = await store.append(`case-${event.eventId}`, 'none', [event]);
    writeSync(1, `acknowledged ${position}\n`);
  }
};
await Promise.all(Array.from({ length: Number(callers) }, caller));
await store.close();
