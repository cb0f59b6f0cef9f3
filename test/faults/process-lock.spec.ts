import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openSqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { describeService } from '../support/service/folders.js';

const compiled = join(__dirname, '../../dist/src/eventstore/sqlite/sqlite-event-store.js');

describeService('an event store that another process has open', () => {
  test('cannot be opened, with an error that names the owner; after the owner is killed, it can be opened at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'redress-owner-'));
    const file = join(folder, 'events.db');
    const program = `
      const { openSqliteEventStore } = await import(${JSON.stringify(pathToFileURL(compiled).href)});
      (await openSqliteEventStore(${JSON.stringify(file)})).announce('http://127.0.0.1:3000');
      console.log('open');
      setInterval(() => {}, 1000);
    `;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(owner.stdout, 'data');
      await expect(openSqliteEventStore(file)).rejects.toMatchObject({
        name: 'StoreOwned',
        owner: { pid: owner.pid, url: 'http://127.0.0.1:3000' },
      });
    } finally {
      owner.kill('SIGKILL');
      await once(owner, 'exit');
    }
    const store = await openSqliteEventStore(file);
    expect(await store.head()).toBe('00000000000000000001'); // StoreCreated is the only event
    await store.close();
    rmSync(folder, { recursive: true });
  });
});
