import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keysFile, loadKeys } from '../../src/access/keys.js';
import { startService, type Service } from '../../src/app/service.js';
import { loadConfiguration } from '../../src/platform/configuration.js';
import { createLog } from '../../src/platform/log.js';
import { indexKeyFile } from '../../src/subject-index/index-key.js';

describe('the files of a service', () => {
  let parent: string;
  let data: string;
  let umask: number;
  beforeEach(() => {
    umask = process.umask(0o022);
    parent = mkdtempSync(join(tmpdir(), 'redress-private-'));
    data = join(parent, 'var', 'data');
  });
  afterEach(() => {
    process.umask(umask);
    rmSync(parent, { recursive: true });
  });

  const start = (log = createLog('silent')): Promise<Service> =>
    startService({
      configuration: loadConfiguration({ REDRESS_DATA: data, REDRESS_PORT: '0' }),
      projectionThread: 'main',
      log,
    });
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  /** Paths of the files in the data folder and in the folder of keys inside it. */
  const files = (): string[] =>
    readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(data, name)).isFile());
  const modes = () => Object.fromEntries(files().map((name) => [name, modeOf(join(data, name))]));
  const lodge = async (service: Service): Promise<number> => {
    const response = await fetch(`${service.url}/v1/complaints`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${service.keys.ofRole('upstream')?.key ?? ''}`,
        'content-type': 'application/json',
        'idempotency-key': 'k1',
      },
      body: JSON.stringify({ channel: 'email', narrative: 'The parcel never came.' }),
    });
    return response.status;
  };

  const PRIVATE_FILES = Object.fromEntries(
    ['events.db', 'events.db-shm', 'events.db-wal', 'events.db.lock', 'events.db.owner', 'keys.json', 'server.json']
      .concat(['events.db.lock-journal', 'views.db', 'views.db-shm', 'views.db-wal'])
      .concat(['subjects.db', 'subjects.db-shm', 'subjects.db-wal', 'keys/subject-index.key'])
      .map((name) => [name, '600']),
  );

  test('have mode 0600 in a folder of mode 0700, also under umask 022', async () => {
    const service = await start();
    try {
      expect(await lodge(service)).toBe(201);
      expect(modes()).toEqual(PRIVATE_FILES);
      expect([data, join(parent, 'var'), join(data, 'keys')].map(modeOf)).toEqual(['700', '700', '700']);
    } finally {
      await service.stop();
    }
  });

  test('get mode 0600 at the next start if other users could read them; a folder of them is reported', async () => {
    await (await start()).stop();
    for (const name of files()) chmodSync(join(data, name), 0o644);
    for (const file of [keysFile(data), indexKeyFile(join(data, 'keys'))]) chmodSync(file, 0o600);
    chmodSync(data, 0o755);
    const messages: string[] = [];
    const log = createLog('warn', { write: (line: string) => messages.push(line) });
    const service = await start(log);
    try {
      expect(modes()).toEqual(PRIVATE_FILES);
      expect(messages.map((line) => JSON.parse(line) as object)).toEqual([
        expect.objectContaining({ level: 'warn', msg: expect.stringContaining('set its mode to 0700') as string }),
      ]);
    } finally {
      await service.stop();
    }
  });

  test('do not start a service if commands were recorded and keys.json is missing', async () => {
    const first = await start();
    expect(await lodge(first)).toBe(201);
    await first.stop();
    rmSync(keysFile(data));
    await expect(start()).rejects.toThrow(/keys\.json is missing.*restore the file from your backup/);
    expect(readdirSync(data)).not.toContain('keys.json');
    loadKeys(data); // what `redress keys create` does
    await (await start()).stop();
  });

  test('do not prevent a start after the service ended between the creation of the store and of keys.json', async () => {
    await (await start()).stop();
    rmSync(keysFile(data));
    await (await start()).stop();
  });
});
