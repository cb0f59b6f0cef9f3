// How fast is our adapter for EventStoreDB, compared with the EventStoreDB client without the adapter?
// The server is the double of test/support/esdb in a separate process, with its log on disk or, if
// REDRESS_TEST_EVENTSTOREDB=esdb://… is set, a real one without TLS. The adapter sends appends over a gRPC stream that it
// opens itself (docs/adr/0021-appends-over-a-stream-of-our-own.md). The client can append in two ways, and both are
// measured: one call for each append (unary), and one stream for all appends (batch).
//
//   node bench/eventstoredb.mjs [--full]
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { join } from 'node:path';
import { openEventStoreDb } from '../dist/src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { startDouble } from './support/eventstoredb-double.mjs';
import { alternately, median, ratioOf, timed } from './support/figures.mjs';
import { historyOf } from './support/histories.mjs';
import { runBenchmark } from './support/question.mjs';

const ROUNDS = 9;
/** Rounds for calls one after the other: they vary most with the load of the machine, so they need many short rounds. */
const SEQUENTIAL_ROUNDS = 25;
/** Events per complaint; each of them is a separate append. */
const EVENTS_PER_COMPLAINT = 10;
/** Target of reads and of the subscription: rate of the adapter / rate of the client. */
const READ_TARGET = { atLeast: 0.9 };
/** Target of appends: rate of the adapter / rate of the client with batch appends. */
const BATCH_TARGET = { atLeast: 1 };
/** Targets of appends: rate of the adapter / rate of the client with unary appends, which are slowest with many in flight. */
const UNARY_TARGETS = { '1 in flight': undefined, '64 in flight': { atLeast: 2 } };
/** The client makes a unary call for an append that has its own credentials. */
const UNARY = { credentials: { username: 'nobody', password: 'nobody' } };
const BATCH = {};

