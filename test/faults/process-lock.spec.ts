import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openSqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';

const compiled = join(__dirname, '../../dist/src/eventstore/sqlite/sqlite-event-store.js');
const built = existsSync(compiled);

describe(`the store of another process${built ? '' : ' (skipped: the service is not built)'}`, () => {
  (built ? test : test.skip)(
    'is refused with the name of its owner, and free at once when that is killed',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'redress-owner-'));
      const file = join(folder, 'events.db');
      const program = `
      const { openSqliteEventStore } = await import(${JSON.stringify(pathToFileURL(compiled).href)});
      (await openSqliteEventStore(${JSON.stringify(file)})).announce('http://127.0.0.1:3000');
      console.log('open');
      setInterval(() => {}, 1000);
    `;
      const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        await once(other.stdout, 'data');
        const refused = openSqliteEventStore(file);
        await expect(refused).rejects.toMatchObject({
          name: 'StoreOwned',
          owner: { pid: other.pid, url: 'http://127.0.0.1:3000' },
        });
      } finally {
        other.kill('SIGKILL');
        await once(other, 'exit');
      }
      const store = await openSqliteEventStore(file);
      expect(await store.head()).toBe('00000000000000000001');
      await store.close();
      rmSync(folder, { recursive: true });
    },
  );
});
