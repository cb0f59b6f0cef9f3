// What does a command on a long stream cost, compared with the same command on a short one?
import { join } from 'node:path';
import { complaintAggregate } from '../dist/src/complaint/command-service.js';
import { ComplainantChased } from '../dist/src/complaint/events.js';
import { GENESIS_HASH } from '../dist/src/eventstore/chain.js';
import { CommandLoop } from '../dist/src/eventstore/command-loop.js';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { alternately, median, ratioOf } from './support/figures.mjs';
import { appendAll, longHistory } from './support/histories.mjs';
import { runBenchmark } from './support/question.mjs';

/** Few commands per round, so that the short stream stays short. */
const COMMANDS_PER_ROUND = 30;
/** Events of a stream at the start. */
const SHORT = 100;
const LENGTHS = [SHORT, 12_000, 100_000];

const NOW = '2027-01-05T09:00:00.000Z';
const chasedEvent = () => ComplainantChased({ contactId: 'c1', at: { precision: 'instant', at: NOW } });

const formatCount = (length) => length.toLocaleString('en');

let commandsSent = 0;

await runBenchmark('A command on a long stream', async ({ answer, folder, full }) => {
  const store = await openSqliteEventStore(join(folder, 'events.db'));
  const loop = new CommandLoop(store, complaintAggregate, { now: () => NOW }, { onlyWriter: true });
  const measurements = {};
  for (const [complaint, length] of LENGTHS.entries()) {
    const { id, stream, events } = longHistory(complaint, length, chasedEvent);
    await appendAll(
      store,
      events.map((event, revision) => [stream, revision, event]),
    );
    const { milliseconds } = await sendCommands(loop, id, 1);
    answer.figure(`first command, ${formatCount(length)} events to read`, milliseconds, 'ms');
    measurements[length] = () => sendCommands(loop, id, COMMANDS_PER_ROUND);
  }
  const values = await alternately(full ? 15 : 7, measurements);
  const processorTimes = (length) => values[length].map(({ processor }) => processor);
  for (const length of LENGTHS) {
    answer.figure(
      `a command on ${formatCount(length)} events`,
      median(values[length].map(({ milliseconds }) => milliseconds)),
      'ms',
    );
    answer.figure(`processor time of a command on ${formatCount(length)} events`, median(processorTimes(length)), 'µs');
  }
  for (const length of LENGTHS.slice(1))
    answer.ratio(
      `processor time of a command, ${formatCount(length)} / ${formatCount(SHORT)} events`,
      ratioOf(processorTimes(length), processorTimes(SHORT)),
      { atMost: 2 },
    );
  await store.close();
});

/**
 * Sends commands one after the other; each changes only a counter in the state. Returns per command the elapsed
 * milliseconds and the microseconds of processor time.
 */
async function sendCommands(loop, id, number) {
  const before = process.cpuUsage();
  const startTime = performance.now();
  for (let index = 0; index < number; index++) {
    const commandId = `command-${String(commandsSent++)}`;
    const outcome = await loop.submit({
      id,
      commandId,
      commandDigest: GENESIS_HASH, // any hash is valid here: no command is repeated
      actor: { type: 'person', id: 'handler-1', role: 'handler' },
      correlationId: commandId,
      causationId: commandId,
      decide: (_folded, now) => ({
        events: [chasedEvent()],
        occurredAt: { precision: 'instant', at: now },
      }),
    });
    if (outcome.kind !== 'recorded') throw new Error(`expected the outcome recorded, found ${outcome.kind}`);
  }
  const { user, system } = process.cpuUsage(before);
  return { milliseconds: (performance.now() - startTime) / number, processor: (user + system) / number };
}
