import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../src/platform/jobs.js';
import { setTimeout as pause } from 'node:timers/promises';
import { SimulatedClock } from '../../src/demo/simulated-clock.js';
import { systemClock } from '../../src/platform/clock.js';
import type { JsonObject } from '../../src/platform/json.js';
import { plusDays } from '../../src/platform/moment.js';
import { startApp, type RunningApp } from '../support/app.js';
import { Client, type CallOptions, type Reply } from '../support/client.js';
import { Databases } from '../support/mongo/databases.js';
import { EventStoreServer, REAL_EVENT_STORE } from '../support/servers/event-store-server.js';
import { withDatabase } from '../support/servers/with-database.js';

/**
 * The API in all four combinations of stores: what a client meets must not depend on where things are kept. A store may
 * hold what others left there (a real server does), so every query asks for the complaints of its own run.
 */
const databases = new Databases();
let folder: string;
let eventStore: EventStoreServer | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-combinations-'));
  if (REAL_EVENT_STORE === undefined) eventStore = await EventStoreServer.start(folder);
  await databases.start();
});

afterAll(async () => {
  await databases.stop();
  await eventStore?.kill();
  rmSync(folder, { recursive: true });
});

const onEventStoreDb = () => ({ REDRESS_EVENTSTORE: REAL_EVENT_STORE ?? eventStore?.url ?? '' });
const onMongoDb = () => ({ REDRESS_READMODELS: withDatabase(databases.url, databases.next()) });
const combinations: [string, () => Record<string, string>][] = [
  ['SQLite and embedded read models', () => ({})],
  ['SQLite and MongoDB', onMongoDb],
  ['EventStoreDB and embedded read models', onEventStoreDb],
  ['EventStoreDB and MongoDB', () => ({ ...onEventStoreDb(), ...onMongoDb() })],
];

