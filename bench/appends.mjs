// How fast are appends to the embedded store, compared with the raw speed of the disk?
import { closeSync, existsSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { alternately, median, ratioOf, timed } from './support/figures.mjs';
import { historyOf } from './support/histories.mjs';
import { ask } from './support/question.mjs';

const CALLERS = 64;
const ROUNDS = 3;

await ask('Appends to the embedded event store', async ({ answer, folder, full }) => {
  const store = await openSqliteEventStore(join(folder, 'events.db'));
  const file = openSync(join(folder, 'raw.log'), 'a');
  let complaints = 0;
  const next = () => historyOf(complaints++);
  const grouped = full ? 60_000 : 20_000;
  const alone = full ? 8_000 : 2_000;

  /** Each caller appends the ten events of one complaint after the other, one append an event. */
  const appending = async (callers, total, histories) => {
    let left = total;
    const caller = async () => {
      while (left > 0) {
        const { stream, events } = histories();
        for (const [revision, event] of events.entries()) {
          await store.append(stream, revision === 0 ? 'none' : revision - 1, [event]);
          left--;
        }
      }
    };
    const { seconds } = await timed(() => Promise.all(Array.from({ length: callers }, caller)));
    return (total - left) / seconds;
  };
  const readyMade = (callers, total) => {
    const made = Array.from({ length: total / 10 + callers + 1 }, next);
    return appending(callers, total, () => made.pop());
  };
  /** The same bytes, written in groups, each followed by fdatasync. */
  const raw = async (group, total) => {
    const made = Array.from({ length: Math.ceil(total / 10) }, next).flatMap(({ stream, events }) =>
      events.map(({ eventId, type, data, metadata }) => [stream, eventId, type, data, metadata].join('\n') + '\n'),
    );
    const { seconds } = await timed(() => {
      for (let at = 0; at < made.length; at += group) {
        writeSync(file, made.slice(at, at + group).join(''));
        fdatasyncSync(file);
      }
    });
    return made.length / seconds;
  };

  const emmett = await emmettStore(join(folder, 'emmett.db'));
  if (emmett === undefined) answer.note('emmett-sqlite is not installed: npm ci in bench/peers');
  await readyMade(CALLERS, 5_000); // warm
  const values = await alternately(ROUNDS, {
    'raw file append + fdatasync, each': () => raw(1, alone),
    'raw file append + fdatasync, groups of 64': () => raw(CALLERS, grouped),
    'append, 1 caller, ready-made': () => readyMade(1, alone),
    'append, 64 callers, ready-made': () => readyMade(CALLERS, grouped),
    'append, 64 callers, with hashing': () => appending(CALLERS, grouped, next),
    ...(emmett && { 'emmett-sqlite 0.38.5, sequential': () => emmett.append(100) }),
  });
  for (const [what, measured] of Object.entries(values)) answer.figure(what, median(measured), 'events/s');

  const one = values['append, 1 caller, ready-made'];
  const many = values['append, 64 callers, ready-made'];
  const hashing = values['append, 64 callers, with hashing'];
  const group = values['raw file append + fdatasync, groups of 64'];
  answer.ratio('ready-made at 64 callers / raw group append', ratioOf(many, group), { atLeast: 0.4 });
  answer.ratio('with hashing at 64 callers / raw group append', ratioOf(hashing, group));
  answer.ratio('1 caller / raw append each', ratioOf(one, values['raw file append + fdatasync, each']));
  if (emmett) {
    const sequential = values['emmett-sqlite 0.38.5, sequential'];
    answer.ratio('ready-made at 64 callers / emmett-sqlite sequential', ratioOf(many, sequential), { atLeast: 50 });
    answer.ratio('1 caller / emmett-sqlite sequential', ratioOf(one, sequential));
  }
  await emmett?.close();
  await store.close();
  closeSync(file);
});

/** The peer, driven sequentially, because its concurrent appends lose events; undefined if it is not installed. */
async function emmettStore(path) {
  const installed = new URL('peers/node_modules/@event-driven-io/emmett-sqlite/', import.meta.url);
  if (!existsSync(installed)) return undefined;
  const { getSQLiteEventStore } = await import('./peers/emmett.mjs');
  const store = getSQLiteEventStore({ fileName: path });
  let complaints = 0;
  return {
    append: async (total) => {
      const made = Array.from({ length: total / 10 }, () => historyOf(1_000_000 + complaints++));
      const { seconds } = await timed(async () => {
        for (const { stream, events } of made)
          for (const { type, data, metadata } of events)
            await persist(() =>
              store.appendToStream(stream, [{ type, data: JSON.parse(data), metadata: JSON.parse(metadata) }]),
            );
      });
      return total / seconds;
    },
    close: () => store.close?.(),
  };
}

/** Retries: the peer opens a connection per append and sometimes conflicts with the previous one, even sequentially. */
async function persist(append, attempts = 5) {
  try {
    await append();
  } catch (error) {
    if (attempts === 1) throw error;
    await persist(append, attempts - 1);
  }
}