await runBenchmark('Appends, reads and subscription on EventStoreDB', async ({ answer, folder, full }) => {
  const server = await startServer(folder);
  const store = await openEventStoreDb(server.url);
  const client = EventStoreDBClient.connectionString(server.url);
  // differs between runs, so that each run gets new streams on a server that still has those of earlier runs
  const run = Date.now() % 100_000_000;
  let nextComplaint = run * 1000;

  /**
   * Appends `total` events with concurrent callers. Each caller appends the events of one complaint, one event per append,
   * then those of the next. `convert` converts a history to the form that `append` takes. Returns events per second.
   */
  const measureAppends = async (callers, total, append, convert) => {
    const histories = Array.from({ length: total / EVENTS_PER_COMPLAINT }, () => convert(historyOf(nextComplaint++)));
    const caller = async () => {
      for (let history = histories.pop(); history !== undefined; history = histories.pop())
        for (const [revision, event] of history.events.entries()) await append(history.stream, revision - 1, event);
    };
    const { seconds } = await timed(() => Promise.all(Array.from({ length: callers }, caller)));
    return total / seconds;
  };
  // `expected`: the revision that the stream must have; -1 if the stream must not exist
  const appendByAdapter = (stream, expected, event) => store.append(stream, expected < 0 ? 'none' : expected, [event]);
  const appendByClient = (options) => (stream, expected, event) =>
    client.appendToStream(stream, event, {
      expectedRevision: expected < 0 ? 'no_stream' : BigInt(expected),
      ...options,
    });
  const unchanged = (history) => history;
  /** The client takes data and metadata as values and serialises them; our adapter takes them as JSON text. */
  const forClient = ({ stream, events }) => ({
    stream,
    events: events.map(({ eventId, type, data, metadata }) =>
      jsonEvent({ id: eventId, type, data: JSON.parse(data), metadata: JSON.parse(metadata) }),
    ),
  });

  const sequentialTotal = full ? 400 : 150;
  const concurrentTotal = full ? 12_000 : 4_000;
  const byAdapter = (callers, total) => () => measureAppends(callers, total, appendByAdapter, unchanged);
  const byClient = (callers, total, options) => () =>
    measureAppends(callers, total, appendByClient(options), forClient);
  // warm-up
  await byAdapter(64, 3_000)();
  await byClient(64, 3_000, UNARY)();
  const sequential = await alternately(SEQUENTIAL_ROUNDS, {
    'append, 1 in flight, adapter': byAdapter(1, sequentialTotal),
    'append, 1 in flight, bare client, unary': byClient(1, sequentialTotal, UNARY),
    'append, 1 in flight, bare client, batch': byClient(1, sequentialTotal, BATCH),
  });
  const concurrent = await alternately(ROUNDS, {
    'append, 64 in flight, adapter': byAdapter(64, concurrentTotal),
    'append, 64 in flight, bare client, unary': byClient(64, concurrentTotal, UNARY),
    'append, 64 in flight, bare client, batch': byClient(64, concurrentTotal, BATCH),
  });
  const appends = { ...sequential, ...concurrent };
  report(answer, appends);
  for (const [callers, unaryTarget] of Object.entries(UNARY_TARGETS)) {
    const ratesOfAdapter = appends[`append, ${callers}, adapter`];
    answer.ratio(
      `append, ${callers}: adapter / bare client, unary`,
      ratioOf(ratesOfAdapter, appends[`append, ${callers}, bare client, unary`]),
      unaryTarget,
    );
    answer.ratio(
      `append, ${callers}: adapter / bare client, batch`,
      ratioOf(ratesOfAdapter, appends[`append, ${callers}, bare client, batch`]),
      BATCH_TARGET,
    );
  }

  // the streams that the last measurement of appends wrote, and a new long stream
  const shortStreams = Array.from({ length: 80 }, (_, index) => historyOf(nextComplaint - 1 - index).stream);
  const length = full ? 20_000 : 5_000;
  const longStream = `long-${String(run)}`;
  const { events } = historyOf(nextComplaint);
  for (let revision = -1; revision < length - 1; revision += 100)
    await store.append(
      longStream,
      revision < 0 ? 'none' : revision,
      Array.from({ length: 100 }, (_, index) => ({ ...events[index % 10], eventId: crypto.randomUUID() })),
    );

  /** Reads each short stream. Returns streams per second. */
  const measureShortStreams = async (read) => {
    const { seconds } = await timed(async () => {
      for (const stream of shortStreams) await read(stream, 0, 100);
    });
    return shortStreams.length / seconds;
  };
  /** Reads the long stream. Returns events per second. */
  const measureLongStream = async (read) => {
    const { seconds } = await timed(async () => {
      for (let from = 0; from < length; from += 500) await read(longStream, from, 500);
    });
    return length / seconds;
  };
  const readByAdapter = (stream, from, limit) => store.read(stream, { from, limit });
  const readByClient = async (stream, from, limit) => {
    const page = [];
    for await (const { event } of client.readStream(stream, { fromRevision: BigInt(from), maxCount: limit }))
      page.push(event);
    return page;
  };
  const reads = await alternately(SEQUENTIAL_ROUNDS, {
    'stream of 10 events, adapter': () => measureShortStreams(readByAdapter),
    'stream of 10 events, bare client': () => measureShortStreams(readByClient),
    'long stream in pages of 500, adapter': () => measureLongStream(readByAdapter),
    'long stream in pages of 500, bare client': () => measureLongStream(readByClient),
  });
  report(answer, reads, (label) => (label.startsWith('stream of') ? 'streams/s' : 'events/s'));
  for (const label of ['stream of 10 events', 'long stream in pages of 500'])
    answer.ratio(
      `${label}: adapter / bare client`,
      ratioOf(reads[`${label}, adapter`], reads[`${label}, bare client`]),
      READ_TARGET,
    );

  const eventsToRead = full ? 50_000 : 15_000;
  const catchUps = await alternately(ROUNDS, {
    'catch-up subscription, adapter': async () => {
      const stop = new AbortController();
      let count = 0;
      const { seconds } = await timed(async () => {
        for await (const batch of store.subscribe({ after: null, prefixes: ['complaint-'], signal: stop.signal })) {
          count += batch.events.length;
          if (count >= eventsToRead) break;
        }
      });
      return count / seconds;
    },
    'catch-up subscription, bare client': async () => {
      const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['complaint-'] }) });
      let count = 0;
      const { seconds } = await timed(async () => {
        for await (const { event } of subscription) if (event && ++count >= eventsToRead) break;
      });
      await subscription.unsubscribe();
      return count / seconds;
    },
  });
  report(answer, catchUps);
  answer.ratio(
    'catch-up subscription: adapter / bare client',
    ratioOf(catchUps['catch-up subscription, adapter'], catchUps['catch-up subscription, bare client']),
    READ_TARGET,
  );

  await store.close();
  await client.dispose();
  await server.stop();
});

/** Adds the median of each measurement to the result. `unitOf` returns the unit for a label. */
function report(answer, values, unitOf = () => 'events/s') {
  for (const [label, rates] of Object.entries(values)) answer.figure(label, median(rates), unitOf(label));
}

/** Starts the double, unless the environment names a real server. */
async function startServer(folder) {
  const realServer = process.env.REDRESS_TEST_EVENTSTOREDB;
  return realServer ? { url: realServer, stop: async () => undefined } : startDouble(join(folder, 'log.jsonl'));
}
