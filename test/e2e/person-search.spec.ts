import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v4 as uuid } from 'uuid';
import { complaints } from '../../projections/complaints/projection.js';
import type { ComplaintList, SearchPage } from '../../src/api/answers/complaints.js';
import type { JsonObject } from '../../src/platform/json.js';
import { indexKeyFile } from '../../src/subject-index/index-key.js';
import { SUBJECT_INDEX } from '../../src/subject-index/projection.js';
import { startApp, type RunningApp } from '../support/app.js';
import { Client, type Reply } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { redress } from '../support/service/redress-command.js';
import { ServiceProcess } from '../support/service/service-process.js';
import { RoleProcess } from '../support/servers/role-process.js';
import { describeServers } from '../support/servers/servers.js';

// personal values of the complaints of this file, which must not appear in a log
const NAME = '王芳菲';
const PHONE = '+86 10 5555 0188';
const EMAIL = 'Fangfei.Marked@example.org';
const ACCOUNT = '6222 0210 7777 1188';
const ORDER = 'SO-2041-7788';
const MARKS = [
  '芳菲',
  '王芳',
  '55550188',
  '5555 0188',
  '5555-0188',
  'angfei',
  'arked@',
  '77771188',
  '7777 1188',
  '20417788',
  '2041-7788',
];

const LODGING = {
  channel: 'phone',
  narrative: 'The soup was cold',
  parties: [
    {
      role: 'complainant',
      name: NAME,
      contacts: [
        { channel: 'phone', address: PHONE },
        { channel: 'email', address: EMAIL },
      ],
    },
  ],
  answers: [{ questionId: 'account_number', answer: ACCOUNT }],
  points: [{ issue: 'Dish arrived cold', subject: { product: 'Set menu', orderId: ORDER } }],
};

/** Searches that find the complaint of {@link LODGING}. */
const SEARCHES: readonly JsonObject[] = [
  { name: '芳菲' },
  { name: '王 芳菲', phone: '010-5555-0188' },
  { phone: '0086 10 5555 0188' },
  { email: 'fangfei.marked@EXAMPLE.org' },
  { account: '6222-0210-7777-1188' },
  { order: 'so 2041 7788', name: NAME, email: EMAIL },
];

interface Lodged {
  readonly id: string;
  readonly reference: string;
  readonly position: string;
}

