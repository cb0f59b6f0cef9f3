import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { openMongoReadModels, type MongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { WriteBatch, WriteSession } from '../../src/readmodels/read-models.js';
import { Databases, REAL_MONGODB } from '../support/mongo/databases.js';
import { added, at } from '../support/read-models/fixture.js';

const COLLECTION = 'work_queue@1.1';
const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

const standInOnly = REAL_MONGODB === undefined ? describe : describe.skip;

standInOnly('an unavailable MongoDB (only with the stand-in, which the tests may kill)', () => {
  let now: string;
  let models: MongoReadModels;
  let session: WriteSession;
  const clock = { now: () => now };

  beforeEach(async () => {
    now = '2026-11-10T12:00:00.000Z';
    const timeouts = { serverSelectionTimeoutMS: 2_000, socketTimeoutMS: 2_000 };
    models = await eventually(() =>
      openMongoReadModels(databases.url, { ...timeouts, database: databases.next(), clock }),
    );
    session = await eventually(() => models.openSession());
    await eventually(() => session.createCollection(COLLECTION, []));
  });
  afterEach(() => models.close());

  const unavailable = (since: string): unknown =>
    expect.objectContaining({ name: 'ReadModelsUnavailable', since, message: expect.stringContaining('127.0.0.1') });

  test('is reported as unavailable since the first failure, until it answers again', async () => {
    await databases.kill();
    now = '2026-11-10T12:00:01.000Z';
    await expect(models.find(COLLECTION, {})).rejects.toEqual(unavailable('2026-11-10T12:00:01.000Z'));
    now = '2026-11-10T12:00:09.000Z';
    await expect(session.write(batch('1'))).rejects.toEqual(unavailable('2026-11-10T12:00:01.000Z'));
    expect(models.unavailableSince).toBe('2026-11-10T12:00:01.000Z');
    await expect(openMongoReadModels(databases.url, { serverSelectionTimeoutMS: 300, clock })).rejects.toEqual(
      unavailable(now),
    );
    await databases.restart();
    expect(await eventually(() => session.write(batch('1')))).toEqual({ outcome: 'written' });
    expect(models.unavailableSince).toBeNull();
  });

  /** Sends SIGSTOP and, on Linux, waits until every thread is stopped: until then a thread may still answer. */
  async function freeze(pid: number): Promise<void> {
    process.kill(pid, 'SIGSTOP');
    const isRunning = (thread: string): boolean =>
      !/\) [Tt] /.test(readFileSync(`/proc/${String(pid)}/task/${thread}/stat`, 'utf8')); // state T or t: stopped
    while (existsSync('/proc/self/task') && readdirSync(`/proc/${String(pid)}/task`).some(isRunning)) await pause(5);
  }

  test('is reported as unavailable if it is frozen and does not answer', async () => {
    await freeze(databases.standIn.pid);
    try {
      await expect(models.find(COLLECTION, {})).rejects.toEqual(unavailable(now));
    } finally {
      process.kill(databases.standIn.pid, 'SIGCONT');
    }
    expect(await eventually(() => models.find(COLLECTION, {}))).toEqual([]);
  });

  test('is named in the error by its address without the password', async () => {
    const url = 'mongodb://someone:secret@127.0.0.1:1/views';
    const error: unknown = await openMongoReadModels(url, { serverSelectionTimeoutMS: 100 }).catch(
      (reason: unknown) => reason,
    );
    expect(String(error)).toContain('127.0.0.1:1');
    expect(String(error)).not.toContain('secret');
  });

  const batch = (position: string): WriteBatch => ({
    changes: [{ collection: COLLECTION, writes: added([{ _id: 'a', _position: position }]) }],
    checkpoint: { collection: COLLECTION, from: null, to: at(position) },
  });
});
