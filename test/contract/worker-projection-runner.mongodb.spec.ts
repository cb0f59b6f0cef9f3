import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkerProjectionRunner } from '../../src/projection/worker-projection-runner.js';
import { openSqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { ReadModelsUnavailable } from '../../src/readmodels/read-models.js';
import { Databases, REAL_MONGODB } from '../support/mongo/databases.js';
import { withDatabase } from '../support/servers/with-database.js';

const worker = join(__dirname, '../../dist/src/app/projection-worker.js');
const testInWorker = existsSync(worker) && REAL_MONGODB === undefined ? test : test.skip;

testInWorker(
  'an operation fails with ReadModelsUnavailable if MongoDB is unavailable in the worker (needs npm run build and the stand-in)',
  async () => {
    const databases = new Databases();
    const folder = mkdtempSync(join(tmpdir(), 'redress-worker-'));
    const events = join(folder, 'events.db');
    const store = await openSqliteEventStore(events);
    await databases.start();
    const url = withDatabase(databases.url, databases.next());
    const runner = new WorkerProjectionRunner({
      worker,
      settings: {
        eventStore: { engine: 'sqlite', path: events },
        readModels: { engine: 'mongodb', url },
        subjects: {
          store: { engine: 'embedded', path: join(folder, 'subjects.db') },
          key: Buffer.alloc(32),
          phoneRegion: 'CN',
        },
      },
    });
    try {
      await runner.start();
      await databases.kill();
      await expect(runner.execute({ kind: 'retry', name: 'trends' })).rejects.toBeInstanceOf(ReadModelsUnavailable);
    } finally {
      await runner.stop();
      await store.close();
      await databases.stop();
      rmSync(folder, { recursive: true });
    }
  },
);