describe('POST /v1/complaints/search', () => {
  let app: RunningApp;
  let client: Client;

  beforeAll(async () => {
    app = await startApp();
    client = new Client(app);
  });
  afterAll(() => app.stop());

  const lodge = async (body: object): Promise<Lodged> =>
    (await client.post<Lodged>('/v1/complaints', body, { as: 'intake_officer' })).body;
  const search = (body: unknown): Promise<Reply<SearchPage & { readonly code?: string }>> =>
    client.post('/v1/complaints/search', body);

  test('finds a complaint by each value and by several, with what lists show of it', async () => {
    const { id, reference, position } = await lodge(LODGING);
    await lodge({ ...LODGING, parties: [{ role: 'complainant', name: 'Ann Lee' }], answers: [], points: [] });
    for (const values of SEARCHES) {
      const { status, body } = await search({ ...values, minPosition: position });
      expect({ values, status, ids: body.items.map((item) => item.id) }).toEqual({ values, status: 200, ids: [id] });
    }
    const { body } = await search({ name: NAME });
    const listed = await client.get<ComplaintList>(`/v1/complaints?reference=${reference}`);
    expect(listed.body.items).toMatchObject([{ id, complainant: NAME, product: 'Set menu', stage: 'Received' }]);
    expect(body).toEqual({
      items: listed.body.items,
      notYetVisible: [],
      next: null,
      view: { position: expect.any(String), currentAt: expect.any(String) },
    });
    expect((await search({ name: NAME, order: '1' })).body.items).toEqual([]);
  });

  test('finds a complaint that has ended', async () => {
    const statedBy = { party: 'a1', medium: 'in_person', at: new Date().toISOString() };
    const { position } = await lodge({
      channel: 'front_desk',
      narrative: 'The soup was cold.',
      parties: [{ role: 'complainant', name: 'Zoë Ended' }],
      resolution: { category: 'product_quality', whatWasDone: 'Replaced the soup', statedBy },
    });
    const { body } = await search({ name: 'zoe', minPosition: position });
    expect(body.items).toMatchObject([{ complainant: 'Zoë Ended', open: false, stage: 'Closed' }]);
  });

  test('answers in pages, the complaint that was recorded last first', async () => {
    const lodged: Lodged[] = [];
    for (let index = 0; index < 5; index++)
      lodged.push(await lodge({ ...LODGING, parties: [{ role: 'complainant', name: 'Page Turner' }] }));
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const minPosition = lodged.at(-1)?.position;
      const { body }: { body: SearchPage } = await search({
        name: 'turner page',
        limit: 2,
        minPosition,
        ...(cursor !== null && { cursor }),
      });
      ids.push(...body.items.map(({ id }) => id));
      cursor = body.next;
    } while (cursor !== null);
    expect(ids).toEqual(lodged.map(({ id }) => id).toReversed());
  });

  test.each([
    [{}, '', 'required', 'give at least one of name, phone, email, account and order'],
    [{ limit: 5 }, '', 'required', 'give at least one of name, phone, email, account and order'],
    [{ phone: 'not a number' }, '/phone', 'wrong_form', 'phone must have a digit'],
    [{ email: 'nobody' }, '/email', 'wrong_form', 'email must be an address with an @'],
    [{ name: '…' }, '/name', 'wrong_form', 'name must have a letter or a digit'],
    [{ order: '#' }, '/order', 'wrong_form', 'order must have a letter or a digit'],
    [{ account: '--' }, '/account', 'wrong_form', 'account must have a letter or a digit'],
    [{ name: 'a'.repeat(201) }, '/name', 'too_long', 'name must not be longer than 200 characters'],
    [{ name: 'Ann', tel: '1' }, '/tel', 'unknown_field', 'tel is unknown; remove it or correct its name'],
    [{ name: 'Ann', limit: 201 }, '/limit', 'out_of_range', 'limit must be between 1 and 200'],
    [
      { name: 'Ann', cursor: 'x' },
      '/cursor',
      'wrong_form',
      'the cursor is not valid; use `next` of the previous page, or omit it',
    ],
  ])('refuses %j at %s', async (body, pointer, code, message) => {
    expect(await search(body)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ pointer, code, message }] },
    });
  });

  test('needs a key and a JSON object', async () => {
    const headers = { 'content-type': 'application/json' };
    const anonymous = await client.call('/v1/complaints/search', { method: 'POST', headers, body: '{"name":"Ann"}' });
    expect(anonymous).toMatchObject({ status: 401, body: { code: 'credentials_missing' } });
    expect(await search('{"name":')).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
    expect(await search([])).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test('names a complaint that lists do not show yet, with its reference', async () => {
    await app.service.stores.projections.execute({ kind: 'pause', name: complaints.name });
    const { id, reference, position } = await lodge({
      ...LODGING,
      parties: [{ role: 'complainant', name: 'Queue Behind' }],
    });
    const { status, body } = await search({ name: 'behind', minPosition: position });
    await app.service.stores.projections.execute({ kind: 'resume', name: complaints.name });
    expect(status).toBe(200);
    expect(body).toMatchObject({ items: [], notYetVisible: [{ id, reference }] });
    expect((await search({ name: 'behind', minPosition: position })).body.items).toMatchObject([{ id, reference }]);
  });

  test('answers not_yet_visible with Retry-After while the index is being built, and the service is ready', async () => {
    const { projections } = app.service.stores;
    const status = projections.status();
    const incomplete = status.projections.map((projection) =>
      projection.name === SUBJECT_INDEX ? { ...projection, complete: false } : projection,
    );
    const spy = jest.spyOn(projections, 'status').mockReturnValue({ ...status, projections: incomplete });
    const reply = await search({ name: NAME });
    const ready = await client.get('/health/ready');
    spy.mockRestore();
    expect(reply).toMatchObject({ status: 503, body: { code: 'not_yet_visible' } });
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(ready.status).toBe(200);
    expect((await search({ name: NAME })).status).toBe(200);
  });

  test('answers position_after_end for a position that is not recorded', async () => {
    expect(await search({ name: NAME, minPosition: '9'.repeat(20) })).toMatchObject({
      status: 400,
      body: { code: 'position_after_end' },
    });
  });
});

