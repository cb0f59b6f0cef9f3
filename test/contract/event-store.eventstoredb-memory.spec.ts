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
const AN_APPEND = 100;
/** Maximum lead of the writer over ten times the handled events, so that neither side runs ahead on a busy machine. */
const AHEAD = 20 * AN_APPEND;
/** Characters per event: an unbounded buffer would exceed the allowance by far. */
const TEXT = 'x'.repeat(shortOrFull(4_000, 1_000));
/** A batch, the buffers of the connection, and garbage-collection noise; without a bound it is 40 MiB or more. */
const ALLOWED_MIB = 16;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** MiB in use after a garbage collection. */
function held(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

describe('a subscription on EventStoreDB at a tenth of the rate at which events arrive', () => {
  let folder: string;
  let double: SpawnedEsdbDouble;
  let writer: EventStore;
  let reader: EventStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redress-esdb-'));
    double = await spawnEsdbDouble({ file: join(folder, 'log') });
    const patient = { appendTimeout: 120_000, readTimeout: 120_000 };
    writer = await openEventStoreDb(double.connectionString, patient);
    reader = await openEventStoreDb(double.connectionString, patient);
  });
  afterAll(async () => {
    await writer.close();
    await reader.close();
    await double.kill();
    await rm(folder, { recursive: true });
  });

  test(`holds no more at the end of ${String(EVENTS)} events than at their beginning, and loses none`, async () => {
    const stop = new AbortController();
    let arrived = 0;
    let handled = 0;
    let last = '';
    const samples: number[] = [];

    const arriving = (async () => {
      for (; arrived < EVENTS; arrived += AN_APPEND) {
        while (arrived > handled * 10 + AHEAD) await sleep(2);
        await writer.append(`complaint-${String(arrived)}`, 'none', someEvents(AN_APPEND, TEXT));
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
    expect(Math.max(...rest) - first).toBeLessThan(ALLOWED_MIB);
    if (isFullForm)
      process.stderr.write(`MiB held at each hundredth: ${samples.map((sample) => sample.toFixed(1)).join(' ')}\n`);
  }, 600_000);
});
