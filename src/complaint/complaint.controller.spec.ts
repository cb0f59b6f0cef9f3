import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';

import { bearerAuthentication } from '../access/bearer.js';
import { Keys, loadKeys } from '../access/keys.js';
import { HealthController, MAY_SEE_DETAILS, READINESS_CHECKS } from '../platform/health.js';
import { configureApp, createHttpAdapter } from '../platform/http/adapter.js';
import { Metrics, MetricsController } from '../platform/metrics.js';
import { AddNote, LodgeComplaint } from './commands/intake.js';
import { AcceptAssignment } from './commands/ownership.js';
import { createComplaintController } from './complaint.controller.js';
import { commandPath } from './table.js';
import type { SubmitCommand } from './submit-command-handler.js';
import type { Refused } from '../command/outcome.js';
import { COMPLAINT_COMMANDS, type Accepted, type Outcome, type Repetition, type Submission } from './submission.js';

const recorded: Accepted = {
  accepted: true,
  id: '0b5a3a2e-54a6-5d43-8a7f-2f1f6d1f3a10',
  reference: 'ABCDE-FGHJK-MNPQR',
  revision: 4,
  position: '0000000000000007',
  events: ['NoteAdded'],
  alreadyThere: false,
};

/** Root module of the test application; `beforeAll` sets its metadata. */
class TestModule {
  readonly name = 'test';
}

