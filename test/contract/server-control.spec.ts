import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StoreUnavailable, type EventStore } from '../../src/eventstore/event-store.js';
import { openEventStoreDb } from '../../src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { eventually } from '../support/eventually.js';
import { someEvents } from '../support/esdb/given-events.js';
import { freePort } from '../support/network/ports.js';
import { ControlProgram } from '../support/servers/server-control.js';

const PROGRAM = resolve('test/support/esdb/control-double.sh');

describe('a program that controls an EventStoreDB', () => {
  let folder: string;
  let control: ControlProgram;
  let store: EventStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redress-control-'));
    const port = String(await freePort());
    control = new ControlProgram(PROGRAM, {
      ...process.env,
      REDRESS_TEST_DOUBLE_FOLDER: folder,
      REDRESS_TEST_DOUBLE_PORT: port,
    });
    await control.start();
    const url = `esdb://127.0.0.1:${port}?tls=false`;
    store = await eventually(() => openEventStoreDb(url, { readTimeout: 600 }));
    await store.append('case-1', 'none', someEvents(3));
  });
  afterAll(async () => {
    await store.close();
    await control.kill();
    await rm(folder, { recursive: true });
  });

  const stored = async (): Promise<number> => (await store.read('case-1', { limit: 10 })).length;

  test.each(['kill', 'stop'] as const)('ends it (%s), and starts it again on its data', async (end) => {
    await control[end]();
    await expect(stored()).rejects.toBeInstanceOf(StoreUnavailable);
    await control.start();
    expect(await eventually(stored)).toBe(3);
  });

  test('suspends it and continues it', async () => {
    await control.freeze();
    await expect(stored()).rejects.toBeInstanceOf(StoreUnavailable);
    await control.thaw();
    expect(await eventually(stored)).toBe(3);
  });

  test('leaves one alone that is started or continued twice', async () => {
    await control.start();
    await control.thaw();
    expect(await stored()).toBe(3);
  });

  test('fails with the exit code of the program', async () => {
    const other = new ControlProgram('false');
    await expect(other.start()).rejects.toThrow('false start ended with 1');
  });
});
