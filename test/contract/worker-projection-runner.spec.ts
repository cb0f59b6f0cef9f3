import type { WorkerSettings } from '../../src/projection/worker-messages.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { v4 as uuid } from 'uuid';

import { fileOf } from '../../projections/complaint-file/query.js';
import { WorkerProjectionRunner, WorkerLost } from '../../src/projection/worker-projection-runner.js';
import { UnknownProjection } from '../../src/projection/operations.js';
import { queue } from '../../projections/complaints/queue.js';
import { ComplaintReceived, NoteAdded } from '../../src/complaint/events.js';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch } from '../../src/eventstore/codec.js';
import type { Position } from '../../src/eventstore/event-store.js';
import { openSqliteEventStore, type SqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../../src/platform/moment.js';
import { EmbeddedReadModels } from '../../src/readmodels/embedded/embedded-read-models.js';
import { eventually } from '../support/eventually.js';
import { describeService } from '../support/service/folders.js';

const worker = join(__dirname, '../../dist/src/app/projection-worker.js');

const subjectsIn = (folder: string): WorkerSettings['subjects'] => ({
  store: { engine: 'embedded', path: join(folder, 'subjects.db') },
  key: Buffer.alloc(32),
  phoneRegion: 'CN',
});

describeService('the projections in a worker thread', () => {
  let folder: string;
  let store: SqliteEventStore;
  let runner: WorkerProjectionRunner;
  const crashes: Error[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redress-worker-'));
    const events = join(folder, 'events.db');
    const settings: WorkerSettings = {
      eventStore: { engine: 'sqlite', path: events },
      readModels: { engine: 'embedded', path: join(folder, 'views.db') },
      subjects: subjectsIn(folder),
    };
    runner = new WorkerProjectionRunner({ worker, settings, onCrash: (error) => crashes.push(error) });
    store = await openSqliteEventStore(events, { onCommit: (head) => runner.notify(head) });
    crashes.length = 0;
    await runner.start();
  });

  afterEach(async () => {
    await runner.stop();
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

  const waitUntilHealthy = async (): Promise<void> => {
    await eventually(() => {
      expect(runner.status()).toMatchObject({ healthy: true, worker: 'running' });
    });
  };

  test('recorded events are visible in the main thread as soon as waitFor resolves', async () => {
    const views = EmbeddedReadModels.openReadOnly(join(folder, 'views.db'));
    const { id, position } = await recordComplaint(2);
    expect(await runner.waitFor('complaints', position, 60_000)).toBe(true);
    expect(await runner.waitFor('complaint_file', position, 60_000)).toBe(true);
    expect((await queue(views, { now: '2026-01-05T10:00:00.000Z' })).items.map((item) => item.id)).toEqual([id]);
    expect((await fileOf(views, id))?.notes).toHaveLength(2);
    await views.close();
  });

  test('every read model equals its rebuild', async () => {
    let lastPosition = '';
    for (let n = 0; n < 20; n++) lastPosition = (await recordComplaint(n * 7)).position;
    for (const { name } of runner.status().projections) {
      expect(await runner.waitFor(name, lastPosition, 60_000)).toBe(true);
      expect(await runner.execute({ kind: 'compare', name })).toMatchObject({
        name,
        outcome: 'equal',
        swapped: false,
      });
      expect(await runner.execute({ kind: 'rebuild', name, keep: true })).toMatchObject({
        name,
        outcome: 'equal',
        swapped: true,
      });
      expect(await runner.execute({ kind: 'drop', name })).toEqual({ dropped: true });
    }
    await waitUntilHealthy();
  });

  test('an operation that fails in the worker fails in the main thread with the same error', async () => {
    await expect(runner.execute({ kind: 'rebuild', name: 'unknown' })).rejects.toThrow(UnknownProjection);
    await expect(runner.waitFor('unknown', '1', 1)).rejects.toThrow(UnknownProjection);
    expect(await runner.execute({ kind: 'compare', name: 'trends' }, AbortSignal.abort())).toMatchObject({
      outcome: 'cancelled',
    });
  });

  test('a pause stops only the paused projection', async () => {
    await runner.execute({ kind: 'pause', name: 'trends' });
    const { position } = await recordComplaint();
    expect(await runner.waitFor('complaints', position, 60_000)).toBe(true);
    expect(await runner.waitFor('trends', position, 200)).toBe(false);
    await runner.execute({ kind: 'resume', name: 'trends' });
    expect(await runner.waitFor('trends', position, 60_000)).toBe(true);
  });

  test('a worker that crashes is reported as unhealthy and restarted, and no event is lost', async () => {
    await waitUntilHealthy();
    const thread = (runner as unknown as { worker: { postMessage(message: null): void } }).worker;
    thread.postMessage(null); // not a valid message: the worker crashes
    await expect(runner.execute({ kind: 'compare', name: 'trends' })).rejects.toThrow(WorkerLost);
    expect(runner.status()).toMatchObject({ healthy: false, worker: 'restarting' });
    const { position } = await recordComplaint();
    expect(await runner.waitFor('trends', position, 60_000)).toBe(true);
    await waitUntilHealthy();
    expect(crashes).toHaveLength(1);
  });
});

test('start fails with the reason if the worker cannot start', async () => {
  const settings: WorkerSettings = {
    eventStore: { engine: 'sqlite', path: '/nowhere/events.db' },
    readModels: { engine: 'embedded', path: '/nowhere/views.db' },
    subjects: subjectsIn('/nowhere'),
  };
  const crashes: Error[] = [];
  const onCrash = (error: Error): unknown => crashes.push(error);
  const runner = new WorkerProjectionRunner({ worker: join(__dirname, 'nothing.js'), settings, onCrash });
  await expect(runner.start()).rejects.toThrow(/nothing\.js/);
  expect(crashes).toHaveLength(1);
  expect(runner.status()).toMatchObject({ healthy: false, worker: 'stopped' });
});

test('a stop ends all calls to a worker that answers no message', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-worker-'));
  const silentWorker = join(folder, 'silent-worker.mjs');
  writeFileSync(silentWorker, 'setTimeout(() => undefined, 2000);');
  const settings: WorkerSettings = {
    eventStore: { engine: 'sqlite', path: '/nowhere/events.db' },
    readModels: { engine: 'embedded', path: '/nowhere/views.db' },
    subjects: subjectsIn('/nowhere'),
  };
  const runner = new WorkerProjectionRunner({ worker: silentWorker, settings, stopTimeout: 50 });
  const calls = [runner.start(), runner.execute({ kind: 'pause', name: 'trends' }), runner.waitFor('trends', '1', 1)];
  const outcomes = Promise.allSettled(calls);
  await runner.stop();
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  rmSync(folder, { recursive: true });
});
