// How fast are appends to the embedded store, compared with the raw speed of the disk?
import { closeSync, existsSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { alternately, median, ratioOf, timed } from './support/figures.mjs';
import { historyOf } from './support/histories.mjs';
import { runBenchmark } from './support/question.mjs';

const CALLERS = 64;
const ROUNDS = 3;
/** Events per complaint: the default of `historyOf`. */
const EVENTS_PER_COMPLAINT = 10;

await runBenchmark('Appends to the embedded event store', async ({ answer, folder, full }) => {
  const store = await openSqliteEventStore(join(folder, 'events.db'));
  const file = openSync(join(folder, 'raw.log'), 'a');
  let complaints = 0;
  const newHistory = () => historyOf(complaints++);
  const concurrentTotal = full ? 60_000 : 20_000;
  const sequentialTotal = full ? 8_000 : 2_000;

  /**
   * Appends at least `total` events with concurrent callers. Each caller appends the events of one complaint, one event
   * per append, then those of the next. Returns events per second.
   */
  const appendEvents = async (callers, total, nextHistory) => {
    let left = total;
    const caller = async () => {
      while (left > 0) {
        const { stream, events } = nextHistory();
        for (const [revision, event] of events.entries()) {
          await store.append(stream, revision === 0 ? 'none' : revision - 1, [event]);
          left--;
        }
      }
    };
    const { seconds } = await timed(() => Promise.all(Array.from({ length: callers }, caller)));
    return (total - left) / seconds;
  };
  /** Encodes and hashes the events before the measurement starts. */
  const appendPrepared = (callers, total) => {
    const histories = Array.from({ length: total / EVENTS_PER_COMPLAINT + callers + 1 }, newHistory);
    return appendEvents(callers, total, () => histories.pop());
  };
  /**
   * Writes the same bytes to a plain file, `group` events at a time, and calls fdatasync after each group. Returns events
   * per second.
   */
  const appendRaw = async (group, total) => {
    const histories = Array.from({ length: Math.ceil(total / EVENTS_PER_COMPLAINT) }, newHistory);
    const lines = histories.flatMap(({ stream, events }) =>
      events.map(({ eventId, type, data, metadata }) => [stream, eventId, type, data, metadata].join('\n') + '\n'),
    );
    const { seconds } = await timed(() => {
      for (let index = 0; index < lines.length; index += group) {
        writeSync(file, lines.slice(index, index + group).join(''));
        fdatasyncSync(file);
      }
    });
    return lines.length / seconds;
  };

  const emmett = await emmettStore(join(folder, 'emmett.db'));
  if (emmett === undefined) answer.note('emmett-sqlite is not installed: npm ci in bench/peers');
  await appendPrepared(CALLERS, 5_000); // warm-up
  const values = await alternately(ROUNDS, {
    'raw file append, fdatasync after each event': () => appendRaw(1, sequentialTotal),
    'raw file append, fdatasync after 64 events': () => appendRaw(CALLERS, concurrentTotal),
    'append, 1 caller, prepared events': () => appendPrepared(1, sequentialTotal),
    'append, 64 callers, prepared events': () => appendPrepared(CALLERS, concurrentTotal),
    'append, 64 callers, with hashing': () => appendEvents(CALLERS, concurrentTotal, newHistory),
    ...(emmett && { 'emmett-sqlite 0.38.5, sequential': () => emmett.append(100) }),
  });
  for (const [label, rates] of Object.entries(values)) answer.figure(label, median(rates), 'events/s');

  const oneCaller = values['append, 1 caller, prepared events'];
  const manyCallers = values['append, 64 callers, prepared events'];
  const withHashing = values['append, 64 callers, with hashing'];
  const rawSingle = values['raw file append, fdatasync after each event'];
  const rawGroup = values['raw file append, fdatasync after 64 events'];
  answer.ratio('64 callers, prepared events / raw append of 64 events', ratioOf(manyCallers, rawGroup), {
    atLeast: 0.4,
  });
  answer.ratio('64 callers, with hashing / raw append of 64 events', ratioOf(withHashing, rawGroup));
  answer.ratio('1 caller, prepared events / raw append of one event', ratioOf(oneCaller, rawSingle));
  if (emmett) {
    const sequential = values['emmett-sqlite 0.38.5, sequential'];
    answer.ratio('64 callers, prepared events / emmett-sqlite, sequential', ratioOf(manyCallers, sequential), {
      atLeast: 50,
    });
    answer.ratio('1 caller, prepared events / emmett-sqlite, sequential', ratioOf(oneCaller, sequential));
  }
  await emmett?.close();
  await store.close();
  closeSync(file);
});

/**
 * The event store of emmett-sqlite, or undefined if it is not installed. It receives one append at a time, because it loses
 * events of concurrent appends.
 */
async function emmettStore(path) {
  const installed = new URL('peers/node_modules/@event-driven-io/emmett-sqlite/', import.meta.url);
  if (!existsSync(installed)) return undefined;
  const { getSQLiteEventStore } = await import('./peers/emmett.mjs');
  const store = getSQLiteEventStore({ fileName: path });
  let complaints = 0;
  return {
    /** Returns events per second. */
    append: async (total) => {
      const histories = Array.from({ length: total / EVENTS_PER_COMPLAINT }, () => historyOf(1_000_000 + complaints++));
      const { seconds } = await timed(async () => {
        for (const { stream, events } of histories)
          for (const { type, data, metadata } of events)
            await withRetries(() =>
              store.appendToStream(stream, [{ type, data: JSON.parse(data), metadata: JSON.parse(metadata) }]),
            );
      });
      return total / seconds;
    },
    close: () => store.close?.(),
  };
}

/** emmett-sqlite opens a connection per append, and an append sometimes conflicts with the previous one. */
async function withRetries(append, attempts = 5) {
  try {
    await append();
  } catch (error) {
    if (attempts === 1) throw error;
    await withRetries(append, attempts - 1);
  }
}
