import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import type { Verification } from '../../src/audit/verify.js';
import type { Job } from '../../src/platform/jobs.js';
import { openDatabase } from '../../src/platform/sqlite.js';
import { startApp, type RunningApp } from '../support/app.js';
import { Client } from '../support/client.js';

type Answer = Job & { readonly result?: Verification };

describe('verification over HTTP', () => {
  let app: RunningApp;
  let client: Client;

  beforeAll(async () => {
    app = await startApp();
    client = new Client(app);
    const lodged = await client.post('/v1/complaints', { channel: 'phone', narrative: 'The soup was cold.' });
    expect(lodged.status).toBe(201);
  });
  afterAll(() => app.stop());

  const start = (body: object) => client.post<Answer>('/v1/verifications', body, { as: 'auditor' });

  async function verify(body: object): Promise<Verification> {
    let { body: job } = await start(body);
    while (job.state === 'running') {
      await setTimeout(10);
      ({ body: job } = await client.get<Answer>(`/v1/jobs/${job.id}`, { as: 'auditor' }));
    }
    if (job.result === undefined) throw new Error(`verification ended ${job.state}`);
    return job.result;
  }

  test('compares the log with an earlier result', async () => {
    const { events, root } = await verify({});
    expect(events).toBe(Number(await app.service.stores.eventStore.head()));
    expect(await verify({ against: { events, root } })).toMatchObject({
      ok: true,
      against: { events, root, contained: true },
    });
    expect(await verify({ against: { events: events + 7, root } })).toMatchObject({
      ok: false,
      against: {
        events: events + 7,
        root,
        contained: false,
        what: expect.stringMatching(/^events are missing/) as string,
      },
    });
  });

  test('refuses a root that is none, and a member that does not exist', async () => {
    expect(await start({ against: { events: 2, root: 'abc' } })).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ pointer: '/against/root', code: 'wrong_form' }] },
    });
    expect((await start({ root: 'a'.repeat(64) })).status).toBe(400);
  });

  test('reports a trigger in the event store, in the read models and in the index of personal values', async () => {
    for (const [file, table] of [
      ['events.db', 'events'],
      ['views.db', 'checkpoints'],
      ['subjects.db', 'checkpoints'],
    ] as const) {
      const database = openDatabase(join(app.folder, file));
      database.exec(`CREATE TRIGGER planted AFTER INSERT ON ${table} BEGIN SELECT 1; END`);
      const { ok, schema } = await verify({});
      expect({ ok, schema }).toEqual({
        ok: false,
        schema: [`${join(app.folder, file)}: Redress did not create the trigger planted`],
      });
      database.exec('DROP TRIGGER planted');
      database.close();
    }
    expect(await verify({})).toMatchObject({ ok: true });
  });
});
