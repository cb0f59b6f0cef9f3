import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '../../src/app/engines.js';
import type { Verification } from '../../src/audit/verify.js';
import { systemClock } from '../../src/platform/clock.js';
import { detectionIn, documentedDetection, verifyStores } from '../support/audit/documented-detection.js';
import { SampleLog } from '../support/audit/sample-log.js';
import { startEsdbDouble, type EsdbDouble } from '../support/esdb/esdb-double.js';
import { fromLine, toLine, type RecordedEvent } from '../support/esdb/recorded-event.js';

const STREAM = 'complaint-b';

/** What a tampering may use: a client of the server, and a scavenge that removes events from the files of the server. */
interface Target {
  readonly client: EventStoreDBClient;
  scavenge(isRemoved: (event: RecordedEvent) => boolean): Promise<void>;
}

/** For each row of the table in docs/auditors.md, code that does it. The kept result covers all events. */
const TAMPERINGS: Readonly<Record<string, (target: Target) => Promise<unknown>>> = {
  'Another program adds an event to a stream of Redress': ({ client }) =>
    client.appendToStream(STREAM, jsonEvent({ type: 'Noted', data: {} })),
  'Another program writes events to streams of its own': ({ client }) =>
    client.appendToStream('order-1', jsonEvent({ type: 'OrderPlaced', data: {} })),
  'A stream is deleted, and the server has not removed its events yet': ({ client }) => client.deleteStream(STREAM),
  'A stream is deleted, and the server has removed its events (scavenge)': async ({ client, scavenge }) => {
    await client.deleteStream(STREAM);
    await scavenge(({ stream }) => stream === STREAM);
  },
  'The first events of a stream are removed (`$tb`, `$maxCount` or `$maxAge`, then scavenge)': async ({
    client,
    scavenge,
  }) => {
    await client.setStreamMetadata(STREAM, { truncateBefore: 1 });
    await scavenge(({ stream, revision }) => stream === STREAM && revision < 1n);
  },
};

describe('what verification detects on EventStoreDB, as docs/auditors.md lists it', () => {
  const documented = documentedDetection('EventStoreDB');
  let folder: string;
  let file: string;
  let double: EsdbDouble;
  let earlier: Verification;

  const stores = () => ({ eventStore: { engine: 'eventstoredb', url: double.connectionString } }) as const;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redress-tampering-'));
    file = join(folder, 'log');
    double = await startEsdbDouble({ file });
    const { eventStore } = await openEventStore(stores().eventStore, systemClock, () => undefined);
    const log = new SampleLog(eventStore);
    for (let round = 0; round < 3; round++) await log.append('complaint-a', STREAM);
    await eventStore.close();
    earlier = await verifyStores(stores());
  });
  afterEach(async () => {
    await double.close();
    rmSync(folder, { recursive: true });
  });

  test('a log that was not changed verifies and begins with the events of the earlier result', async () => {
    expect(await verifyStores(stores(), earlier)).toMatchObject({
      ok: true,
      events: 7,
      against: { events: 7, contained: true },
    });
  });

  test('the table lists exactly the kinds of tampering that are tested here', () => {
    expect([...documented.keys()]).toEqual(Object.keys(TAMPERINGS));
  });

  test.each([...documented])('%s', async (tampering, expected) => {
    const client = EventStoreDBClient.connectionString(double.connectionString);
    const scavenge: Target['scavenge'] = async (isRemoved) => {
      await double.close();
      removeFrom(file, isRemoved);
      double = await startEsdbDouble({ file });
    };
    await TAMPERINGS[tampering]?.({ client, scavenge });
    await client.dispose();
    expect(await detectionIn(stores(), earlier)).toEqual(expected);
  });
});

/** Removes events from the file of a closed double; the other events keep their revisions and positions. */
function removeFrom(file: string, isRemoved: (event: RecordedEvent) => boolean): void {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const commits = lines.map((line) => (fromLine(Buffer.from(line)) ?? []).filter((event) => !isRemoved(event)));
  writeFileSync(file, Buffer.concat(commits.filter(({ length }) => length > 0).map(toLine)));
}
