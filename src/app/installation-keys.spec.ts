import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadConfiguration } from '../platform/configuration.js';
import { fact, MemoryLog } from '../../test/support/projections/memory-log.js';
import { installationKeys } from './installation-keys.js';

const ON_SERVERS = { REDRESS_EVENTSTORE: 'esdb://host:2113?tls=false', REDRESS_READMODELS: 'mongodb://host/redress' };

let folder: string;
let eventStore: MemoryLog;
let logged: [level: string, message: string][];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redress-keys-'));
  eventStore = new MemoryLog();
  logged = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Loads the keys as a process with these settings does. */
function load(settings: Record<string, string> = {}) {
  const write = (line: string): void => {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    logged.push([pino.levels.labels[level] ?? '', msg]);
  };
  const log = pino({ base: null }, { write });
  return installationKeys(loadConfiguration({ REDRESS_DATA: folder, ...settings }), eventStore, log);
}

test('new keys are logged once', async () => {
  const { credentials } = await load();
  expect((await load()).credentials).toEqual(credentials);
  expect(logged).toEqual([['info', 'keys.json was created']]);
});

test('with servers, the log says that the other processes need the same keys', async () => {
  await load(ON_SERVERS);
  expect(logged).toEqual([['info', 'keys.json was created: every other process on these servers needs the same file']]);
});

test('new keys beside events are a warning with servers, and an error with an embedded store', async () => {
  eventStore.record(fact('complaint-a', { type: 'Booked', data: {} }));
  await expect(load()).rejects.toMatchObject({ name: 'KeysMissing' });
  await load(ON_SERVERS);
  expect(logged).toEqual([['warn', expect.stringContaining('the event store has events, but keys.json is new')]]);
});
