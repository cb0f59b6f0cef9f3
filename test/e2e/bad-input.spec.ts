import { connect } from 'node:net';

import { startApp, type RunningApp } from '../support/app.js';
import { Client, type Reply } from '../support/client.js';

interface ProblemBody {
  readonly type: string;
  readonly status: number;
  readonly code: string;
  readonly correlationId: string;
  readonly errors?: readonly { readonly pointer?: string; readonly code: string; readonly message: string }[];
}

/** One thing that is wrong, and what the service has to say to it. */
interface Wrong {
  readonly what: string;
  readonly status: number;
  readonly code: string;
  readonly pointer?: string;
  /** Code of the error at the pointer. */
  readonly reason?: string;
  readonly send: () => Promise<Reply<ProblemBody>>;
}

describe('bad input over HTTP', () => {
  let app: RunningApp;
  let service: Client;
  let id: string;
  const lodging = { channel: 'phone', narrative: '菜是凉的', parties: [{ role: 'complainant', name: '王芳' }] };

  beforeAll(async () => {
    app = await startApp();
    service = new Client(app);
    const lodged = await service.post<{ id: string }>('/v1/complaints', lodging, { key: 'lodged' });
    expect(lodged.status).toBe(201);
    id = lodged.body.id;
    expect((await service.post(`/v1/complaints/${id}/add-note`, { text: 'first' }, { key: 'noted' })).status).toBe(200);
  });

  afterAll(() => app.stop());

  const head = () => app.service.stores.eventStore.head();

  const lodge = (body: unknown, headers?: Record<string, string>) =>
    service.post<ProblemBody>('/v1/complaints', body, headers === undefined ? {} : { headers });
  const command = (name: string, body: unknown, headers?: Record<string, string>) =>
    service.post<ProblemBody>(`/v1/complaints/${id}/${name}`, body, headers === undefined ? {} : { headers });
  const bytes = (...parts: readonly (string | number)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

  const wrongs: readonly Wrong[] = [
    { what: 'a body that is not JSON', status: 400, code: 'malformed_json', send: () => lodge('{"channel": phone}') },
    { what: 'no body', status: 400, code: 'body_empty', send: () => lodge('') },
    {
      what: 'a body that is no object',
      status: 400,
      code: 'validation_failed',
      pointer: '',
      reason: 'wrong_type',
      send: () => lodge([lodging]),
    },
    {
      what: 'bytes that are not UTF-8',
      status: 400,
      code: 'invalid_utf8',
      send: () => lodge(bytes('{"channel":"phone","narrative":"', 0xc3, 0x28, '"}')),
    },
    {
      what: 'an encoded half of a surrogate pair',
      status: 400,
      code: 'invalid_utf8',
      send: () => lodge(bytes('{"channel":"phone","narrative":"', 0xed, 0xa0, 0xbd, '"}')),
    },
    {
      what: 'an escaped half of a surrogate pair',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      reason: 'lone_surrogate',
      send: () => lodge('{"channel":"phone","narrative":"\\ud83d"}'),
    },
    {
      what: 'a control character',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      reason: 'control_character',
      send: () => lodge({ ...lodging, narrative: 'a\u0000b' }),
    },
    {
      what: 'a wrong type',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      reason: 'wrong_type',
      send: () => lodge({ ...lodging, narrative: 7 }),
    },
    {
      what: 'a wrong type deep within',
      status: 400,
      code: 'validation_failed',
      pointer: '/points/1/subject/orderId',
      reason: 'wrong_type',
      send: () => lodge({ ...lodging, points: [{}, { subject: { orderId: 7 } }] }),
    },
    {
      what: 'a list for an object',
      status: 400,
      code: 'validation_failed',
      pointer: '/classification',
      reason: 'wrong_type',
      send: () => lodge({ ...lodging, classification: [] }),
    },
    {
      what: 'a code that is not in its list',
      status: 400,
      code: 'validation_failed',
      pointer: '/channel',
      reason: 'not_in_list',
      send: () => lodge({ ...lodging, channel: 'pigeon' }),
    },
    {
      what: 'an unknown field',
      status: 400,
      code: 'validation_failed',
      pointer: '/narative',
      reason: 'unknown_field',
      send: () => lodge({ ...lodging, narative: 'a' }),
    },
    {
      what: 'an unknown field deep within',
      status: 400,
      code: 'validation_failed',
      pointer: '/parties/0/nickname',
      reason: 'unknown_field',
      send: () => lodge({ ...lodging, parties: [{ role: 'complainant', nickname: 'x' }] }),
    },
    {
      what: 'a field that only the server knows',
      status: 400,
      code: 'validation_failed',
      pointer: '/actor',
      reason: 'unknown_field',
      send: () => lodge({ ...lodging, actor: { type: 'person', id: 'x', role: 'supervisor' } }),
    },
    {
      what: 'a missing field',
      status: 400,
      code: 'validation_failed',
      pointer: '/channel',
      reason: 'required',
      send: () => lodge({ narrative: 'a' }),
    },
    {
      what: 'null',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      reason: 'not_null',
      send: () => lodge({ ...lodging, narrative: null }),
    },
    {
      what: 'a name that pollutes prototypes',
      status: 400,
      code: 'validation_failed',
      pointer: '/__proto__',
      reason: 'unknown_field',
      send: () => lodge('{"channel":"phone","narrative":"a","__proto__":{"polluted":true}}'),
    },
    {
      what: 'a name that pollutes prototypes deep within, escaped',
      status: 400,
      code: 'validation_failed',
      pointer: '/parties/0/constructor',
      reason: 'unknown_field',
      send: () =>
        lodge(
          '{"channel":"phone","parties":[{"role":"complainant","\\u0063onstructor":{"prototype":{"polluted":1}}}]}',
        ),
    },
    {
      what: 'a hundred thousand levels of lists',
      status: 400,
      code: 'too_deep',
      send: () => lodge(`{"channel":"phone","narrative":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    },
    {
      what: 'a hundred thousand levels of objects',
      status: 400,
      code: 'too_deep',
      send: () => lodge('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)),
    },
    {
      what: 'a body of 5 MB',
      status: 413,
      code: 'body_too_large',
      send: () => lodge({ ...lodging, narrative: 'a'.repeat(5_000_000) }),
    },
    {
      what: 'a text that is too long',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      reason: 'too_long',
      send: () => lodge({ ...lodging, narrative: '菜'.repeat(50_001) }),
    },
    {
      what: 'a day that is not in the calendar',
      status: 400,
      code: 'validation_failed',
      pointer: '/receivedAt',
      reason: 'impossible_date',
      send: () => lodge({ ...lodging, receivedAt: '2026-02-30T10:00:00+08:00' }),
    },
    {
      what: 'a day that is not in the calendar of its zone',
      status: 400,
      code: 'validation_failed',
      pointer: '/receivedAt',
      reason: 'impossible_date',
      send: () => lodge({ ...lodging, receivedAt: { day: '2025-02-29', zone: 'Asia/Shanghai' } }),
    },
    {
      what: 'a time without its offset',
      status: 400,
      code: 'validation_failed',
      pointer: '/receivedAt',
      reason: 'offset_missing',
      send: () => lodge({ ...lodging, receivedAt: '2026-02-03T10:00:00' }),
    },
    {
      what: 'a date without its zone',
      status: 400,
      code: 'validation_failed',
      pointer: '/receivedAt',
      reason: 'offset_missing',
      send: () => lodge({ ...lodging, receivedAt: '2026-02-03' }),
    },
    {
      what: 'the future',
      status: 409,
      code: 'occurred_in_future',
      pointer: '/occurredAt',
      reason: 'occurred_in_future',
      send: () => command('add-note', { text: 'a', occurredAt: new Date(Date.now() + 3 * 60_000).toISOString() }),
    },
    {
      what: 'an id that nobody has',
      status: 404,
      code: 'complaint_not_found',
      send: () => service.post('/v1/complaints/00000000-0000-5000-8000-000000000000/add-note', { text: 'a' }),
    },
    {
      what: 'what is neither an id nor a reference',
      status: 404,
      code: 'complaint_not_found',
      send: () => service.post('/v1/complaints/%E8%8F%9C/add-note', { text: 'a' }),
    },
    {
      what: 'the id of something within the complaint that is not there',
      status: 409,
      code: 'unknown_point',
      pointer: '/points/0/id',
      reason: 'unknown_point',
      send: () => command('classify', { nature: 'complaint', points: [{ id: 'p9', category: 'product_quality' }] }),
    },
    {
      what: 'a command that is not allowed now',
      status: 409,
      code: 'wrong_stage',
      send: () => command('close', {}),
    },
    {
      what: 'a stale If-Match',
      status: 412,
      code: 'precondition_failed',
      send: () => command('add-note', { text: 'a' }, { 'if-match': '"0"' }),
    },
    {
      what: 'an If-Match from the future',
      status: 412,
      code: 'precondition_failed',
      send: () => command('add-note', { text: 'a' }, { 'if-match': '"99"' }),
    },
    {
      what: 'a weak If-Match',
      status: 400,
      code: 'if_match_malformed',
      send: () => command('add-note', { text: 'a' }, { 'if-match': 'W/"1"' }),
    },
    {
      what: 'a used key with another body',
      status: 409,
      code: 'idempotency_key_reused',
      send: () => command('add-note', { text: 'second' }, { 'idempotency-key': 'noted' }),
    },
    {
      what: 'a used key with another command',
      status: 409,
      code: 'idempotency_key_reused',
      send: () => command('assign', { handler: 'handler-2' }, { 'idempotency-key': 'noted' }),
    },
    {
      what: 'a used key with another lodging',
      status: 409,
      code: 'idempotency_key_reused',
      send: () => lodge({ ...lodging, narrative: 'other' }, { 'idempotency-key': 'lodged' }),
    },
    {
      what: 'an empty key',
      status: 400,
      code: 'idempotency_key_missing',
      send: () => command('add-note', { text: 'a' }, { 'idempotency-key': '' }),
    },
    {
      what: 'a key that is too long',
      status: 400,
      code: 'idempotency_key_malformed',
      send: () => command('add-note', { text: 'a' }, { 'idempotency-key': 'k'.repeat(129) }),
    },
    {
      what: 'a header that is too long',
      status: 431,
      code: 'headers_too_large',
      send: () => command('add-note', { text: 'a' }, { 'x-much': 'x'.repeat(20_000) }),
    },
    {
      what: 'another content type',
      status: 415,
      code: 'unsupported_media_type',
      send: () => lodge('channel=phone&narrative=a', { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    {
      what: 'text that calls itself text',
      status: 415,
      code: 'unsupported_media_type',
      send: () => lodge(JSON.stringify(lodging), { 'content-type': 'text/plain' }),
    },
    {
      what: 'a command that does not exist',
      status: 404,
      code: 'route_unknown',
      send: () => command('forget', {}),
    },
    {
      what: 'no key',
      status: 401,
      code: 'credentials_missing',
      send: () => service.call('/v1/complaints', { method: 'POST', body: JSON.stringify(lodging) }),
    },
    {
      what: 'an unknown key',
      status: 401,
      code: 'credentials_invalid',
      send: () => lodge(lodging, { authorization: `Bearer ${'x'.repeat(43)}` }),
    },
    {
      what: 'an address that is not UTF-8',
      status: 400,
      code: 'bad_request',
      send: () => service.post('/v1/complaints/%ff/add-note', { text: 'a' }),
    },
  ];

  test.each(wrongs)('$what is answered by $status $code, and nothing is written', async (wrong) => {
    const before = await head();
    const reply = await wrong.send();
    expect(reply.body).toMatchObject({ status: wrong.status, code: wrong.code });
    expect(reply.status).toBe(wrong.status);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.body.type).toBe(`urn:redress:problem:${wrong.code}`);
    expect(reply.body.correlationId).toBe(reply.headers.get('x-correlation-id'));
    if (wrong.pointer !== undefined)
      expect(reply.body.errors).toContainEqual(expect.objectContaining({ pointer: wrong.pointer, code: wrong.reason }));
    expect(await head()).toBe(before);
  });

  test('the wrong method is told the right one', async () => {
    const reply = await service.get<ProblemBody>(`/v1/complaints/${id}/add-note`);
    expect([reply.status, reply.body.code, reply.headers.get('allow')]).toEqual([405, 'method_not_allowed', 'POST']);
  });

  test('what is not HTTP is answered too', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const { port, hostname } = new URL(app.url);
      let text = '';
      const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''), () => socket.write('HELLO\r\n\r\n'));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => {
        resolve(text);
      });
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/);
    expect(answer).toContain('"code":"bad_request"');
  });

  test('nothing leaks from what is refused into what is accepted after it', async () => {
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const reply = await command('add-note', { text: 'second' });
    expect(reply.status).toBe(200);
  });
});
