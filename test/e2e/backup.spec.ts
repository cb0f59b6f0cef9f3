import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackup, restoreBackup } from '../../src/app/backup.js';
import { startService, type Service } from '../../src/app/service.js';
import { loadConfiguration, type Configuration } from '../../src/platform/configuration.js';
import { createLog } from '../../src/platform/log.js';
import { eventually } from '../support/eventually.js';

describe('a backup', () => {
  let parent: string;
  let service: Service | undefined;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'redress-backup-'));
  });
  afterEach(async () => {
    await service?.stop();
    service = undefined;
    rmSync(parent, { recursive: true });
  });

  // the path has characters with a meaning in URIs and in SQL
  const configuration = (name = "a#b %20?c'd"): Configuration =>
    loadConfiguration({ REDRESS_DATA: join(parent, name), REDRESS_PORT: '0' });
  const backup = (): string => join(parent, 'backup');
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  const start = async (place = configuration()): Promise<Service> =>
    (service = await startService({ configuration: place, projectionThread: 'main', log: createLog('silent') }));
  const stop = async (): Promise<void> => {
    await service?.stop();
    service = undefined;
  };
  /** The position of the last event. Positions on SQLite count the events. */
  const headOf = async (running: Service): Promise<string> => (await running.stores.eventStore.head()) ?? '';
  const call = (running: Service, path: string, request: object = {}) =>
    fetch(running.url + path, {
      ...request,
      headers: {
        authorization: `Bearer ${running.keys.ofRole('upstream')?.key ?? ''}`,
        'content-type': 'application/json',
        'idempotency-key': path,
      },
    });
  const lodge = async (running: Service, narrative: string) => {
    const body = JSON.stringify({ channel: 'email', narrative });
    const response = await call(running, '/v1/complaints', { method: 'POST', body });
    return { status: response.status, ...((await response.json()) as { readonly id: string }) };
  };

  test('of a running service is private, and restores the same complaints, keys and answers', async () => {
    const running = await start();
    const before = await headOf(running);
    const { id, status } = await lodge(running, 'The parcel never came.');
    expect(status).toBe(201);
    const record = await createBackup(configuration(), backup());
    const events = Number(before) + 1;
    expect(record).toMatchObject({ events, streams: events, head: await headOf(running) });
    expect(Object.fromEntries(readdirSync(backup()).map((name) => [name, modeOf(join(backup(), name))]))).toEqual({
      'backup.json': '600',
      'events.db': '600',
      'keys.json': '600',
    });
    expect(modeOf(backup())).toBe('700');
    await stop();

    const place = configuration('restored');
    expect(await restoreBackup(place, backup(), false)).toMatchObject({ events, replaced: [] });
    const restored = await start(place);
    expect((await lodge(restored, 'The parcel never came.')).status).toBe(200); // an exact repeat is recognised
    await eventually(async () => {
      expect((await call(restored, `/v1/complaints/${id}`)).status).toBe(200);
    });
  });

  test('is taken only into an empty folder, and only of an existing store', async () => {
    await expect(createBackup(configuration(), backup())).rejects.toThrow(/there is no store/);
    expect(existsSync(backup())).toBe(false);
    await start();
    mkdirSync(backup());
    writeFileSync(join(backup(), 'notes.txt'), 'other data');
    await expect(createBackup(configuration(), backup())).rejects.toThrow(/is not empty/);
    expect(readdirSync(backup())).toEqual(['notes.txt']);
  });

  test('of a damaged store is refused and leaves no file', async () => {
    const running = await start();
    await lodge(running, 'The parcel never came.');
    await stop();
    const path = join(configuration().data, 'events.db');
    const bytes = readFileSync(path);
    const at = bytes.lastIndexOf('The parcel never came.');
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(path, bytes);
    await expect(createBackup(configuration(), backup())).rejects.toThrow(/the copied events are not sound/);
    expect(readdirSync(backup())).toEqual([]);
  });

  test('is restored over an existing store only with `replace`, which keeps the earlier files', async () => {
    const running = await start();
    const before = await headOf(running);
    await createBackup(configuration(), backup());
    await expect(restoreBackup(configuration(), backup(), true)).rejects.toThrow(/is in use by process/);
    await lodge(running, 'Later than the backup.');
    await stop();
    await expect(restoreBackup(configuration(), backup(), false)).rejects.toThrow(/with --replace they are renamed/);
    const { replaced } = await restoreBackup(configuration(), backup(), true);
    expect(replaced.map((path) => path.replace(/^.*\/([^/]+)\.replaced-\d{8}T\d{6}Z/, '$1'))).toEqual(
      expect.arrayContaining(['events.db', 'views.db', 'keys.json']),
    );
    expect(await headOf(await start())).toBe(before);
  });

  test('that is incomplete or was changed is not restored', async () => {
    const count = Number(await headOf(await start()));
    await createBackup(configuration(), backup());
    await stop();
    const record = join(backup(), 'backup.json');
    const text = readFileSync(record, 'utf8');
    writeFileSync(record, text.replace(`"events":${String(count)}`, `"events":${String(count + 1)}`));
    await expect(restoreBackup(configuration('other'), backup(), false)).rejects.toThrow(
      `has ${String(count)} events, but its backup.json says ${String(count + 1)}`,
    );
    rmSync(record);
    await expect(restoreBackup(configuration('other'), backup(), false)).rejects.toThrow(/is no complete backup/);
    mkdirSync(join(parent, 'empty'));
    await expect(restoreBackup(configuration('other'), join(parent, 'empty'), false)).rejects.toThrow(
      /no complete backup/,
    );
    expect(readdirSync(configuration('other').data)).not.toContain('events.db');
  });
});
