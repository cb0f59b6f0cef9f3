// What does the adapter for EventStoreDB cost, against the bare client in the same run?
// The server is the double of test/support/esdb in a process of its own, with its durable log; or, with
// REDRESS_TEST_EVENTSTOREDB=esdb://…, a real one without TLS. The adapter appends over a stream of its own; both paths of the client are shown beside it
// (docs/adr/0021-appends-over-a-stream-of-our-own.md).
//
//   node bench/eventstoredb.mjs [--full]
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { join } from 'node:path';
import { openEventStoreDb } from '../dist/src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { startDouble } from './support/eventstoredb-double.mjs';
import { alternately, median, ratioOf, timed } from './support/figures.mjs';
import { historyOf } from './support/histories.mjs';
import { runBenchmark } from './support/question.mjs';

const ROUNDS = 7;
/** Sequential calls vary most with the load of disk and machine, so they need many short rounds. */
const LONE_ROUNDS = 25;
const GOAL = { atLeast: 0.9 };
const APPEND_GOAL = { atLeast: 1 };
/** One call an append costs most where many are in flight. */
const UNARY_GOALS = { '1 in flight': undefined, '64 in flight': { atLeast: 2 } };
const UNARY = { credentials: { username: 'nobody', password: 'nobody' } };

await runBenchmark('Appends, reads and subscription on EventStoreDB', async ({ answer, folder, full }) => {
  const server = await serverIn(folder);
  const store = await openEventStoreDb(server.url);
  const client = EventStoreDBClient.connectionString(server.url);
  const salt = Date.now() % 100_000_000; // streams of their own on a server that is kept
  let complaints = salt * 1000;

  /** Callers append the ten events of one complaint after the other, one append an event. */
  const appending = async (callers, total, append, prepared) => {
    const made = Array.from({ length: total / 10 }, () => historyOf(complaints++)).map(prepared);
    const caller = async () => {
      for (let next = made.pop(); next !== undefined; next = made.pop())
        for (const [revision, event] of next.events.entries()) await append(next.stream, revision - 1, event);
    };
    const { seconds } = await timed(() => Promise.all(Array.from({ length: callers }, caller)));
    return total / seconds;
  };
  const adapter = (stream, expected, event) => store.append(stream, expected < 0 ? 'none' : expected, [event]);
  const bare = (path) => (stream, expected, event) =>
    client.appendToStream(stream, event, { expectedRevision: expected < 0 ? 'no_stream' : BigInt(expected), ...path });
  const asGiven = (history) => history;
  /** The event as values instead of text, as a program without our envelope would have it. */
  const asValues = ({ stream, events }) => ({
    stream,
    events: events.map(({ eventId, type, data, metadata }) =>
      jsonEvent({ id: eventId, type, data: JSON.parse(data), metadata: JSON.parse(metadata) }),
    ),
  });

  const alone = full ? 400 : 150;
  const many = full ? 12_000 : 4_000;
  await appending(64, 3_000, adapter, asGiven); // warm
  await appending(64, 3_000, bare(UNARY), asValues);
  const lone = await alternately(LONE_ROUNDS, {
    'append, 1 in flight, adapter': () => appending(1, alone, adapter, asGiven),
    'append, 1 in flight, bare client, unary': () => appending(1, alone, bare(UNARY), asValues),
    'append, 1 in flight, bare client, batch': () => appending(1, alone, bare({}), asValues),
  });
  const together = await alternately(ROUNDS, {
    'append, 64 in flight, adapter': () => appending(64, many, adapter, asGiven),
    'append, 64 in flight, bare client, unary': () => appending(64, many, bare(UNARY), asValues),
    'append, 64 in flight, bare client, batch': () => appending(64, many, bare({}), asValues),
  });
  const appends = { ...lone, ...together };
  report(answer, appends);
  for (const [callers, unaryGoal] of Object.entries(UNARY_GOALS)) {
    const ours = appends[`append, ${callers}, adapter`];
    answer.ratio(
      `append, ${callers}: adapter / bare client, unary`,
      ratioOf(ours, appends[`append, ${callers}, bare client, unary`]),
      unaryGoal,
    );
    answer.ratio(
      `append, ${callers}: adapter / bare client, batch`,
      ratioOf(ours, appends[`append, ${callers}, bare client, batch`]),
      APPEND_GOAL,
    );
  }

  const streams = Array.from({ length: 80 }, (_, at) => historyOf(complaints - 1 - at).stream);
  const length = full ? 20_000 : 5_000;
  const long = `long-${String(salt)}`;
  const { events } = historyOf(complaints, 10);
  for (let revision = -1; revision < length - 1; revision += 100)
    await store.append(
      long,
      revision < 0 ? 'none' : revision,
      Array.from({ length: 100 }, (_, at) => ({ ...events[at % 10], eventId: crypto.randomUUID() })),
    );

  const readStreams = async (read) => {
    const { seconds } = await timed(async () => {
      for (const stream of streams) await read(stream, 0, 100);
    });
    return streams.length / seconds;
  };
  const readLong = async (read) => {
    const { seconds } = await timed(async () => {
      for (let from = 0; from < length; from += 500) await read(long, from, 500);
    });
    return length / seconds;
  };
  const byAdapter = async (stream, from, limit) => (await store.read(stream, { from, limit })).length;
  const byClient = async (stream, from, limit) => {
    const found = [];
    for await (const { event } of client.readStream(stream, { fromRevision: BigInt(from), maxCount: limit }))
      found.push(event);
    return found.length;
  };
  const reads = await alternately(LONE_ROUNDS, {
    'stream of 10 events, adapter': () => readStreams(byAdapter),
    'stream of 10 events, bare client': () => readStreams(byClient),
    'long stream in pages of 500, adapter': () => readLong(byAdapter),
    'long stream in pages of 500, bare client': () => readLong(byClient),
  });
  report(answer, reads, (what) => (what.startsWith('stream of') ? 'streams/s' : 'events/s'));
  for (const what of ['stream of 10 events', 'long stream in pages of 500'])
    answer.ratio(
      `${what}: adapter / bare client`,
      ratioOf(reads[`${what}, adapter`], reads[`${what}, bare client`]),
      GOAL,
    );

  const wanted = full ? 50_000 : 15_000;
  const catchUps = await alternately(ROUNDS, {
    'catch-up subscription, adapter': async () => {
      const stop = new AbortController();
      let count = 0;
      const { seconds } = await timed(async () => {
        for await (const batch of store.subscribe({ after: null, prefixes: ['complaint-'], signal: stop.signal })) {
          count += batch.events.length;
          if (count >= wanted) break;
        }
      });
      return count / seconds;
    },
    'catch-up subscription, bare client': async () => {
      const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['complaint-'] }) });
      let count = 0;
      const { seconds } = await timed(async () => {
        for await (const { event } of subscription) if (event && ++count >= wanted) break;
      });
      await subscription.unsubscribe();
      return count / seconds;
    },
  });
  report(answer, catchUps);
  answer.ratio(
    'catch-up subscription: adapter / bare client',
    ratioOf(catchUps['catch-up subscription, adapter'], catchUps['catch-up subscription, bare client']),
    GOAL,
  );

  await store.close();
  await client.dispose();
  await server.stop();
});

function report(answer, values, unit = () => 'events/s') {
  for (const [what, measured] of Object.entries(values)) answer.figure(what, median(measured), unit(what));
}

async function serverIn(folder) {
  const given = process.env.REDRESS_TEST_EVENTSTOREDB;
  return given ? { url: given, stop: async () => undefined } : startDouble(join(folder, 'log.jsonl'));
}
