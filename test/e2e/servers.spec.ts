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
import { EventStoreServer } from '../support/servers/event-store-server.js';
import { withDatabase } from '../support/servers/with-database.js';

/**
 * The API in all four combinations of stores: its answers must not depend on the stores. A store may have data of other
 * runs (a real server does), so every query filters by a value that only this run uses.
 */
const databases = new Databases();
let folder: string;
let eventStore: EventStoreServer | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-combinations-'));
  eventStore = await EventStoreServer.start(folder, 'address');
  await databases.start();
});

afterAll(async () => {
  await databases.stop();
  await eventStore?.dispose();
  rmSync(folder, { recursive: true });
});

const onEventStoreDb = () => ({ REDRESS_EVENTSTORE: eventStore?.url ?? '' });
const onMongoDb = () => ({ REDRESS_READMODELS: withDatabase(databases.url, databases.next()) });
const combinations: [string, () => Record<string, string>][] = [
  ['SQLite and embedded read models', () => ({})],
  ['SQLite and MongoDB', onMongoDb],
  ['EventStoreDB and embedded read models', onEventStoreDb],
  ['EventStoreDB and MongoDB', () => ({ ...onEventStoreDb(), ...onMongoDb() })],
];

describe.each(combinations)('the API on %s', (_name, environmentOf) => {
  const runId = randomUUID().slice(0, 8);
  const product = `soup ${runId}`;
  const orgUnit = `hall ${runId}`;
  const clock = new SimulatedClock('2026-03-02T09:00:00.000Z', systemClock);
  let environment: Record<string, string>;
  let app: RunningApp;
  let client: Client;
  /** Position of the last recorded command. */
  let lastPosition = '';

  beforeAll(async () => {
    environment = environmentOf();
    app = await startApp({ clock, environment });
    client = new Client(app);
  });
  afterAll(() => app.stop());

  interface CommandReply {
    readonly id: string;
    readonly reference: string;
    readonly revision: number;
    readonly position: string;
    readonly events: readonly string[];
    readonly alreadyThere: boolean;
  }

  /** The reply to a command, whose position it remembers. @throws Error if the command was refused */
  async function recorded(reply: Promise<Reply<CommandReply>>): Promise<CommandReply> {
    const { status, body } = await reply;
    if (status >= 300) throw new Error(`${String(status)}: ${JSON.stringify(body)}`);
    lastPosition = body.position;
    return body;
  }

  const lodge = (fields: JsonObject = {}, options: CallOptions = {}) =>
    recorded(
      client.post<CommandReply>(
        '/v1/complaints',
        {
          channel: 'phone',
          narrative: '汤是凉的。',
          parties: [
            { role: 'complainant', name: '王芳', contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }] },
          ],
          points: [{ issue: 'Soup arrived cold', subject: { product } }],
          assignment: { handler: 'handler-1', orgUnit },
          ...fields,
        },
        { as: 'intake_officer', ...options },
      ),
    );
  /** Sends a command five simulated minutes after the command before. */
  const send = (id: string, command: string, body: JsonObject = {}, options: CallOptions = {}) => {
    clock.set(plusDays(clock.now(), 5 / 1440));
    return recorded(client.post<CommandReply>(`/v1/complaints/${id}/${command}`, body, options));
  };
  /** The answer to a query, which includes the last recorded command. Expects status 200. */
  const query = async <Body = JsonObject>(path: string): Promise<Body> => {
    const { status, body } = await client.get<Body>(
      `${path}${path.includes('?') ? '&' : '?'}minPosition=${encodeURIComponent(lastPosition)}`,
    );
    expect({ path, status, body }).toMatchObject({ status: 200 });
    return body;
  };
  const queuePage = async (parameters = '') =>
    (await query<{ items: { id: string }[]; next: string | null }>(
      `/v1/queue?orgUnit=${encodeURIComponent(orgUnit)}${parameters}`,
    )) as { readonly items: readonly { readonly id: string }[]; readonly next: string | null };

  test('a complaint goes from lodging to closing, and queries with minPosition show each step', async () => {
    const { id, reference } = await lodge();
    expect(await query(`/v1/complaints/${reference}`)).toMatchObject({ id, stage: 'UnderAssessment' });
    await send(id, 'acknowledge', { channel: 'phone', to: 'a1' }, { as: 'intake_officer' });
    await send(id, 'classify', { nature: 'complaint', points: [{ id: 'p1', category: 'product_quality' }] });
    await send(id, 'assess-severity', { severity: 'moderate', impactScope: 'single' });
    expect((await queuePage()).items).toMatchObject([{ id, severity: 'moderate', handler: 'handler-1' }]);
    await send(id, 'verify-identity', { party: 'a1', result: 'verified', method: 'call_back' });
    await send(id, 'verify-content', { finding: 'substantiated', grounds: 'Kitchen log' });
    await send(id, 'assess-merits', { reasonable: 'yes', grounds: 'House promise' });
    expect(await query(`/v1/complaints/${id}`)).toMatchObject({ stage: 'UnderInvestigation' });
    await send(id, 'make-determination', { points: [{ id: 'p1', outcome: 'upheld', reasons: 'It was cold.' }] });
    await send(id, 'send-final-response', {
      kind: 'accept',
      addressees: ['a1'],
      channel: 'phone',
      text: 'We are sorry.',
    });
    const feedback = { score: 5, resolved: 'yes', statedBy: { party: 'a1', medium: 'phone', at: clock.now() } };
    await send(id, 'submit-feedback', feedback);
    await send(id, 'close');
    expect(await query(`/v1/complaints/${id}`)).toMatchObject({
      stage: 'Closed',
      status: 'resolved',
      outcome: 'upheld',
    });
    expect((await queuePage()).items).toEqual([]);
  });

  test('a repeated command gets its first reply, and its key is refused for another command', async () => {
    const key = randomUUID();
    const first = await lodge({}, { key });
    expect(await lodge({}, { key })).toEqual({ ...first, alreadyThere: true });
    const note = randomUUID();
    const noted = await send(first.id, 'add-note', { text: 'called' }, { key: note });
    expect(await send(first.id, 'add-note', { text: 'called' }, { key: note })).toEqual({
      ...noted,
      alreadyThere: true,
    });
    const other = await client.post(`/v1/complaints/${first.id}/add-note`, { text: 'wrote' }, { key: note });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  test('the second command with the same If-Match gets 412 with the current revision', async () => {
    const { id, revision } = await lodge();
    const ifMatch = { 'if-match': `"${String(revision)}"` };
    const noted = await send(id, 'add-note', { text: 'one' }, { headers: ifMatch });
    const { status, headers, body } = await client.post(
      `/v1/complaints/${id}/add-note`,
      { text: 'two' },
      { headers: ifMatch },
    );
    expect({ status, body }).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect(headers.get('etag')).toBe(`"${String(noted.revision)}"`);
  });

  test('the pages of the queue have the same items in the same order as the whole queue', async () => {
    for (let count = 0; count < 3; count++) await lodge();
    const all = (await queuePage()).items.map(({ id }) => id);
    const paged: string[] = [];
    for (let cursor = ''; ;) {
      const page = await queuePage(`&limit=2${cursor}`);
      paged.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(5); // with the complaints of the two tests before this one
  });

  test('trends count the complaints by outcome and month', async () => {
    const { rows, total } = await query<{ rows: JsonObject[]; total: JsonObject }>(
      `/v1/trends?groupBy=outcome,month&product=${encodeURIComponent(product)}`,
    );
    expect(total).toMatchObject({ complaints: 6 });
    expect(rows).toEqual([
      expect.objectContaining({ key: { outcome: null, month: '2026-03' }, complaints: 5 }),
      expect.objectContaining({ key: { outcome: 'upheld', month: '2026-03' }, complaints: 1 }),
    ]);
  });

  test('queries return the history of a complaint and its file at an earlier point in time', async () => {
    const before = clock.now();
    const { id, revision } = await lodge();
    clock.set(plusDays(clock.now(), 10));
    await send(id, 'assess-severity', { severity: 'serious', impactScope: 'single' });
    const { events } = await query<{ events: JsonObject[] }>(`/v1/complaints/${id}/history`);
    expect(events.map(({ revision: at }) => at)).toEqual(events.map((_, index) => index));
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['SeverityAssessed', 'ComplaintPrioritised']);
    const at = encodeURIComponent(plusDays(before, 1));
    for (const pointInTime of [`asOf=${at}`, `knownAt=${at}`, `revision=${String(revision)}`])
      expect(await query(`/v1/complaints/${id}?${pointInTime}`)).toMatchObject({ revision, severity: null });
    expect(await query(`/v1/complaints/${id}`)).toMatchObject({ severity: { severity: 'serious' } });
  });

  test('a bulk request gets one result for each line, and reconciliation counts the lines', async () => {
    const line = (key: string, fields: JsonObject = {}) =>
      JSON.stringify({
        command: 'LodgeComplaint',
        key: `${runId}-${key}`,
        data: { channel: 'email', narrative: 'cold', ...fields },
      });
    const sendBulk = () =>
      client.call<string>(`/v1/commands?source=${runId}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${app.keyOf('upstream')}`, 'content-type': 'application/x-ndjson' },
        body: [line('1'), line('2'), line('3', { channel: 'pigeon' }), ''].join('\n'),
      });
    const results = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((resultLine) => JSON.parse(resultLine) as JsonObject);
    const first = results((await sendBulk()).body);
    expect(first.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'rejected', undefined]);
    const again = results((await sendBulk()).body);
    expect(again.at(-1)).toMatchObject({ read: 3, accepted: 0, alreadyThere: 2, rejected: 1 });
    // a batch is closed after the answer, which cannot give that position, and its source is unknown until then
    interface Batches {
      readonly batches: readonly { readonly source: string; readonly complete: boolean }[];
    }
    const closedBatches = async () =>
      (await query<Batches>('/v1/reconciliation')).batches.filter(
        ({ source, complete }) => source === runId && complete,
      );
    while ((await closedBatches()).length < 2) await pause(20);
    expect(await query(`/v1/reconciliation?source=${runId}`)).toMatchObject({
      totals: [
        { source: runId, read: 6, accepted: 2, alreadyThere: 2, unchanged: 0, rejected: 2, batches: 2, interrupted: 0 },
      ],
    });
  });

  test('the log verifies, every read model equals its rebuild, and queries work after a rebuild is swapped in', async () => {
    expect(await runJob('/v1/verifications')).toMatchObject({ ok: true });
    const { body } = await client.get<{ projections: { name: string }[] }>('/v1/projections', { as: 'supervisor' });
    const names = body.projections.map(({ name }) => name);
    expect(names).toContain('complaints');
    for (const name of names)
      expect(await runJob(`/v1/projections/${name}/compare`)).toMatchObject({ name, outcome: 'equal', swapped: false });
    const before = await queuePage();
    expect(await runJob('/v1/projections/complaints/rebuild')).toMatchObject({ outcome: 'equal', swapped: true });
    const after = await queuePage();
    expect(after.items).toEqual(before.items);
    const { id } = await lodge();
    expect((await queuePage()).items.map((item) => item.id)).toContain(id);
  });

  test('the service is ready, with the state of each read model, and its metrics say so', async () => {
    await waitUntilCaughtUp();
    const { status, body } = await client.get('/health/ready');
    expect({ status, body }).toMatchObject({ status: 200 });
    expect(body).toMatchObject({
      checks: {
        event_store: { up: true },
        read_models: { up: true },
        projections: { up: true, states: { complaints: { state: 'live', caughtUp: true, lag: 0, lagSeconds: 0 } } },
      },
    });
    const { body: metrics } = await client.get<string>('/metrics', { as: 'auditor' });
    for (const name of ['redress_event_store_up', 'redress_read_models_up', 'redress_projections_leader'])
      expect(metrics).toContain(`${name} 1\n`);
  });

  test('after a restart the queue is unchanged', async () => {
    const before = await queuePage();
    const { folder: data } = app;
    await app.service.stop();
    const again = await startApp({ clock, environment: { REDRESS_DATA: data, ...environment } });
    const { body } = await new Client(again).get(`/v1/queue?orgUnit=${encodeURIComponent(orgUnit)}`);
    await again.service.stop();
    rmSync(again.folder, { recursive: true, force: true });
    expect(body).toMatchObject({ items: before.items });
  });

  /** Waits until the service is ready and every read model has caught up. */
  async function waitUntilCaughtUp(): Promise<void> {
    for (;;) {
      const { status, body } = await client.get<{ checks: { projections: { states: Record<string, JsonObject> } } }>(
        '/health/ready',
      );
      if (status === 200 && Object.values(body.checks.projections.states).every((state) => state.caughtUp === true))
        return;
      await pause(20);
    }
  }

  /** Starts a job and waits until it ends. Returns its result; a job without a result is returned itself. */
  async function runJob(path: string): Promise<object | undefined> {
    const started = await client.post<Job>(path, {}, { as: 'supervisor' });
    expect(started.status).toBe(202);
    for (let job = started.body; ;) {
      await pause(20);
      if (job.state !== 'running') return job.result ?? job;
      job = (await client.get<Job>(`/v1/jobs/${job.id}`, { as: 'supervisor' })).body;
    }
  }
});
