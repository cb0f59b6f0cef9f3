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

/** An invalid request and the expected answer. */
interface InvalidRequest {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly pointer?: string;
  /** Code of the error at `pointer`. */
  readonly fieldCode?: string;
  readonly send: () => Promise<Reply<ProblemBody>>;
}

describe('invalid input over HTTP', () => {
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

  const invalidRequests: readonly InvalidRequest[] = [
    { title: 'a body that is not JSON', status: 400, code: 'malformed_json', send: () => lodge('{"channel": phone}') },
    {
      title: 'a body with a member twice',
      status: 400,
      code: 'duplicate_member',
      pointer: '/channel',
      fieldCode: 'duplicate_member',
      send: () => lodge('{"channel":"phone","channel":"email","narrative":"a"}'),
    },
    {
      title: 'a search for a person with a member twice',
      status: 400,
      code: 'duplicate_member',
      pointer: '/name',
      fieldCode: 'duplicate_member',
      send: () => service.post('/v1/complaints/search', '{"name":"王芳","name":"李明"}'),
    },
    ...['', '/history'].flatMap((path): InvalidRequest[] => [
      {
        title: `GET /v1/complaints/{id}${path} with a revision that does not exist`,
        status: 404,
        code: 'revision_not_found',
        send: () => service.get(`/v1/complaints/${id}${path}?revision=2`),
      },
      ...['asOf', 'knownAt'].map((name) => ({
        title: `GET /v1/complaints/{id}${path} with ${name} in the future`,
        status: 400,
        code: 'validation_failed',
        pointer: `/${name}`,
        fieldCode: 'out_of_range',
        send: () => service.get<ProblemBody>(`/v1/complaints/${id}${path}?${name}=2999-01-01T00:00:00Z`),
      })),
    ]),
    { title: 'no body', status: 400, code: 'body_empty', send: () => lodge('') },
    {
      title: 'a body that is no object',
      status: 400,
      code: 'validation_failed',
      pointer: '',
      fieldCode: 'wrong_type',
      send: () => lodge([lodging]),
    },
    {
      title: 'bytes that are not UTF-8',
      status: 400,
      code: 'invalid_utf8',
      send: () => lodge(bytes('{"channel":"phone","narrative":"', 0xc3, 0x28, '"}')),
    },
    {
      title: 'an encoded half of a surrogate pair',
      status: 400,
      code: 'invalid_utf8',
      send: () => lodge(bytes('{"channel":"phone","narrative":"', 0xed, 0xa0, 0xbd, '"}')),
    },
    {
      title: 'an escaped half of a surrogate pair',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      fieldCode: 'lone_surrogate',
      send: () => lodge('{"channel":"phone","narrative":"\\ud83d"}'),
    },
    {
      title: 'a control character',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      fieldCode: 'control_character',
      send: () => lodge({ ...lodging, narrative: 'a\u0000b' }),
    },
    {
      title: 'a wrong type',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      fieldCode: 'wrong_type',
      send: () => lodge({ ...lodging, narrative: 7 }),
    },
    {
      title: 'a wrong type in a nested object',
      status: 400,
      code: 'validation_failed',
      pointer: '/points/1/subject/orderId',
      fieldCode: 'wrong_type',
      send: () => lodge({ ...lodging, points: [{}, { subject: { orderId: 7 } }] }),
    },
    {
      title: 'a list instead of an object',
      status: 400,
      code: 'validation_failed',
      pointer: '/classification',
      fieldCode: 'wrong_type',
      send: () => lodge({ ...lodging, classification: [] }),
    },
    {
      title: 'a code that is not in its list',
      status: 400,
      code: 'validation_failed',
      pointer: '/channel',
      fieldCode: 'not_in_list',
      send: () => lodge({ ...lodging, channel: 'pigeon' }),
    },
    {
      title: 'an unknown field',
      status: 400,
      code: 'validation_failed',
      pointer: '/narative',
      fieldCode: 'unknown_field',
      send: () => lodge({ ...lodging, narative: 'a' }),
    },
    {
      title: 'an unknown field in a nested object',
      status: 400,
      code: 'validation_failed',
      pointer: '/parties/0/nickname',
      fieldCode: 'unknown_field',
      send: () => lodge({ ...lodging, parties: [{ role: 'complainant', nickname: 'x' }] }),
    },
    {
      title: 'a field that only the server may set',
      status: 400,
      code: 'validation_failed',
      pointer: '/actor',
      fieldCode: 'unknown_field',
      send: () => lodge({ ...lodging, actor: { type: 'person', id: 'x', role: 'supervisor' } }),
    },
    {
      title: 'a missing field',
      status: 400,
      code: 'validation_failed',
      pointer: '/channel',
      fieldCode: 'required',
      send: () => lodge({ narrative: 'a' }),
    },
    {
      title: 'a field that is null',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      fieldCode: 'not_null',
      send: () => lodge({ ...lodging, narrative: null }),
    },
    {
      title: 'a field name that could change a prototype',
      status: 400,
      code: 'validation_failed',
      pointer: '/__proto__',
      fieldCode: 'unknown_field',
      send: () => lodge('{"channel":"phone","narrative":"a","__proto__":{"polluted":true}}'),
    },
    {
      title: 'an escaped name in a nested object that could change a prototype',
      status: 400,
      code: 'validation_failed',
      pointer: '/parties/0/constructor',
      fieldCode: 'unknown_field',
      send: () =>
        lodge(
          '{"channel":"phone","parties":[{"role":"complainant","\\u0063onstructor":{"prototype":{"polluted":1}}}]}',
        ),
    },
    {
      title: '100,000 nested lists',
      status: 400,
      code: 'too_deep',
      send: () => lodge(`{"channel":"phone","narrative":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    },
    {
      title: '100,000 nested objects',
      status: 400,
      code: 'too_deep',
      send: () => lodge('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)),
    },
    {
      title: 'a body of 5 MB',
      status: 413,
      code: 'body_too_large',
      send: () => lodge({ ...lodging, narrative: 'a'.repeat(5_000_000) }),
    },
    {
      title: 'a text that is too long',
      status: 400,
      code: 'validation_failed',
      pointer: '/narrative',
      fieldCode: 'too_long',
      send: () => lodge({ ...lodging, narrative: '菜'.repeat(50_001) }),
    },
    {
      title: 'a day that is not in the calendar',
      status: 400,
      code: 'validation_failed',
      pointer: '/receivedAt',
      fieldCode: 'impossible_date',
      send: () => lodge({ ...lodging, receivedAt: '2026-02-30T10:00:00+08:00' }),
    },
    {
      title: 'a day with a zone, if the day is not in the calendar,',
      status: 400,
      code: 'validation_failed',
      pointer: '/receivedAt',
      fieldCode: 'impossible_date',
      send: () => lodge({ ...lodging, receivedAt: { day: '2025-02-29', zone: 'Asia/Shanghai' } }),
    },
    {
      title: 'a time without its offset',
      status: 400,
      code: 'validation_failed',
      pointer: '/receivedAt',
      fieldCode: 'offset_missing',
      send: () => lodge({ ...lodging, receivedAt: '2026-02-03T10:00:00' }),
    },
    {
      title: 'a date without its zone',
      status: 400,
      code: 'validation_failed',
      pointer: '/receivedAt',
      fieldCode: 'offset_missing',
      send: () => lodge({ ...lodging, receivedAt: '2026-02-03' }),
    },
    {
      title: 'an occurredAt three minutes in the future',
      status: 409,
      code: 'occurred_in_future',
      pointer: '/occurredAt',
      fieldCode: 'occurred_in_future',
      send: () => command('add-note', { text: 'a', occurredAt: new Date(Date.now() + 3 * 60_000).toISOString() }),
    },
    {
      title: 'an unknown complaint id',
      status: 404,
      code: 'complaint_not_found',
      send: () => service.post('/v1/complaints/00000000-0000-5000-8000-000000000000/add-note', { text: 'a' }),
    },
    {
      title: 'a text that is neither an id nor a reference',
      status: 404,
      code: 'complaint_not_found',
      send: () => service.post('/v1/complaints/%E8%8F%9C/add-note', { text: 'a' }),
    },
    {
      title: 'the id of a point that the complaint does not have',
      status: 409,
      code: 'unknown_point',
      pointer: '/points/0/id',
      fieldCode: 'unknown_point',
      send: () => command('classify', { nature: 'complaint', points: [{ id: 'p9', category: 'product_quality' }] }),
    },
    {
      title: 'a command that is not allowed in this stage',
      status: 409,
      code: 'wrong_stage',
      send: () => command('close', {}),
    },
    {
      title: 'an If-Match with an earlier revision',
      status: 412,
      code: 'precondition_failed',
      send: () => command('add-note', { text: 'a' }, { 'if-match': '"0"' }),
    },
    {
      title: 'an If-Match with a later revision',
      status: 412,
      code: 'precondition_failed',
      send: () => command('add-note', { text: 'a' }, { 'if-match': '"99"' }),
    },
    {
      title: 'a weak If-Match',
      status: 400,
      code: 'if_match_malformed',
      send: () => command('add-note', { text: 'a' }, { 'if-match': 'W/"1"' }),
    },
    {
      title: 'a used idempotency key with another body',
      status: 409,
      code: 'idempotency_key_reused',
      send: () => command('add-note', { text: 'second' }, { 'idempotency-key': 'noted' }),
    },
    {
      title: 'a used idempotency key with another command',
      status: 409,
      code: 'idempotency_key_reused',
      send: () => command('assign', { handler: 'handler-2' }, { 'idempotency-key': 'noted' }),
    },
    {
      title: 'a used idempotency key with another lodging',
      status: 409,
      code: 'idempotency_key_reused',
      send: () => lodge({ ...lodging, narrative: 'other' }, { 'idempotency-key': 'lodged' }),
    },
    {
      title: 'an empty idempotency key',
      status: 400,
      code: 'idempotency_key_missing',
      send: () => command('add-note', { text: 'a' }, { 'idempotency-key': '' }),
    },
    {
      title: 'an idempotency key that is too long',
      status: 400,
      code: 'idempotency_key_malformed',
      send: () => command('add-note', { text: 'a' }, { 'idempotency-key': 'k'.repeat(129) }),
    },
    {
      title: 'a header that is too long',
      status: 431,
      code: 'headers_too_large',
      send: () => command('add-note', { text: 'a' }, { 'x-much': 'x'.repeat(20_000) }),
    },
    {
      title: 'the content type of a form',
      status: 415,
      code: 'unsupported_media_type',
      send: () => lodge('channel=phone&narrative=a', { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    {
      title: 'JSON with the content type text/plain',
      status: 415,
      code: 'unsupported_media_type',
      send: () => lodge(JSON.stringify(lodging), { 'content-type': 'text/plain' }),
    },
    {
      title: 'a command that does not exist',
      status: 404,
      code: 'route_unknown',
      send: () => command('forget', {}),
    },
    {
      title: 'no API key',
      status: 401,
      code: 'credentials_missing',
      send: () => service.call('/v1/complaints', { method: 'POST', body: JSON.stringify(lodging) }),
    },
    {
      title: 'an unknown API key',
      status: 401,
      code: 'credentials_invalid',
      send: () => lodge(lodging, { authorization: `Bearer ${'x'.repeat(43)}` }),
    },
    {
      title: 'a path that is not UTF-8',
      status: 400,
      code: 'invalid_utf8',
      send: () => service.post('/v1/complaints/%ff/add-note', { text: 'a' }),
    },
    ...['/v1/queue', '/v1/complaints', '/v1/trends', '/v1/reconciliation'].map((path): InvalidRequest => ({
      title: `GET ${path} with a parameter that is not UTF-8`,
      status: 400,
      code: 'invalid_utf8',
      pointer: '/source',
      fieldCode: 'invalid_utf8',
      send: () => service.get(`${path}?source=%ff`),
    })),
  ];

  test.each(invalidRequests)('$title is answered with $status $code, and nothing is recorded', async (request) => {
    const before = await head();
    const reply = await request.send();
    expect(reply.body).toMatchObject({ status: request.status, code: request.code });
    expect(reply.status).toBe(request.status);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.body.type).toBe(`urn:redress:problem:${request.code}`);
    expect(reply.body.correlationId).toBe(reply.headers.get('x-correlation-id'));
    if (request.pointer !== undefined)
      expect(reply.body.errors).toContainEqual(
        expect.objectContaining({ pointer: request.pointer, code: request.fieldCode }),
      );
    expect(await head()).toBe(before);
  });

  test('a request with a wrong method is answered with 405 and the right method in Allow', async () => {
    const reply = await service.get<ProblemBody>(`/v1/complaints/${id}/add-note`);
    expect([reply.status, reply.body.code, reply.headers.get('allow')]).toEqual([405, 'method_not_allowed', 'POST']);
  });

  test('bytes that are not HTTP are answered with 400 bad_request', async () => {
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

  test('after all these requests no prototype is changed, and a valid command is accepted', async () => {
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const reply = await command('add-note', { text: 'second' });
    expect(reply.status).toBe(200);
  });
});
