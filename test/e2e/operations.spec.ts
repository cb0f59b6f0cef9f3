import { spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { decoder } from '../../projections/catalogue.js';
import { complaints } from '../../projections/complaints/projection.js';
import { firstMissing } from '../../src/projection/first-missing.js';
import { CONNECTION_LIMITS } from '../../src/platform/http/slow-connections.js';
import { createLog } from '../../src/platform/log.js';
import type { Role } from '../../src/access/actor.js';
import { startApp, type RunningApp } from '../support/app.js';
import { BulkRequest, sendLines } from '../support/bulk/bulk-request.js';
import { Client } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { metricFaults } from '../support/metric-faults.js';
import { portIn } from '../support/network/ports.js';
import { testUnless } from '../support/skip.js';

const lodging = (key: string) => ({ command: 'LodgeComplaint', key, data: { channel: 'email', narrative: 'Late.' } });

describe('a running service', () => {
  const logged: Record<string, unknown>[] = [];
  let app: RunningApp;
  let client: Client;
  let complaint: { readonly id: string; readonly reference: string };
  beforeAll(async () => {
    const log = createLog('info', { write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>) });
    app = await startApp({ log });
    client = new Client(app);
    const lodging = {
      channel: 'email',
      narrative: 'Wang Fang never got it.',
      parties: [
        { role: 'complainant', name: 'Wang Fang', contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }] },
      ],
      points: [{ issue: 'Late', subject: { product: '=SUM(A1)' } }],
    };
    const lodged = await client.post<typeof complaint>('/v1/complaints', lodging, { key: 'k1', as: 'upstream' });
    expect(lodged).toMatchObject({ status: 201 });
    complaint = lodged.body;
  });
  afterAll(() => app.stop());

  const requests = () => logged.filter(({ msg }) => msg === 'request');

  test('logs a refusal with its code and its complaint, and levels by name', async () => {
    expect((await client.post(`/v1/complaints/${complaint.id}/reopen`, {})).status).toBe(400);
    expect(
      (await client.post(`/v1/complaints/${complaint.reference.toLowerCase()}/add-note`, { text: 1 })).status,
    ).toBe(400);
    await eventually(() => {
      expect(requests().slice(-2)).toMatchObject([
        { level: 'info', status: 400, code: 'validation_failed', complaint: complaint.id },
        { level: 'info', status: 400, code: 'validation_failed', complaint: complaint.reference },
      ]);
    });
  });

  test('does not log the text that a client sent instead of the id of a complaint', async () => {
    expect((await client.get('/v1/complaints/wang-fang-13800138000')).status).toBe(404);
    await eventually(() => {
      expect(requests().at(-1)).toMatchObject({ code: 'complaint_not_found' });
    });
    expect(JSON.stringify(logged)).not.toMatch(/wang|13800138000/i);
  });

  test('has metrics that follow the naming rules of Prometheus', async () => {
    const { body } = await client.get<string>('/metrics');
    expect(metricFaults(body)).toEqual([]);
  });

  const isMissing = spawnSync('promtool', ['--version']).error !== undefined;
  testUnless(isMissing ? 'promtool is not installed; .ci/run installs it' : undefined)(
    'has metrics without findings of promtool',
    async () => {
      const { body } = await client.get<string>('/metrics');
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    },
  );

  test('has no view that counts as behind because the newest event does not concern it', async () => {
    const { eventStore, readModels, projections } = app.service.stores;
    const missing = () => firstMissing(eventStore, readModels, complaints, (event) => decoder.decode(event));
    const note = await client.post<{ readonly position: string }>(`/v1/complaints/${complaint.id}/add-note`, {
      text: 'Asked the carrier.',
    });
    expect(note.status).toBe(200);
    await projections.waitFor(complaints.name, note.body.position, 60_000);
    expect(await missing()).toBeUndefined();
    await projections.execute({ kind: 'pause', name: complaints.name });
    const reply = { channel: 'phone', to: 'a1', message: 'We have it.' };
    expect((await client.post(`/v1/complaints/${complaint.id}/acknowledge`, reply)).status).toBe(200);
    expect(await missing()).toBeUndefined();
    const other = { channel: 'email', narrative: 'Another parcel never came.' };
    expect((await client.post('/v1/complaints', other)).status).toBe(201);
    expect(await missing()).toMatchObject({ type: 'ComplaintReceived' });
    await projections.execute({ kind: 'resume', name: complaints.name });
  });

  describe('asked for another media type', () => {
    const trends = '/v1/trends?groupBy=product';
    const get = (path: string, accept: string) => client.get<string>(path, { headers: { accept } });

    test('answers trends as CSV, in which a product is no formula', async () => {
      await eventually(async () => {
        const { status, headers, body } = await get(trends, 'text/csv');
        expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
        const [header = '', ...rows] = body.split('\r\n');
        expect(header).toMatch(
          /^product,complaints,open_numerator,open_denominator,open_unknown,.*,daysToResponse_known$/,
        );
        expect(rows).toContainEqual(expect.stringMatching(/^'=SUM\(A1\),1,1,1,0,/));
      });
    });

    test('answers the history with one event per line, unless the client prefers one JSON value', async () => {
      const path = `/v1/complaints/${complaint.id}/history`;
      const lines = await get(path, 'application/x-ndjson');
      expect([lines.status, lines.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
      const events = lines.body.trimEnd().split('\n');
      expect(events.map((line) => (JSON.parse(line) as { revision: number }).revision)).toEqual([...events.keys()]);
      const preferred = await get(path, 'application/json, application/x-ndjson;q=0.5');
      expect(preferred.headers.get('content-type')).toMatch(/^application\/json/);
    });

    test('answers 406 if it has no such answer', async () => {
      for (const path of ['/v1/queue', `/v1/complaints/${complaint.id}`])
        expect(await get(path, 'text/csv')).toMatchObject({ status: 406, body: { code: 'not_acceptable' } });
      expect(await get(trends, 'application/pdf')).toMatchObject({ status: 406 });
    });
  });
});

/** The socket of the service, in this process, on which the next request for the path arrives. */
function socketOfRequest(path: string): Promise<Socket> {
  const channel = 'http.server.request.start';
  return new Promise((resolve) => {
    const onStart = (message: unknown): void => {
      const { request } = message as { request: IncomingMessage };
      if (request.url !== path) return;
      unsubscribe(channel, onStart);
      resolve(request.socket);
    };
    subscribe(channel, onStart);
  });
}

describe('a service with limits for connections ends one', () => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await startApp({
      connectionLimits: {
        headersMs: 2000,
        bodyMs: 2000,
        streamRate: { bytes: 1000, waitMs: 1000 },
        maxOpenStreams: 16,
        idleMs: 2000,
        checkMs: 100,
      },
    });
  });
  afterAll(() => app.stop());

  /** Opens a connection, sends the text, then a byte every 50 ms; resolves to what was received when it is closed. */
  const receivedUntilClosed = async (text: string, drip = false): Promise<string> => {
    const socket: Socket = connect(portIn(app.url), '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    socket.on('error', () => undefined);
    socket.write(text);
    const timer = drip ? setInterval(() => socket.write('x'), 50) : undefined;
    await once(socket, 'close');
    clearInterval(timer);
    return received;
  };
  const head = (path: string, ...headers: readonly string[]): string =>
    [`POST ${path} HTTP/1.1`, 'Host: redress', ...headers, '\r\n'].join('\r\n');
  const json = ['Content-Type: application/json', 'Idempotency-Key: k2', 'Content-Length: 1000'];
  const authorization = () => `Authorization: Bearer ${app.keyOf('upstream')}`;

  test.each<[string, () => string, boolean, RegExp]>([
    ['that sends nothing', () => '', false, /^HTTP\/1\.1 408 /],
    ['whose headers arrive by drops', () => 'GET /v1/queue HTTP/1.1\r\nX-', true, /^HTTP\/1\.1 408 /],
    [
      'whose body arrives by drops',
      () => head('/v1/complaints', authorization(), ...json),
      true,
      /^HTTP\/1\.1 408 .*request_timeout/s,
    ],
    ['whose body arrives by drops after 401', () => head('/v1/complaints', ...json), true, /^HTTP\/1\.1 401 /],
    [
      'that stops in a bulk request',
      () => head('/v1/commands', authorization(), 'Content-Type: application/x-ndjson', 'Content-Length: 1000'),
      false,
      /^HTTP\/1\.1 200 .*"code":"request_timeout"/s,
    ],
    [
      'that stops in the header of an import',
      () => head('/v1/imports/cfpb', authorization(), 'Content-Type: text/csv', 'Content-Length: 1000') + 'Date',
      false,
      /^HTTP\/1\.1 408 .*"code":"request_timeout"/s,
    ],
    [
      'that stays idle after an answer',
      () => 'GET /health/live HTTP/1.1\r\nHost: redress\r\n\r\n',
      false,
      /^(HTTP\/1\.1 200 .*)?$/s,
    ],
  ])('%s', async (_name, text, drip, answer) => {
    expect(await receivedUntilClosed(text(), drip)).toMatch(answer);
  });

  test('whose client does not read its answer', async () => {
    const notes = Array.from({ length: 780 }, (_, index) => ({
      command: 'AddNote',
      key: `note-${String(index)}`,
      complaint: 'much',
      data: { text: 'n'.repeat(10_000) },
    }));
    const { results, summary } = await sendLines(app, [lodging('much'), ...notes]);
    expect(summary).toMatchObject({ accepted: 781 });
    const path = `/v1/complaints/${String(results[0]?.id)}/history`;
    const served = socketOfRequest(path);
    const socket = connect(portIn(app.url), '127.0.0.1').on('error', () => undefined);
    socket.pause().write(`GET ${path} HTTP/1.1\r\nHost: redress\r\n${authorization()}\r\n\r\n`);
    await once(await served, 'close');
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await once(socket, 'close');
    expect(received).toBeLessThan(7_800_000);
  });

  test('whose bulk request arrives by drops, after it has answered the lines that came', async () => {
    const bulk = BulkRequest.open(app, { path: '/v1/commands?source=drops' });
    await bulk.write(lodging('drops'));
    const timer = setInterval(() => void bulk.write('x'), 50);
    const lines = await bulk.rest();
    clearInterval(timer);
    expect(lines).toMatchObject([
      { line: 1, key: 'drops', status: 'accepted' },
      { status: 'interrupted', code: 'request_timeout' },
    ]);
    await eventually(async () => {
      const { body } = await new Client(app).get<{ batches: object[] }>('/v1/reconciliation?source=drops');
      expect(body.batches).toMatchObject([{ complete: false, read: 1, accepted: 1 }]);
    });
    const asJson = BulkRequest.open(app, { path: '/v1/commands?source=drops', accept: 'application/json' });
    await asJson.write(lodging('drops'));
    const jsonTimer = setInterval(() => void asJson.write('x'), 50);
    const answer = JSON.parse(await asJson.text()) as object;
    clearInterval(jsonTimer);
    expect(answer).toEqual({
      results: [expect.objectContaining({ status: 'already_there' })],
      interruption: expect.objectContaining({ status: 'interrupted', code: 'request_timeout' }),
    });
    const { results } = await sendLines(app, [lodging('drops')]);
    expect(results).toMatchObject([{ status: 'already_there' }]);
  });
});

test('a service takes only some bulk requests of one credential at a time', async () => {
  const app = await startApp({ connectionLimits: { ...CONNECTION_LIMITS, maxOpenStreams: 2 } });
  try {
    const open = async (as: Role) => {
      const bulk = BulkRequest.open(app, { as });
      await bulk.write(lodging(`open-${as}`));
      return bulk;
    };
    const opened = [await open('upstream'), await open('upstream')];
    for (const bulk of opened) expect(await bulk.status()).toBe(200);
    const refused = await open('upstream');
    expect([await refused.status(), await refused.header('retry-after')]).toEqual([429, '5']);
    expect(JSON.parse(await refused.text())).toMatchObject({ code: 'too_many_requests' });
    refused.disconnect();
    const other = await open('handler');
    expect(await other.status()).toBe(200);
    for (const bulk of [...opened, other]) expect((await bulk.end().rest()).at(-1)).toMatchObject({ read: 1 });
    await eventually(async () => {
      expect((await sendLines(app, [lodging('later')])).summary).toMatchObject({ read: 1 });
    });
  } finally {
    await app.stop();
  }
});