describe('the HTTP routes of the commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-'));
  const keys = loadKeys(folder);
  const handler = keys.ofRole('handler');
  let outcome: Outcome | Error = recorded;
  let firstOutcome: (repetition: Repetition) => Accepted | undefined = () => undefined;
  let submitted: Submission[] = [];
  let app: NestFastifyApplication;

  beforeAll(async () => {
    /** A command bus that stores each submission and returns `outcome`. */
    const bus = {
      execute: ({ submission }: SubmitCommand) => {
        submitted.push(submission);
        return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
      },
    };
    const commands = createComplaintController([
      { command: LodgeComplaint },
      { command: AddNote },
      { command: AcceptAssignment },
    ]);
    Module({
      controllers: [commands, HealthController, MetricsController],
      providers: [
        Metrics,
        { provide: CommandBus, useValue: bus },
        { provide: Keys, useValue: keys },
        {
          provide: COMPLAINT_COMMANDS,
          useValue: { firstOutcome: (repetition: Repetition) => Promise.resolve(firstOutcome(repetition)) },
        },
        {
          provide: READINESS_CHECKS,
          useValue: [{ name: 'store', check: () => Promise.resolve({ up: true, holder: 'host-7 42' }) }],
        },
        { provide: MAY_SEE_DETAILS, useValue: ({ caller }: FastifyRequest) => caller !== undefined },
      ],
    })(TestModule);
    app = await NestFactory.create<NestFastifyApplication>(TestModule, createHttpAdapter(), {
      bodyParser: false,
      logger: false,
    });
    configureApp(app, {
      authenticate: bearerAuthentication(keys),
      callerName: (request) => request.caller?.name,
      log: pino({ level: 'silent' }),
      metrics: app.get(Metrics),
    });
    await app.init();
  });

  beforeEach(() => {
    outcome = recorded;
    firstOutcome = () => undefined;
    submitted = [];
  });

  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });

  const headers = (overrides: Record<string, string> = {}) => ({
    authorization: `Bearer ${handler?.key ?? ''}`,
    'idempotency-key': 'k1',
    'content-type': 'application/json',
    ...overrides,
  });

  const post = (url: string, body: unknown, overrides?: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url,
      headers: headers(overrides),
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    });

  const addNotePath = '/v1/complaints/ABCDE-FGHJK-MNPQR/add-note';

  test('have the command name in kebab case without a trailing Complaint', () => {
    expect(commandPath(AddNote)).toBe('add-note');
    expect(commandPath(LodgeComplaint)).toBe('lodge');
    expect(commandPath(AcceptAssignment)).toBe('accept-assignment');
  });

  test('a lodging returns 201 with location and revision; a lodging that was already recorded returns 200', async () => {
    const reply = await post('/v1/complaints', { channel: 'phone', narrative: 'cold dish' });
    expect(reply.statusCode).toBe(201);
    expect(reply.headers).toMatchObject({ etag: '"4"', location: `/v1/complaints/${recorded.id}` });
    expect(reply.json()).toEqual({
      id: recorded.id,
      reference: recorded.reference,
      revision: 4,
      position: recorded.position,
      events: ['NoteAdded'],
      alreadyThere: false,
    });
    outcome = { ...recorded, alreadyThere: true };
    expect((await post('/v1/complaints', { channel: 'phone', narrative: 'cold dish' })).statusCode).toBe(200);
  });

  test('a repetition whose body is no longer valid returns its first outcome; any other invalid body its errors', async () => {
    const repetitions: Repetition[] = [];
    firstOutcome = (repetition) => {
      repetitions.push(repetition);
      return { ...recorded, alreadyThere: true };
    };
    const reply = await post(addNotePath, { formerName: 'seen' });
    expect([reply.statusCode, reply.json()]).toEqual([
      200,
      expect.objectContaining({ alreadyThere: true, revision: 4 }),
    ]);
    await post(addNotePath, { formerName: 'seen by others' });
    const [first, second] = repetitions;
    expect(first).toMatchObject({ complaint: 'ABCDE-FGHJK-MNPQR', commandId: second?.commandId });
    expect(first?.commandDigest).not.toBe(second?.commandDigest);
    const withoutKey = await post(addNotePath, { formerName: 'seen' }, { 'idempotency-key': '' });
    expect([withoutKey.statusCode, withoutKey.json()]).toMatchObject([400, { code: 'validation_failed' }]);
    firstOutcome = () => undefined;
    const unknown = await post(addNotePath, { formerName: 'seen' });
    expect([unknown.statusCode, unknown.json()]).toMatchObject([400, { code: 'validation_failed' }]);
    expect(submitted).toEqual([]);
  });

  test('a submission has the command, complaint, caller, correlation id and required revision of the request', async () => {
    const reply = await post(addNotePath, { text: 'seen' }, { 'if-match': '"3"', 'x-correlation-id': 'call-7' });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['x-correlation-id']).toBe('call-7');
    expect(submitted[0]).toMatchObject({
      command: { text: 'seen' },
      complaint: 'ABCDE-FGHJK-MNPQR',
      actor: { type: 'person', id: 'handler-1', role: 'handler' },
      correlationId: 'call-7',
      ifRevision: 3,
    });
    expect(submitted[0]?.command).toBeInstanceOf(AddNote);
  });

  test('the digest depends on the body but not on the order of its fields; the command id depends only on the key', async () => {
    await post('/v1/complaints', { channel: 'phone', narrative: 'a' });
    await post('/v1/complaints', { narrative: 'a', channel: 'phone' });
    await post('/v1/complaints', { narrative: 'b', channel: 'phone' });
    const [first, reordered, changed] = submitted;
    expect(reordered?.commandDigest).toBe(first?.commandDigest);
    expect(changed?.commandDigest).not.toBe(first?.commandDigest);
    expect(changed?.commandId).toBe(first?.commandId);
  });

  const refusals: [Refused['kind'], number, string | undefined][] = [
    ['not_found', 404, undefined],
    ['rejected', 409, undefined],
    ['key_reused', 409, undefined],
    ['precondition_failed', 412, undefined],
    ['too_large', 413, undefined],
    ['busy', 503, '1'],
    ['unavailable', 503, '5'],
  ];
  test.each(refusals)(
    'an outcome of kind %s is a problem response with status %i',
    async (kind, status, retryAfter) => {
      const unmet = [{ code: 'some_code', message: 'why', pointer: '/text' }];
      outcome = { accepted: false, kind, code: 'some_code', unmet, id: recorded.id, revision: 9 };
      const reply = await post(addNotePath, { text: 'seen' });
      expect(reply.statusCode).toBe(status);
      expect(reply.headers['content-type']).toContain('application/problem+json');
      expect(reply.headers['retry-after']).toBe(retryAfter);
      expect(reply.json()).toMatchObject({
        type: 'urn:redress:problem:some_code',
        title: 'Some code',
        status,
        code: 'some_code',
        detail: 'why',
        errors: unmet,
        revision: 9,
      });
    },
  );

  test('an unexpected error returns 500 without details of the error', async () => {
    outcome = new Error('SELECT secret FROM table');
    const reply = await post(addNotePath, { text: 'seen' });
    expect(reply.statusCode).toBe(500);
    expect(reply.body).not.toContain('secret');
    expect(reply.json()).toMatchObject({ code: 'internal_error', correlationId: reply.headers['x-correlation-id'] });
  });

  const invalidRequests: [string, number, string, string | undefined, unknown, Record<string, string>?][] = [
    ['is not JSON', 400, 'malformed_json', undefined, '{"text":'],
    ['is empty', 400, 'body_empty', undefined, ''],
    ['is a list', 400, 'validation_failed', '', []],
    ['has a field of the wrong type', 400, 'validation_failed', '/text', { text: 1 }],
    ['has an unknown field', 400, 'validation_failed', '/texts', { text: 'a', texts: 'b' }],
    ['lacks a required field', 400, 'validation_failed', '/text', {}],
    ['has null instead of an absent field', 400, 'validation_failed', '/occurredAt', { text: 'a', occurredAt: null }],
    ['has a field __proto__', 400, 'validation_failed', '/__proto__', '{"text":"a","__proto__":{"x":1}}'],
    [
      'has an escaped field __proto__',
      400,
      'validation_failed',
      '/__proto__',
      '{"text":"a","\\u005f_proto__":{"x":1}}',
    ],
    [
      'has a field constructor',
      400,
      'validation_failed',
      '/constructor',
      '{"text":"a","constructor":{"prototype":{}}}',
    ],
    ['has a field twice', 400, 'duplicate_member', '/text', '{"text":"a","text":"b"}'],
    ['has half a surrogate pair', 400, 'validation_failed', '/text', '{"text":"\\ud83d"}'],
    ['has a control character', 400, 'validation_failed', '/text', { text: 'a\u0000b' }],
    ['is nested 100,000 levels deep', 400, 'too_deep', undefined, `{"text":${'['.repeat(1e5)}${']'.repeat(1e5)}}`],
    [
      'has an impossible date',
      400,
      'validation_failed',
      '/occurredAt',
      { text: 'a', occurredAt: '2026-02-30T10:00:00Z' },
    ],
    [
      'has a time without offset',
      400,
      'validation_failed',
      '/occurredAt',
      { text: 'a', occurredAt: '2026-02-03T10:00:00' },
    ],
    ['is larger than 1 MiB', 413, 'body_too_large', undefined, { text: 'a'.repeat(5e6) }],
    [
      'has an unsupported media type',
      415,
      'unsupported_media_type',
      undefined,
      'text=a',
      { 'content-type': 'text/plain' },
    ],
    [
      'has an idempotency key with a space',
      400,
      'idempotency_key_malformed',
      undefined,
      { text: 'a' },
      { 'idempotency-key': 'a b' },
    ],
    [
      'has an empty idempotency key',
      400,
      'idempotency_key_missing',
      undefined,
      { text: 'a' },
      { 'idempotency-key': '' },
    ],
    ['has a weak tag in If-Match', 400, 'if_match_malformed', undefined, { text: 'a' }, { 'if-match': 'W/"3"' }],
    ['has an unknown credential', 401, 'credentials_invalid', undefined, { text: 'a' }, { authorization: 'Bearer x' }],
  ];
  test.each(invalidRequests)(
    'a request that %s is rejected with %i %s',
    async (_description, status, code, pointer, body, ...overrides) => {
      const reply = await post(addNotePath, body, ...overrides);
      expect(reply.json()).toMatchObject({ status, code });
      expect(reply.statusCode).toBe(status);
      expect(reply.headers['content-type']).toContain('application/problem+json');
      if (pointer !== undefined) expect(reply.json<{ errors: unknown }>().errors).toMatchObject([{ pointer }]);
      expect(submitted).toEqual([]);
    },
  );

  test('a body that is not UTF-8 is rejected with 400', async () => {
    const reply = await app.inject({
      method: 'POST',
      url: addNotePath,
      headers: headers(),
      payload: Buffer.from([...Buffer.from('{"text":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]),
    });
    expect(reply.json()).toMatchObject({ status: 400, code: 'invalid_utf8' });
  });

  test('a wrong method returns 405 with the allowed methods, an unknown path 404, a malformed path 400', async () => {
    const wrongMethod = await app.inject({ method: 'GET', url: addNotePath, headers: headers() });
    expect([wrongMethod.statusCode, wrongMethod.headers.allow]).toEqual([405, 'POST']);
    const wrongHealthMethod = await app.inject({ method: 'DELETE', url: '/health/live?x=1', headers: headers() });
    expect([wrongHealthMethod.statusCode, wrongHealthMethod.headers.allow]).toEqual([405, 'GET, HEAD']);
    const unknown = await post('/v1/complaints/x/do-nothing', {});
    expect(unknown.json()).toMatchObject({ status: 404, code: 'route_unknown' });
    const malformed = await post('/v1/complaints/%ff/add-note', {});
    expect(malformed.json()).toMatchObject({ status: 400, code: 'invalid_utf8' });
  });

  test('only the health routes answer without a credential', async () => {
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    expect((await app.inject('/health/ready')).json()).toEqual({ status: 'up', checks: { store: { up: true } } });
    const wrongKey = { authorization: `Bearer ${'x'.repeat(43)}` };
    expect((await app.inject({ url: '/health/ready', headers: wrongKey })).json()).toEqual({
      status: 'up',
      checks: { store: { up: true } },
    });
    expect((await app.inject({ url: '/health/ready', headers: headers() })).json()).toEqual({
      status: 'up',
      checks: { store: { up: true, holder: 'host-7 42' } },
    });
    for (const url of ['/metrics', '/v1/complaints', '/nowhere', '/health/other']) {
      const reply = await app.inject(url);
      expect([url, reply.statusCode, reply.headers['www-authenticate']]).toEqual([url, 401, 'Bearer realm="redress"']);
    }
    const metrics = await app.inject({ url: '/metrics', headers: headers() });
    expect(metrics.body).toContain(
      'redress_http_request_duration_seconds_count{method="GET",route="/health/live",status="200"} 1',
    );
  });

  test('headers that are too long return a problem response with status 431', async () => {
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as { port: number };
    const reply = await fetch(`http://127.0.0.1:${String(port)}/health/live`, {
      headers: { 'x-long': 'x'.repeat(20_000) },
    });
    expect(reply.status).toBe(431);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(await reply.json()).toMatchObject({ code: 'headers_too_large', status: 431 });
  });
});
