import type { WorkerStores } from '../../src/projection/worker-messages.js';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { v4 as uuid } from 'uuid';

import { fileOf } from '../../projections/complaint-file/query.js';
import { WorkerProjectionRunner, WorkerLost } from '../../src/projection/worker-projection-runner.js';
import { UnknownProjection } from '../../src/projection/operations.js';
import { queue } from '../../projections/work-queue/query.js';
import { ComplaintReceived, NoteAdded } from '../../src/complaint/events.js';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch } from '../../src/eventstore/codec.js';
import type { Position } from '../../src/eventstore/event-store.js';
import { openSqliteEventStore, type SqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../../src/platform/moment.js';
import { EmbeddedReadModels } from '../../src/readmodels/embedded/embedded-read-models.js';
import { eventually } from '../support/eventually.js';

const worker = join(__dirname, '../../dist/src/app/projection-worker.js');
const built = existsSync(worker);
const inWorker = built ? describe : describe.skip;

inWorker(
  `the projections in a worker thread${built ? '' : ' (skipped: the service is not built, npm run build)'}`,
  () => {
    let folder: string;
    let store: SqliteEventStore;
    let service: WorkerProjectionRunner;
    const crashes: Error[] = [];

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'redress-worker-'));
      const events = join(folder, 'events.db');
      const stores: WorkerStores = {
        eventStore: { engine: 'sqlite', path: events },
        readModels: { engine: 'embedded', path: join(folder, 'views.db') },
      };
      service = new WorkerProjectionRunner({ worker, stores, onCrash: (error) => crashes.push(error) });
      store = await openSqliteEventStore(events, { onCommit: (head) => service.notify(head) });
      crashes.length = 0;
      await service.start();
    });

    afterEach(async () => {
      await service.stop();
      await store.close();
      rmSync(folder, { recursive: true });
    });

    /** Records a complaint with some notes; returns its id and the last position. */
    async function recordComplaint(notes = 0): Promise<{ readonly id: string; readonly position: Position }> {
      const id = uuid();
      const stream = `complaint-${id}`;
      const received = ComplaintReceived({
        reference: id.slice(0, 15),
        receivedAt: instant('2026-01-05T09:00:00.000Z'),
        channel: 'phone',
        sources: [],
        parties: [],
        points: [{ id: 'p1', issue: 'cold dish', subject: {} }],
      });
      const more = Array.from({ length: notes }, (_, n) => NoteAdded({ noteId: `n${String(n)}`, text: 'called' }));
      const batch = encodeBatch(
        stream,
        0,
        GENESIS_HASH,
        [received, ...more].map((event) => ({ ...event, version: 1 })),
        {
          occurredAt: instant('2026-01-05T09:00:00.000Z'),
          recordedAt: '2026-01-05T09:00:00.000Z',
          actor: { type: 'person', id: 'amy', role: 'handler' },
          commandId: uuid(),
          commandDigest: '0',
          $correlationId: 'c',
          $causationId: 'c',
        },
      );
      return { id, position: (await store.append(stream, 'none', batch)).position };
    }

    const live = async (): Promise<void> => {
      await eventually(() => {
        expect(service.status()).toMatchObject({ healthy: true, worker: 'running' });
      });
    };

    test('recorded events are visible in this thread as soon as the wait ends', async () => {
      const views = EmbeddedReadModels.openReadOnly(join(folder, 'views.db'));
      const { id, position } = await recordComplaint(2);
      expect(await service.waitFor('work_queue', position, 60_000)).toBe(true);
      expect(await service.waitFor('complaint_file', position, 60_000)).toBe(true);
      expect((await queue(views, { now: '2026-01-05T10:00:00.000Z' })).items.map((item) => item.id)).toEqual([id]);
      expect((await fileOf(views, id))?.notes).toHaveLength(2);
      await views.close();
    });

    test('every read model rebuilds to the digest of the live one', async () => {
      let last = '';
      for (let n = 0; n < 20; n++) last = (await recordComplaint(n * 7)).position;
      for (const { name } of service.status().projections) {
        expect(await service.waitFor(name, last, 60_000)).toBe(true);
        expect(await service.execute({ kind: 'compare', name: name })).toMatchObject({
          name,
          outcome: 'equal',
          swapped: false,
        });
        expect(await service.execute({ kind: 'rebuild', name: name, keep: true })).toMatchObject({
          name,
          outcome: 'equal',
          swapped: true,
        });
        expect(await service.execute({ kind: 'drop', name: name })).toEqual({ dropped: true });
      }
      await live();
    });

    test('an operation that the worker rejects is rejected here', async () => {
      await expect(service.execute({ kind: 'rebuild', name: 'nobody' })).rejects.toThrow(UnknownProjection);
      await expect(service.waitFor('nobody', '1', 1)).rejects.toThrow(UnknownProjection);
      expect(await service.execute({ kind: 'compare', name: 'trends' }, AbortSignal.abort())).toMatchObject({
        outcome: 'cancelled',
      });
    });

    test('a pause stops one projection only', async () => {
      await service.execute({ kind: 'pause', name: 'trends' });
      const { position } = await recordComplaint();
      expect(await service.waitFor('work_queue', position, 60_000)).toBe(true);
      expect(await service.waitFor('trends', position, 200)).toBe(false);
      await service.execute({ kind: 'resume', name: 'trends' });
      expect(await service.waitFor('trends', position, 60_000)).toBe(true);
    });

    test('a worker that dies is unhealthy, is restarted and loses nothing', async () => {
      await live();
      const dying = (service as unknown as { worker: { postMessage(message: null): void } }).worker;
      dying.postMessage(null); // not a known message: causes an unexpected error
      await expect(service.execute({ kind: 'compare', name: 'trends' })).rejects.toThrow(WorkerLost);
      expect(service.status()).toMatchObject({ healthy: false, worker: 'restarting' });
      const { position } = await recordComplaint();
      expect(await service.waitFor('trends', position, 60_000)).toBe(true);
      await live();
      expect(crashes).toHaveLength(1);
    });
  },
);

test('a worker that cannot start reports the reason', async () => {
  const stores: WorkerStores = {
    eventStore: { engine: 'sqlite', path: '/nowhere/events.db' },
    readModels: { engine: 'embedded', path: '/nowhere/views.db' },
  };
  const crashes: Error[] = [];
  const onCrash = (error: Error): unknown => crashes.push(error);
  const service = new WorkerProjectionRunner({ worker: join(__dirname, 'nothing.js'), stores, onCrash });
  await expect(service.start()).rejects.toThrow(/nothing\.js/);
  expect(crashes).toHaveLength(1);
  expect(service.status()).toMatchObject({ healthy: false, worker: 'stopped' });
});

test('a thread that neither starts nor stops does not block its callers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-worker-'));
  const deaf = join(folder, 'deaf.mjs');
  writeFileSync(deaf, 'setTimeout(() => undefined, 2000);');
  const stores: WorkerStores = {
    eventStore: { engine: 'sqlite', path: '/nowhere/events.db' },
    readModels: { engine: 'embedded', path: '/nowhere/views.db' },
  };
  const service = new WorkerProjectionRunner({ worker: deaf, stores, stopTimeout: 50 });
  const waiting = [
    service.start(),
    service.execute({ kind: 'pause', name: 'trends' }),
    service.waitFor('trends', '1', 1),
  ];
  const ended = Promise.allSettled(waiting);
  await service.stop();
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  rmSync(folder, { recursive: true });
});
