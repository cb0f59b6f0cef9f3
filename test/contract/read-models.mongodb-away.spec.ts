import { eventually } from '../support/eventually.js';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { openMongoReadModels, type MongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { WriteBatch, WriteSession } from '../../src/readmodels/read-models.js';
import { Databases, REAL } from '../support/mongo/databases.js';
import { added, at } from '../support/read-models/fixture.js';

const QUEUE = 'work_queue@1.1';
const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

const standInOnly = REAL === undefined ? describe : describe.skip;

standInOnly('an unavailable MongoDB (needs a test double that can be killed)', () => {
  let now: string;
  let models: MongoReadModels;
  let session: WriteSession;
  const clock = { now: () => now };

  beforeEach(async () => {
    now = '2026-11-10T12:00:00.000Z';
    const impatient = { serverSelectionTimeoutMS: 2_000, socketTimeoutMS: 2_000 };
    models = await eventually(() =>
      openMongoReadModels(databases.url, { ...impatient, database: databases.next(), clock }),
    );
    session = await eventually(() => models.openSession());
    await eventually(() => session.createCollection(QUEUE, []));
  });
  afterEach(() => models.close());

  const unavailable = (since: string): unknown =>
    expect.objectContaining({ name: 'ReadModelsUnavailable', since, message: expect.stringContaining('127.0.0.1') });

  test('is reported as unavailable, with the start of the outage, until it answers again', async () => {
    await databases.kill();
    now = '2026-11-10T12:00:01.000Z';
    await expect(models.find(QUEUE, {})).rejects.toEqual(unavailable('2026-11-10T12:00:01.000Z'));
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

  /** A signal takes effect with delay: some thread may still answer until all of them are stopped. */
  async function freeze(pid: number): Promise<void> {
    process.kill(pid, 'SIGSTOP');
    const running = (task: string): boolean =>
      !/\) [Tt] /.test(readFileSync(`/proc/${String(pid)}/task/${task}/stat`, 'utf8'));
    while (existsSync('/proc/self/task') && readdirSync(`/proc/${String(pid)}/task`).some(running)) await pause(5);
  }

  test('is unavailable when it is silent', async () => {
    await freeze(databases.standIn.pid);
    try {
      await expect(models.find(QUEUE, {})).rejects.toEqual(unavailable(now));
    } finally {
      process.kill(databases.standIn.pid, 'SIGCONT');
    }
    expect(await eventually(() => models.find(QUEUE, {}))).toEqual([]);
  });

  test('errors contain no password', async () => {
    const url = 'mongodb://someone:secret@127.0.0.1:1/views';
    const failed: unknown = await openMongoReadModels(url, { serverSelectionTimeoutMS: 100 }).catch(
      (error: unknown) => error,
    );
    expect(String(failed)).toContain('127.0.0.1:1');
    expect(String(failed)).not.toContain('secret');
  });

  const batch = (position: string): WriteBatch => ({
    changes: [{ collection: QUEUE, writes: added([{ _id: 'a', _position: position }]) }],
    checkpoint: { collection: QUEUE, from: null, to: at(position) },
  });
});