/** Sends a POST request to a process of the service. */
async function post(
  { url, keys }: Pick<ServiceProcess, 'url' | 'keys'>,
  path: string,
  body: JsonObject | string,
): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const headers = {
    authorization: `Bearer ${keys.ofRole('intake_officer')?.key ?? ''}`,
    'content-type': 'application/json',
    'idempotency-key': uuid(),
  };
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url + path, { method: 'POST', headers, body: sent });
  return { status: response.status, body: (await response.json()) as JsonObject };
}

const lodgeAt = async (service: Pick<ServiceProcess, 'url' | 'keys'>, body: JsonObject = LODGING): Promise<Lodged> => {
  const reply = await post(service, '/v1/complaints', body);
  expect(reply.status).toBe(201);
  return reply.body as unknown as Lodged;
};

/** Expects that every search of {@link SEARCHES} finds exactly these complaints, the newest first. */
async function expectFound(service: Pick<ServiceProcess, 'url' | 'keys'>, ...lodged: readonly Lodged[]): Promise<void> {
  const ids = lodged.map(({ id }) => id).toReversed();
  for (const values of SEARCHES) {
    const { status, body } = await eventually(async () => {
      const reply = await post(service, '/v1/complaints/search', {
        ...values,
        minPosition: lodged.at(-1)?.position ?? '',
      });
      if (reply.status === 503) throw new Error(`still being built: ${JSON.stringify(reply.body)}`);
      return reply;
    });
    expect({ values, status, ids: (body.items as unknown as Lodged[]).map(({ id }) => id) }).toEqual({
      values,
      status: 200,
      ids,
    });
  }
}