describe.each(combinations)('the API on %s', (_name, environmentOf) => {
  const run = randomUUID().slice(0, 8);
  const product = `soup ${run}`;
  const orgUnit = `hall ${run}`;
  const clock = new SimulatedClock('2026-03-02T09:00:00.000Z', systemClock);
  let environment: Record<string, string>;
  let app: RunningApp;
  let client: Client;
  let last = '';

  beforeAll(async () => {
    environment = environmentOf();
    app = await startApp({ clock, environment });
    client = new Client(app);
  });
  afterAll(() => app.stop());

  interface Recorded {
    readonly id: string;
    readonly reference: string;
    readonly revision: number;
    readonly position: string;
    readonly events: readonly string[];
    readonly alreadyThere: boolean;
  }

  async function recorded(reply: Promise<Reply<Recorded>>): Promise<Recorded> {
    const { status, body } = await reply;
    if (status >= 300) throw new Error(`${String(status)}: ${JSON.stringify(body)}`);
    last = body.position;
    return body;
  }

  const lodge = (more: JsonObject = {}, options: CallOptions = {}) =>
    recorded(
      client.post<Recorded>(
        '/v1/complaints',
        {
          channel: 'phone',
          narrative: '汤是凉的。',
          parties: [
            { role: 'complainant', name: '王芳', contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }] },
          ],
          points: [{ issue: 'Soup arrived cold', subject: { product } }],
          assignment: { handler: 'handler-1', orgUnit },
          ...more,
        },
        { as: 'intake_officer', ...options },
      ),
    );
  const does = (id: string, command: string, body: JsonObject = {}, options: CallOptions = {}) => {
    clock.set(plusDays(clock.now(), 5 / 1440));
    return recorded(client.post<Recorded>(`/v1/complaints/${id}/${command}`, body, options));
  };
  /** Asks for what includes everything that was recorded here. */
  const see = async <Body = JsonObject>(path: string): Promise<Body> => {
    const { status, body } = await client.get<Body>(
      `${path}${path.includes('?') ? '&' : '?'}minPosition=${encodeURIComponent(last)}`,
    );
    expect({ path, status, body }).toMatchObject({ status: 200 });
    return body;
  };
  const queued = async (more = '') =>
    (await see<{ items: { id: string }[]; next: string | null }>(
      `/v1/queue?orgUnit=${encodeURIComponent(orgUnit)}${more}`,
    )) as { readonly items: readonly { readonly id: string }[]; readonly next: string | null };

  test('a complaint goes from intake to its end, and each step can be seen at once', async () => {
    const { id, reference } = await lodge();
    expect(await see(`/v1/complaints/${reference}`)).toMatchObject({ id, stage: 'UnderAssessment' });
    await does(id, 'acknowledge', { channel: 'phone', to: 'a1' }, { as: 'intake_officer' });
    await does(id, 'classify', { nature: 'complaint', points: [{ id: 'p1', category: 'product_quality' }] });
    await does(id, 'assess-severity', { severity: 'moderate', impactScope: 'single' });
    expect((await queued()).items).toMatchObject([{ id, severity: 'moderate', handler: 'handler-1' }]);
    await does(id, 'verify-identity', { party: 'a1', result: 'verified', method: 'call_back' });
    await does(id, 'verify-content', { finding: 'substantiated', grounds: 'Kitchen log' });
    await does(id, 'assess-merits', { reasonable: 'yes', grounds: 'House promise' });
    expect(await see(`/v1/complaints/${id}`)).toMatchObject({ stage: 'UnderInvestigation' });
    await does(id, 'make-determination', { points: [{ id: 'p1', outcome: 'upheld', reasons: 'It was cold.' }] });
    await does(id, 'send-final-response', {
      kind: 'accept',
      addressees: ['a1'],
      channel: 'phone',
      text: 'We are sorry.',
    });
    const feedback = { score: 5, resolved: 'yes', statedBy: { party: 'a1', medium: 'phone', at: clock.now() } };
    await does(id, 'submit-feedback', feedback);
    await does(id, 'close');
    expect(await see(`/v1/complaints/${id}`)).toMatchObject({ stage: 'Closed', status: '已解决', outcome: 'upheld' });
    expect((await queued()).items).toEqual([]);
  });

  test('a command that is sent again is answered as the first time, and its key takes nothing else', async () => {
    const key = randomUUID();
    const first = await lodge({}, { key });
    expect(await lodge({}, { key })).toEqual({ ...first, alreadyThere: true });
    const note = randomUUID();
    const noted = await does(first.id, 'add-note', { text: 'called' }, { key: note });
    expect(await does(first.id, 'add-note', { text: 'called' }, { key: note })).toEqual({
      ...noted,
      alreadyThere: true,
    });
    const other = await client.post(`/v1/complaints/${first.id}/add-note`, { text: 'wrote' }, { key: note });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  test('of two who insist on one revision the second is told where the complaint is', async () => {
    const { id, revision } = await lodge();
    const insisting = { 'if-match': `"${String(revision)}"` };
    const noted = await does(id, 'add-note', { text: 'one' }, { headers: insisting });
    const { status, headers, body } = await client.post(
      `/v1/complaints/${id}/add-note`,
      { text: 'two' },
      { headers: insisting },
    );
    expect({ status, body }).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect(headers.get('etag')).toBe(`"${String(noted.revision)}"`);
  });

  test('the queue is paged, in one order, without a gap', async () => {
    for (let count = 0; count < 3; count++) await lodge();
    const all = (await queued()).items.map(({ id }) => id);
    const paged: string[] = [];
    for (let cursor = ''; ;) {
      const page = await queued(`&limit=2${cursor}`);
      paged.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(5);
  });

  test('trends count what there is', async () => {
    const { rows, total } = await see<{ rows: JsonObject[]; total: JsonObject }>(
      `/v1/trends?groupBy=outcome,month&product=${encodeURIComponent(product)}`,
    );
    expect(total).toMatchObject({ complaints: 6 });
    expect(rows).toEqual([
      expect.objectContaining({ key: { outcome: null, month: '2026-03' }, complaints: 5 }),
      expect.objectContaining({ key: { outcome: 'upheld', month: '2026-03' }, complaints: 1 }),
    ]);
  });

  test('the history can be read, and the file as it was', async () => {
    const before = clock.now();
    const { id, revision } = await lodge();
    clock.set(plusDays(clock.now(), 10));
    await does(id, 'assess-severity', { severity: 'serious', impactScope: 'single' });
    const { events } = await see<{ events: JsonObject[] }>(`/v1/complaints/${id}/history`);
    expect(events.map(({ revision: at }) => at)).toEqual(events.map((_, index) => index));
    expect(events.at(-1)).toMatchObject({ type: 'SeverityAssessed' });
    const at = encodeURIComponent(plusDays(before, 1));
    for (const pointInTime of [`asOf=${at}`, `knownAt=${at}`, `revision=${String(revision)}`])
      expect(await see(`/v1/complaints/${id}?${pointInTime}`)).toMatchObject({ revision, severity: null });
    expect(await see(`/v1/complaints/${id}`)).toMatchObject({ severity: { severity: 'serious' } });
  });

  test('commands in bulk are answered line by line, and reconciled', async () => {
    const line = (key: string, more: JsonObject = {}) =>
      JSON.stringify({
        command: 'LodgeComplaint',
        key: `${run}-${key}`,
        data: { channel: 'email', narrative: 'cold', ...more },
      });
    const send = () =>
      client.call<string>(`/v1/commands?source=${run}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${app.keyOf('upstream')}`, 'content-type': 'application/x-ndjson' },
        body: [line('1'), line('2'), line('3', { channel: 'pigeon' }), ''].join('\n'),
      });
    const results = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((one) => JSON.parse(one) as JsonObject);
    const first = results((await send()).body);
    expect(first.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'rejected', undefined]);
    const again = results((await send()).body);
    expect(again.at(-1)).toMatchObject({ read: 3, accepted: 0, alreadyThere: 2, rejected: 1 });
    // a batch is reported at its end, and no answer gives its position
    const sums = () => see<{ batches: readonly { complete: boolean }[] }>(`/v1/reconciliation?source=${run}`);
    while ((await sums()).batches.filter(({ complete }) => complete).length < 2) await pause(20);
    expect(await sums()).toMatchObject({
      totals: [{ source: run, read: 6, accepted: 2, alreadyThere: 2, rejected: 2, batches: 2, interrupted: 0 }],
    });
  });

  test('the log is found sound, the read models true, and a rebuild takes their place', async () => {
    expect(await job('/v1/verifications')).toMatchObject({ ok: true });
    const { body } = await client.get<{ projections: { name: string }[] }>('/v1/projections', { as: 'supervisor' });
    const names = body.projections.map(({ name }) => name);
    expect(names).toContain('work_queue');
    for (const name of names)
      expect(await job(`/v1/projections/${name}/compare`)).toMatchObject({ name, outcome: 'equal', swapped: false });
    const before = await queued();
    expect(await job('/v1/projections/work_queue/rebuild')).toMatchObject({ outcome: 'equal', swapped: true });
    const after = await queued();
    expect(after.items).toEqual(before.items);
    const { id } = await lodge();
    expect((await queued()).items.map((item) => item.id)).toContain(id);
  });

  test('it calls itself ready, and says where each read model stands', async () => {
    await caughtUp();
    const { status, body } = await client.get('/health/ready');
    expect({ status, body }).toMatchObject({ status: 200 });
    expect(body).toMatchObject({
      checks: {
        event_store: { up: true },
        read_models: { up: true },
        projections: { up: true, states: { work_queue: { state: 'live', caughtUp: true, lag: 0, lagSeconds: 0 } } },
      },
    });
    const { body: metrics } = await client.get<string>('/metrics', { as: 'auditor' });
    for (const name of ['redress_event_store_up', 'redress_read_models_up', 'redress_projections_leader'])
      expect(metrics).toContain(`${name} 1\n`);
  });

  test('another start finds everything as it was', async () => {
    const before = await queued();
    const { folder: data } = app;
    await app.service.stop();
    const again = await startApp({ clock, environment: { REDRESS_DATA: data, ...environment } });
    const { body } = await new Client(again).get(`/v1/queue?orgUnit=${encodeURIComponent(orgUnit)}`);
    await again.service.stop();
    rmSync(again.folder, { recursive: true, force: true });
    expect(body).toMatchObject({ items: before.items });
  });

  async function caughtUp(): Promise<void> {
    for (;;) {
      const { status, body } = await client.get<{ checks: { projections: { states: Record<string, JsonObject> } } }>(
        '/health/ready',
      );
      if (status === 200 && Object.values(body.checks.projections.states).every((state) => state.caughtUp === true))
        return;
      await pause(20);
    }
  }

  /** Starts a job and waits for its result. */
  async function job(path: string): Promise<object | undefined> {
    const started = await client.post<Job>(path, {}, { as: 'supervisor' });
    expect(started.status).toBe(202);
    for (let found = started.body; ;) {
      await pause(20);
      if (found.state !== 'running') return found.result ?? found;
      found = (await client.get<Job>(`/v1/jobs/${found.id}`, { as: 'supervisor' })).body;
    }
  }
});
