// What does a command on a long stream cost, compared with the same command on a short one?
import { join } from 'node:path';
import { complaintAggregate } from '../dist/src/complaint/command-service.js';
import { ComplainantChased } from '../dist/src/complaint/events.js';
import { GENESIS_HASH } from '../dist/src/eventstore/chain.js';
import { CommandLoop } from '../dist/src/eventstore/command-loop.js';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { alternately, median, ratioOf } from './support/figures.mjs';
import { appendAll, longHistory } from './support/histories.mjs';
import { ask } from './support/question.mjs';

/** Commands per round: few, so that the short stream stays short. */
const COMMANDS = 30;
const SHORT = 100;
const LENGTHS = [SHORT, 12_000, 100_000];

const NOW = '2027-01-05T09:00:00.000Z';
const chased = () => ComplainantChased({ contactId: 'c1', at: { precision: 'instant', at: NOW } });

const count = (length) => length.toLocaleString('en');

let sent = 0;

await ask('A command on a long stream', async ({ answer, folder, full }) => {
  const store = await openSqliteEventStore(join(folder, 'events.db'));
  const loop = new CommandLoop(store, complaintAggregate, { now: () => NOW }, { onlyWriter: true });
  const measured = {};
  for (const [n, length] of LENGTHS.entries()) {
    const { id, stream, events } = longHistory(n, length, chased);
    await appendAll(
      store,
      events.map((event, revision) => [stream, revision, event]),
    );
    const { milliseconds } = await commands(loop, id, 1);
    answer.figure(`first command, ${count(length)} events to read`, milliseconds, 'ms');
    measured[length] = () => commands(loop, id, COMMANDS);
  }
  const values = await alternately(full ? 15 : 7, measured);
  const processor = (length) => values[length].map((found) => found.processor);
  for (const length of LENGTHS) {
    answer.figure(
      `a command on ${count(length)} events`,
      median(values[length].map((found) => found.milliseconds)),
      'ms',
    );
    answer.figure(`its processor time`, median(processor(length)), 'µs');
  }
  for (const length of LENGTHS.slice(1))
    answer.ratio(
      `processor time of a command, ${count(length)} / ${count(SHORT)} events`,
      ratioOf(processor(length), processor(SHORT)),
      { atMost: 2 },
    );
  await store.close();
});

/**
 * Sends commands one after the other; each changes only a counter in the state. Returns per command the elapsed
 * milliseconds and the microseconds of processor time.
 */
async function commands(loop, id, number) {
  const used = process.cpuUsage();
  const began = performance.now();
  for (let index = 0; index < number; index++) {
    const commandId = `command-${String(sent++)}`;
    const outcome = await loop.submit({
      id,
      commandId,
      commandDigest: GENESIS_HASH,
      actor: { type: 'person', id: 'handler-1', role: 'handler' },
      correlationId: commandId,
      causationId: commandId,
      decide: (_folded, now) => ({
        events: [chased()],
        occurredAt: { precision: 'instant', at: now },
      }),
    });
    if (outcome.kind !== 'recorded') throw new Error(`the command is ${outcome.kind}`);
  }
  const { user, system } = process.cpuUsage(used);
  return { milliseconds: (performance.now() - began) / number, processor: (user + system) / number };
}
