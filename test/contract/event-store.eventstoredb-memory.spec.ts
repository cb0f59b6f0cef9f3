import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { EventStore } from '../../src/eventstore/event-store.js';
import { openEventStoreDb } from '../../src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { someEvents } from '../support/esdb/given-events.js';
import { spawnEsdbDouble, type SpawnedEsdbDouble } from '../support/esdb/spawn-double.js';
import { isFullForm, shortOrFull } from '../support/service/extent.js';

const EVENTS = shortOrFull(20_000, 200_000);
const EVENTS_PER_APPEND = 100;
/**
 * The writer waits while it is more than this number of events ahead of ten times the handled events. The ratio of both
 * rates is then the same on a busy machine.
 */
const MAX_LEAD = 20 * EVENTS_PER_APPEND;
/** The text of each event, so long that an unbounded buffer would grow far beyond the allowance. */
const TEXT = 'x'.repeat(shortOrFull(4_000, 1_000));
/**
 * Allowed growth of the memory in use: a batch, the buffers of the connection, and what garbage collection leaves. With
 * an unbounded buffer the growth is 40 MiB or more.
 */
const ALLOWED_GROWTH_MIB = 16;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** MiB in use after a garbage collection. */
function held(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

describe('a subscription on EventStoreDB that reads at a tenth of the rate at which events arrive', () => {
  let folder: string;
  let double: SpawnedEsdbDouble;
  let writer: EventStore;
  let reader: EventStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redress-esdb-'));
    double = await spawnEsdbDouble({ file: join(folder, 'log') });
    const longTimeouts = { appendTimeout: 120_000, readTimeout: 120_000 };
    writer = await openEventStoreDb(double.connectionString, longTimeouts);
    reader = await openEventStoreDb(double.connectionString, longTimeouts);
  });
  afterAll(async () => {
    await writer.close();
    await reader.close();
    await double.kill();
    await rm(folder, { recursive: true });
  });

  test(`uses constant memory over ${String(EVENTS)} events and loses none`, async () => {
    const stop = new AbortController();
    let arrived = 0;
    let handled = 0;
    let last = '';
    const samples: number[] = [];

    const arriving = (async () => {
      for (; arrived < EVENTS; arrived += EVENTS_PER_APPEND) {
        while (arrived > handled * 10 + MAX_LEAD) await sleep(2);
        await writer.append(`complaint-${String(arrived)}`, 'none', someEvents(EVENTS_PER_APPEND, TEXT));
      }
    })();
    const subscription = reader.subscribe({
      after: null,
      prefixes: ['complaint-'],
      signal: stop.signal,
      batchSize: 100,
    });
    for await (const { events, caughtUp } of subscription) {
      for (const { position } of events) {
        expect(position > last).toBe(true);
        last = position;
      }
      handled += events.length;
      while (arrived < EVENTS && arrived < handled * 10) await sleep(2);
      if (arrived < EVENTS && handled >= ((samples.length + 1) * EVENTS) / 100) samples.push(held());
      if (caughtUp && handled === EVENTS) stop.abort();
    }
    await arriving;

    const [first = 0, ...rest] = samples;
    expect(rest.length).toBeGreaterThan(4);
    expect(Math.max(...rest) - first).toBeLessThan(ALLOWED_GROWTH_MIB);
    if (isFullForm)
      process.stderr.write(`MiB in use at each hundredth: ${samples.map((sample) => sample.toFixed(1)).join(' ')}\n`);
  }, 600_000);
});