describeService('the index of personal values of a service', () => {
  const folder = freshFolder();
  const data = (): string => folder.inside('data');
  const filesOf = (name: string): string[] => readdirSync(data()).filter((file) => file.startsWith(name));

  test('finds what was recorded before and after a kill', async () => {
    let service = await ServiceProcess.start(data());
    const before = await lodgeAt(service);
    await service.kill();
    service = await ServiceProcess.start(data());
    const after = await lodgeAt(service);
    await expectFound(service, before, after);
    await service.kill();
    service = await ServiceProcess.start(data());
    await expectFound(service, before, after);
  });

  test('is built anew after its store was deleted', async () => {
    let service = await ServiceProcess.start(data());
    const lodged = await lodgeAt(service);
    await service.stop();
    const key = readFileSync(indexKeyFile(join(data(), 'keys')), 'utf8');
    expect(filesOf('subjects.db')).not.toEqual([]);
    for (const file of filesOf('subjects.db')) rmSync(join(data(), file));
    service = await ServiceProcess.start(data());
    await expectFound(service, lodged);
    expect(readFileSync(indexKeyFile(join(data(), 'keys')), 'utf8')).toBe(key);
  });

  test('is built anew with a new key after its key was deleted, and has no term of the old one', async () => {
    let service = await ServiceProcess.start(data());
    const lodged = await lodgeAt(service);
    await expectFound(service, lodged);
    await service.stop();
    const keyFile = indexKeyFile(join(data(), 'keys'));
    const key = readFileSync(keyFile, 'utf8');
    rmSync(keyFile);
    service = await ServiceProcess.start(data());
    await expectFound(service, lodged);
    expect(readFileSync(keyFile, 'utf8')).not.toBe(key);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(data(), 'keys')).mode & 0o777).toBe(0o700);
    const { body } = await service.get('/v1/projections');
    expect((body.projections as unknown as JsonObject[]).find(({ name }) => name === SUBJECT_INDEX)).toMatchObject({
      state: 'live',
      lastBuild: { swapped: true },
    });
    expect(JSON.stringify(body)).not.toContain('kept');
  });

  test('is built anew for another region of phone numbers', async () => {
    let service = await ServiceProcess.start(data());
    const contacts = [{ channel: 'phone', address: '020 7946 0018' }];
    await lodgeAt(service, { ...LODGING, parties: [{ role: 'complainant', contacts }] });
    await service.stop();
    service = await ServiceProcess.start(data(), { environment: { REDRESS_PHONE_REGION: 'GB' } });
    const found = await eventually(async () => {
      const reply = await post(service, '/v1/complaints/search', { phone: '+44 20 7946 0018' });
      if (reply.status === 503) throw new Error(`still being built: ${JSON.stringify(reply.body)}`);
      return reply;
    });
    expect(found.body.items).toHaveLength(1);
  });

  test('a file that is no key ends the start with a message', async () => {
    const service = await ServiceProcess.start(data());
    await service.stop();
    writeFileSync(indexKeyFile(join(data(), 'keys')), 'not a key\n');
    const { code, output } = await redress(data(), ['serve']);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(
        /^redress: .*subject-index\.key is not a key of 43 characters: restore it, or delete it; .*\n$/,
      ),
    });
    expect(output).not.toContain('not a key\n');
  });

  test('no log, metric, error or file of the index has a searched or recorded value', async () => {
    const service = await ServiceProcess.start(data(), { environment: { REDRESS_LOG: 'trace' } });
    const lodged = await lodgeAt(service);
    await expectFound(service, lodged);
    const answers: string[] = [];
    for (const body of [
      { name: NAME, phone: PHONE, unknown: EMAIL },
      { name: NAME, limit: 0 },
      { name: NAME, cursor: EMAIL },
      { email: 'Fangfei.Marked', name: NAME },
      { name: `${NAME}\u0000`, order: ORDER },
      { order: ORDER, phone: '+' },
      { account: ACCOUNT, minPosition: PHONE },
      `{"name":"${NAME}",`,
      `{"name":"${NAME}"}{"phone":"${PHONE}"}`,
    ]) {
      const reply = await post(service, '/v1/complaints/search', body);
      expect({ body, status: reply.status }).toEqual({ body, status: 400 });
      answers.push(JSON.stringify(reply.body));
    }
    const headers = { authorization: `Bearer ${service.keys.ofRole('auditor')?.key ?? ''}` };
    const metrics = await (await fetch(`${service.url}/metrics`, { headers })).text();
    expect(metrics).toContain('/v1/complaints/search');
    const { output } = await service.stop();
    expect(output).toContain('"route":"/v1/complaints/search"');
    const files = filesOf('subjects.db').map((file) => readFileSync(join(data(), file)).toString('utf8'));
    expect(files.length).toBeGreaterThan(0);
    for (const mark of MARKS)
      for (const text of [output, metrics, ...answers, ...files]) expect(text).not.toContain(mark);
    expect(existsSync(join(data(), 'subjects.db'))).toBe(true);
  });
});

describeServers('the index of personal values of several processes', (servers) => {
  test('is written by the leader; a process with another key refuses searches until it leads', async () => {
    const leader = await (await RoleProcess.start(servers(), 'projections')).untilLeading();
    const api = await RoleProcess.start(servers(), 'api');
    const lodged = await lodgeAt(api);
    await expectFound(api, lodged);

    const environment = { REDRESS_KEYS: servers().inside('other-keys') };
    const stranger = await RoleProcess.start(servers(), 'api', environment);
    const refused = await post(stranger, '/v1/complaints/search', { name: NAME });
    expect(refused).toMatchObject({ status: 503, body: { code: 'not_yet_visible' } });

    // the process that leads next has the other key, and builds the index anew
    const successor = await RoleProcess.start(servers(), 'projections', environment);
    await leader.kill();
    await successor.untilLeading();
    await expectFound(stranger, lodged);
    expect((await post(api, '/v1/complaints/search', { name: NAME })).body.code).toBe('not_yet_visible');
    for (const { log } of [api, stranger, leader, successor])
      for (const mark of MARKS) expect(JSON.stringify(log)).not.toContain(mark);
  });
});
