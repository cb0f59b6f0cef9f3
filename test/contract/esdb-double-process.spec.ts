import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent, type EventData } from '@eventstore/db-client';
import { eventually } from '../support/eventually.js';
import { spawnEsdbDouble, type SpawnedEsdbDouble } from '../support/esdb/spawn-double.js';

const event = (n: number): EventData => jsonEvent({ type: 'Noted', data: { n } });

describe('the EventStoreDB double as a separate process', () => {
  let directory: string;
  let file: string;
  let double: SpawnedEsdbDouble;
  let client: EventStoreDBClient;

  const start = async (port = 0): Promise<void> => {
    double = await spawnEsdbDouble({ file, port, graceMs: 3_000, withoutForeignStreams: true });
    client = EventStoreDBClient.connectionString(double.connectionString);
  };

  const killAndRestart = async (between: () => void = () => undefined): Promise<void> => {
    await client.dispose();
    await double.kill();
    between();
    await start(double.port);
  };

  const all = async (): Promise<string[]> => {
    const seen: string[] = [];
    for await (const { event } of client.readAll()) {
      if (event) seen.push(`${String(event.revision)}@${event.streamId} at ${String(event.position.commit)}`);
    }
    return seen;
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'esdb-double-'));
    file = join(directory, 'log');
    await start();
  });

  afterEach(async () => {
    await client.dispose();
    await double.kill();
    rmSync(directory, { recursive: true });
  });

  test('acknowledged events survive a kill, each in its place', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, n) => client.appendToStream(`s-${String(n % 20)}`, event(n))));
    await client.deleteStream('s-0');
    await client.tombstoneStream('s-1');
    const before = await all();
    await killAndRestart();

    expect(await all()).toEqual(before);
    await expect(client.appendToStream('s-1', event(1))).rejects.toMatchObject({ type: 'stream-deleted' });
    expect(await client.appendToStream('s-0', event(1))).toMatchObject({ nextExpectedRevision: 10n });
  });

  test('a commit torn by the kill is truncated, and the log continues after the last complete one', async () => {
    await client.appendToStream('s', event(1));
    const before = await all();
    const whole = readFileSync(file);
    await killAndRestart(() => {
      appendFileSync(file, whole.subarray(0, 60));
    });

    expect(await all()).toEqual(before);
    expect(readFileSync(file)).toEqual(whole);
    expect(await client.appendToStream('s', event(2))).toMatchObject({ nextExpectedRevision: 1n });
  });

  test('a retry at an exact revision is recognised after a kill, a retry at any is stored again', async () => {
    const [first, second] = [event(1), event(2)];
    await client.appendToStream('s', first, { expectedRevision: 'no_stream' });
    await client.appendToStream('s', second, { expectedRevision: 0n });
    await killAndRestart();

    const retry = await client.appendToStream('s', first, { expectedRevision: 'no_stream' });
    expect(retry).toMatchObject({ nextExpectedRevision: 0n });
    expect(await client.appendToStream('s', second, { expectedRevision: 0n })).toMatchObject({
      nextExpectedRevision: 1n,
    });
    expect(await client.appendToStream('s', second, { expectedRevision: 'any' })).toMatchObject({
      nextExpectedRevision: 2n,
    });
  });

  test('faults are configurable from outside: an append stored without acknowledgement survives a kill', async () => {
    await double.faults.hangAppends({ store: true, next: 1 });
    const unanswered = client.appendToStream('s', event(1)).catch(() => 'failed by the kill');

    await eventually(async () => (await all()).some((one) => one.startsWith('0@s at')));
    expect(await Promise.race([unanswered, sleep(300, 'unanswered')])).toBe('unanswered');
    await killAndRestart();
    expect(await all()).toContainEqual(expect.stringMatching(/^0@s at/));
    expect(await unanswered).toBe('failed by the kill');
  });

  test('while suspended it answers nothing; after it continues, everything', async () => {
    await client.appendToStream('s', event(1));
    double.suspend();
    const waiting = client.appendToStream('s', event(2));

    expect(await Promise.race([waiting, sleep(300, 'unanswered')])).toBe('unanswered');
    double.continue();
    expect(await waiting).toMatchObject({ nextExpectedRevision: 1n });
  });

  test('on SIGTERM it acknowledges appends during its grace period, then exits', async () => {
    await client.appendToStream('s', event(1));
    const gone = double.terminate();
    await sleep(50);

    expect(await client.appendToStream('s', event(2))).toMatchObject({ nextExpectedRevision: 1n });
    await gone;
    await start();
    expect(await all()).toHaveLength(3);
  });
});
