import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkerProjectionRunner } from '../../src/projection/worker-projection-runner.js';
import { openSqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { ReadModelsUnavailable } from '../../src/readmodels/read-models.js';
import { Databases, REAL } from '../support/mongo/databases.js';
import { withDatabase } from '../support/servers/with-database.js';

const worker = join(__dirname, '../../dist/src/app/projection-worker.js');
const inWorker = existsSync(worker) && REAL === undefined ? test : test.skip;

inWorker(
  'an operation that fails in the worker while MongoDB is unavailable is reported here as unavailable (needs a test double that can be killed, and npm run build)',
  async () => {
    const databases = new Databases();
    const folder = mkdtempSync(join(tmpdir(), 'redress-worker-'));
    const events = join(folder, 'events.db');
    const store = await openSqliteEventStore(events);
    await databases.start();
    const url = withDatabase(databases.url, databases.next());
    const service = new WorkerProjectionRunner({
      worker,
      stores: { eventStore: { engine: 'sqlite', path: events }, readModels: { engine: 'mongodb', url } },
    });
    try {
      await service.start();
      await databases.kill();
      await expect(service.execute({ kind: 'retry', name: 'trends' })).rejects.toBeInstanceOf(ReadModelsUnavailable);
    } finally {
      await service.stop();
      await store.close();
      await databases.stop();
      rmSync(folder, { recursive: true });
    }
  },
);
