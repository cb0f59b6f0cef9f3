import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Role } from '../../src/access/actor.js';
import { startApp, type RunningApp } from '../support/app.js';
import { BulkRequest, sendLines, type BulkResponseLine } from '../support/bulk/bulk-request.js';
import { Client } from '../support/client.js';
import { eventually } from '../support/eventually.js';

const lodging = (key: string, data: object = {}) => ({
  command: 'LodgeComplaint',
  key,
  data: { channel: 'email', narrative: 'The parcel never came.', ...data },
});
const note = (key: string, complaint: string, text = 'Asked the carrier.') => ({
  command: 'AddNote',
  key,
  complaint,
  data: { text },
});

interface BulkAnswer {
  readonly results: readonly BulkResponseLine[];
  readonly summary: BulkResponseLine;
}

/** The answer as one value; the other form has one value per line. */
function answerOf(body: string | BulkAnswer): BulkAnswer {
  if (typeof body !== 'string') return body;
  const results = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as BulkResponseLine);
  return { summary: results.pop() ?? {}, results };
}

const withoutStatus = ({ status: _status, ...result }: BulkResponseLine) => result;

describe('POST /v1/commands', () => {
  let app: RunningApp;
  let service: Client;
  beforeAll(async () => {
    app = await startApp();
    service = new Client(app);
  });
  afterAll(() => app.stop());

  const batchEventsOf = (summary: BulkResponseLine | undefined) =>
    app.service.stores.eventStore.read(`batch-${String(summary?.batch)}`, { limit: 100 });

  /** The texts of the notes of a complaint, in their order. */
  async function notesOf(id: string | undefined): Promise<string[]> {
    const { body } = await service.get<{ events: { type: string; data: { text?: string } }[] }>(
      `/v1/complaints/${String(id)}/history`,
    );
    return body.events.flatMap(({ type, data }) => (type === 'NoteAdded' ? [data.text ?? ''] : []));
  }

  async function reconciliationOf(source: string) {
    const head = (await app.service.stores.eventStore.head()) ?? '';
    const { body } = await service.get<{
      totals: BulkResponseLine[];
      batches: (BulkResponseLine & { id: string; complete: boolean; name: string })[];
    }>(`/v1/reconciliation?source=${source}&minPosition=${head}`);
    return body;
  }

  /** Waits until the newest batch of a source is closed, and returns it. */
  async function closedBatch(source: string) {
    return eventually(async () => {
      const [batch] = (await reconciliationOf(source)).batches;
      if (batch?.sha256 == null) throw new Error('the batch is still open');
      return batch;
    });
  }

  describe('while the client sends', () => {
    test('a line is answered before the client sends the next line', async () => {
      const bulk = BulkRequest.open(app);
      await bulk.write(lodging('one-by-one'));
      expect(await bulk.status()).toBe(200);
      expect(await bulk.header('content-type')).toBe('application/x-ndjson');
      const lodged = await bulk.next();
      expect(lodged).toMatchObject({ line: 1, key: 'one-by-one', status: 'accepted', revision: 0 });
      await bulk.write(note('one-by-one/1', lodged?.reference ?? ''));
      expect(await bulk.next()).toMatchObject({ line: 2, status: 'accepted', id: lodged?.id, events: ['NoteAdded'] });
      bulk.end();
      const [summary] = await bulk.rest();
      expect(summary).toMatchObject({ read: 2, accepted: 2, alreadyThere: 0, rejected: 0 });
    });

    test('a client that sends 20 MB before it reads any result gets all results', async () => {
      const LINES = 84_000;
      const spools = mkdtempSync(join(tmpdir(), 'redress-spools-')); // used only by this test
      const tmpdirMock = jest.spyOn(os, 'tmpdir').mockReturnValue(spools);
      const bulk = BulkRequest.open(app, { path: '/v1/commands?source=late-reader' });
      const hash = createHash('sha256');
      const send = async (line: string) => {
        hash.update(line);
        await bulk.write(line);
      };
      const padding = 'x'.repeat(220);
      for (let number = 1; number <= LINES; number++)
        await send(
          number % 400 === 0
            ? `${JSON.stringify(lodging(`late-${String(number)}`))}\n`
            : `{"command":"Unknown","key":"late-${String(number)}","complaint":"c","data":{"padding":"${padding}"}}\n`,
        );
      bulk.end();
      await pause(300); // the results wait in the spool
      const results = await bulk.rest();
      const summary = results.pop();
      expect(summary).toMatchObject({ read: LINES, accepted: 210, rejected: LINES - 210, sha256: hash.digest('hex') });
      expect(results.map(({ line }) => line)).toEqual(Array.from({ length: LINES }, (_, index) => index + 1));
      tmpdirMock.mockRestore();
      expect(readdirSync(spools)).toEqual([]);
      rmdirSync(spools);
    });

    test.each([
      ['application/json', 'application/json'],
      ['application/json, application/x-ndjson, application/problem+json', 'application/json'],
      ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
      ['*/*', 'application/x-ndjson'],
    ])('Accept: %s is answered in %s, with the same results', async (accept, type) => {
      const send = (lines: readonly object[], accepted: string) =>
        service.call<string | BulkAnswer>('/v1/commands?source=accept', {
          method: 'POST',
          headers: {
            authorization: `Bearer ${app.keyOf('upstream')}`,
            'content-type': 'application/x-ndjson',
            accept: accepted,
          },
          body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
        });
      for (const lines of [[], [lodging('accepts')], [lodging('accepts'), note('n-accepts', 'nowhere'), {}]]) {
        const { headers, body } = await send(lines, accept);
        expect(headers.get('content-type')).toBe(type);
        const { body: expected } = await send(lines, '*/*'); // every line is already there, or rejected again
        const { results, summary } = answerOf(body);
        expect(results.map(withoutStatus)).toEqual(answerOf(expected).results.map(withoutStatus));
        expect(summary).toMatchObject({ read: lines.length, sha256: expect.any(String) as string });
      }
    });

    test('if the client breaks the connection, complete lines stay recorded and the batch is not complete', async () => {
      const bulk = BulkRequest.open(app, { path: '/v1/commands?source=breaks-off' });
      await bulk.write(lodging('broken-1'), lodging('broken-2'), '{"command":"LodgeCompl');
      expect([await bulk.next(), await bulk.next()]).toMatchObject([{ status: 'accepted' }, { status: 'accepted' }]);
      bulk.disconnect();
      const batch = await closedBatch('breaks-off');
      expect(batch).toMatchObject({ complete: false, read: 2, accepted: 2, rejected: 0 });
      const { results } = await sendLines(app, [lodging('broken-1'), lodging('broken-2')]);
      expect(results).toMatchObject([{ status: 'already_there' }, { status: 'already_there' }]);
    });

    test('if the client disconnects after its last line, its batch is closed exactly once', async () => {
      const bulk = BulkRequest.open(app, { path: '/v1/commands?source=leaves' });
      await bulk.write(...Array.from({ length: 500 }, (_, index) => lodging(`leaves-${String(index)}`)));
      bulk.end();
      expect(await bulk.next()).toMatchObject({ status: 'accepted' });
      bulk.disconnect();
      const batch = await closedBatch('leaves');
      await pause(50); // a second close would be recorded in this time
      const { batches } = await reconciliationOf('leaves');
      expect(batches).toHaveLength(1);
      const stored = await app.service.stores.eventStore.read(`batch-${batch.id}`, { limit: 10 });
      expect(stored.map(({ type }) => type)).toEqual(['IntakeBatchOpened', 'IntakeBatchClosed']);
      const { summary } = await sendLines(
        app,
        Array.from({ length: 500 }, (_, index) => lodging(`leaves-${String(index)}`)),
      );
      expect(summary).toMatchObject({ read: 500, alreadyThere: batch.accepted });
    });

    test('when the service stops, it ends open requests and records their batches as not complete', async () => {
      const other = await startApp();
      try {
        const bulk = BulkRequest.open(other, { path: '/v1/commands?source=stopped' });
        await bulk.write(lodging('stopped'));
        expect(await bulk.next()).toMatchObject({ status: 'accepted' });
        const store = other.service.stores.eventStore;
        const closings: string[] = [];
        const append = store.append.bind(store);
        store.append = (stream, expected, events) => {
          if (stream.startsWith('batch-')) closings.push(...events.map(({ type, data }) => `${type} ${data}`));
          return append(stream, expected, events);
        };
        await Promise.all([other.service.stop(), expect(bulk.rest()).rejects.toThrow()]);
        expect(closings).toHaveLength(1);
        expect(closings[0]).toMatch(/^IntakeBatchClosed .*"complete":false,"read":1/);
      } finally {
        await other.stop();
      }
    });
  });

  describe('lines for one complaint', () => {
    const texts = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => `step ${String(from + index)}`);

    test.each([
      ['without a source', {}],
      ['with a source', { sources: [{ system: 'crm', ref: 'order' }] }],
    ])('keep their order, by key, id or reference, for a complaint %s', async (kind, data) => {
      const key = `order ${kind}`.replaceAll(' ', '-');
      const { results: first } = await sendLines(app, [
        lodging(key, data),
        ...texts(1, 30).map((text, index) => note(`${key}/${String(index)}`, key, text)),
      ]);
      const { id = '', reference = '' } = first[0] ?? {};
      const names = [key, id, reference, reference.toLowerCase().replaceAll('-', ''), id.toUpperCase(), key];
      const more = texts(31, 90).map((text, index) =>
        note(`${key}/more/${String(index)}`, names[index % names.length] ?? '', text),
      );
      const { results, summary } = await sendLines(app, more);
      expect(summary).toMatchObject({ read: 60, accepted: 60 });
      expect(new Set(results.map((result) => result.id))).toEqual(new Set([id]));
      expect(await notesOf(id)).toEqual(texts(1, 90));
    });

    test('find the complaint by a key that has the form of an id', async () => {
      const key = '0b6b2f5e-5c1f-4f0e-9a55-3f0e8f2d7a61';
      const { results } = await sendLines(app, [
        lodging(key, { sources: [{ system: 'crm', ref: 'uuid' }] }),
        note('uuid/1', key),
      ]);
      expect(results).toMatchObject([{ status: 'accepted' }, { status: 'accepted', id: results[0]?.id }]);
      const { results: later } = await sendLines(app, [note('uuid/2', key)]);
      expect(later).toMatchObject([{ status: 'accepted', id: results[0]?.id }]);
    });

    test('cannot use the key of a complaint that another credential lodged', async () => {
      await sendLines(app, [lodging('of-upstream')]);
      const { results } = await sendLines(app, [note('of-handler', 'of-upstream')], { as: 'handler' });
      expect(results).toMatchObject([{ status: 'rejected', code: 'complaint_not_found' }]);
    });

    test('find the complaint although invalid lodgings with the same key come before and after the valid one', async () => {
      const valid = lodging('copied', { sources: [{ system: 'crm', ref: 'copied' }] });
      const { results } = await sendLines(app, [
        { ...valid, data: { ...valid.data, sources: [{ system: 'crm' }] } },
        valid,
        { ...valid, data: { ...valid.data, sources: [{ system: 'other', ref: 'copied' }], channel: 'pigeon' } },
        note('copied/1', 'copied'),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'accepted', 'rejected', 'accepted']);
      expect(results[3]?.id).toBe(results[1]?.id);
    });
  });

  describe('invalid lines', () => {
    test('get results with code and pointer, in the order of the lines, and are recorded in the batch', async () => {
      const invalid: readonly (readonly [line: string | Buffer | object, code: string, pointer?: string])[] = [
        ['{"command":\n', 'malformed_json'],
        [Buffer.concat([Buffer.from('{"key":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n')]), 'invalid_utf8'],
        ['[]\n', 'wrong_type', ''],
        ['"text"\n', 'wrong_type', ''],
        [`{"data":${'['.repeat(200)}${']'.repeat(200)}}\n`, 'too_deep'],
        ['{"__proto__":{}}\n', 'validation_failed', '/__proto__'],
        [{ ...lodging('b1'), surprise: 1 }, 'validation_failed', '/surprise'],
        [{ ...lodging('b2'), key: 'with blank' }, 'validation_failed', '/key'],
        [{ ...lodging('b3'), command: 'Lodge' }, 'unknown_command'],
        [{ ...lodging('b4'), command: 'toString' }, 'unknown_command'],
        [{ ...lodging('b5'), data: { channel: 'pigeon', narrative: 'x' } }, 'validation_failed', '/data/channel'],
        [{ ...lodging('b6'), occurredAt: 'noon' }, 'validation_failed', '/occurredAt'],
        [lodging('b7', { occurredAt: 'noon' }), 'validation_failed', '/data/occurredAt'],
        [lodging('b8', { narrative: undefined }), 'narrative_or_issue_missing', '/data/narrative'],
        [{ ...lodging('b9'), occurredAt: '2199-01-01T00:00:00Z' }, 'occurred_in_future', '/occurredAt'],
        [note('b10', 'nobody'), 'complaint_not_found', '/complaint'],
        [note('b11', '0b6b2f5e-5c1f-4f0e-9a55-3f0e8f2d7a62'), 'complaint_not_found', '/complaint'],
        [{ ...note('b12', 'x'), complaint: undefined }, 'validation_failed', '/complaint'],
        [`${'x'.repeat(1024 * 1024 + 1)}\n`, 'line_too_long'],
        [`${JSON.stringify(lodging('b13', { narrative: 'n'.repeat(1024 * 1024) }))}\n`, 'line_too_long'],
      ];
      const { results, summary } = await sendLines(app, [
        ...invalid.flatMap(([line], index) => [line, lodging(`valid-${String(index)}`)]),
        lodging('last'),
      ]);
      expect(summary).toMatchObject({
        read: invalid.length * 2 + 1,
        accepted: invalid.length + 1,
        rejected: invalid.length,
      });
      const rejected = results.filter(({ status }) => status === 'rejected');
      expect(rejected.map(({ line }) => line)).toEqual(invalid.map((_, index) => index * 2 + 1));
      expect(rejected.map(({ code, errors }) => [code, errors?.[0]?.pointer])).toEqual(
        invalid.map(([, code, pointer]) => [code, pointer]),
      );

      const lines = (await batchEventsOf(summary)).flatMap(
        ({ data }) => (JSON.parse(data) as { lines?: BulkResponseLine[] }).lines ?? [],
      );
      expect(lines.map(({ line, code }) => [line, code])).toEqual(rejected.map(({ line, code }) => [line, code]));
      const { body } = await service.get<{ lines: BulkResponseLine[] }>(
        `/v1/reconciliation/${String(summary.batch)}/rejected?minPosition=${(await app.service.stores.eventStore.head()) ?? ''}`,
      );
      expect(body.lines).toEqual(lines);
      expect(lines.find(({ code }) => code === 'narrative_or_issue_missing')).toEqual({
        line: 27, // the 14th invalid line: a valid line follows each of them
        reference: 'b8',
        code: 'narrative_or_issue_missing',
        pointer: '/data/narrative',
      });
    });

    test('are all recorded in the batch, even if there are 1,200 of them with long keys and field names', async () => {
      const name = 'n'.repeat(5000);
      const lines = Array.from({ length: 1200 }, (_, index) => ({
        key: `${'k'.repeat(120)}${String(index)}`,
        [name]: 1,
      }));
      const { summary } = await sendLines(app, lines);
      expect(summary).toMatchObject({ read: 1200, rejected: 1200 });
      const stored = await batchEventsOf(summary);
      expect(stored.map(({ type }) => type)).toEqual([
        'IntakeBatchOpened',
        'IntakeLinesRejected',
        'IntakeLinesRejected',
        'IntakeLinesRejected',
        'IntakeBatchClosed',
      ]);
    });

    test('a body with a media type that the route does not accept is refused', async () => {
      const send = (path: string, type: string, body = '{}\n') =>
        service.post<{ code: string }>(path, body, { as: 'upstream', headers: { 'content-type': type } });
      for (const [path, type] of [
        ['/v1/commands', 'application/json'],
        ['/v1/commands', 'text/csv'],
        ['/v1/imports/cfpb', 'application/x-ndjson'],
        ['/v1/imports/cfpb', 'application/json'],
        ['/v1/complaints', 'application/x-ndjson'],
        ['/v1/complaints', 'text/csv'],
      ] as const)
        expect([path, type, (await send(path, type)).body.code]).toEqual([path, type, 'unsupported_media_type']);
      // an empty source may be refused, but is no fault of the service
      expect((await send('/v1/commands?source=', 'application/x-ndjson')).status).toBeLessThan(500);
      const withoutKey = await fetch(`${app.url}/v1/commands`, { method: 'POST', body: '{}' });
      expect(withoutKey.status).toBe(401);
    });

    test('a known source reference with different content is refused, and the errors name the fields', async () => {
      const sources = [{ system: 'crm', ref: 'order-19' }];
      const points = [{ issue: 'cold', subject: { product: 'dinner' } }];
      const { results } = await sendLines(app, [
        lodging('first-order-19', { sources, points }),
        lodging('again-order-19', { sources, points }),
        lodging('other-order-19', {
          sources,
          points: [{ issue: 'cold', subject: { product: 'lunch' } }],
          narrative: 'Other.',
        }),
        lodging('first-order-19', { sources, points, narrative: 'Another text under the same key.' }),
      ]);
      expect(results).toMatchObject([
        { status: 'accepted' },
        { status: 'already_there', id: results[0]?.id },
        { status: 'rejected', code: 'external_ref_reused', id: results[0]?.id },
        { status: 'rejected', code: 'idempotency_key_reused', id: results[0]?.id },
      ]);
      expect(results[2]?.errors?.map(({ pointer }) => pointer).sort()).toEqual([
        '/data/narrative',
        '/data/points/0/subject/product',
      ]);
    });
  });

  describe('lines that are sent again', () => {
    const lines = Array.from({ length: 50 }, (_, index) => [
      lodging(`again-${String(index)}`, index % 2 === 0 ? { sources: [{ system: 'shop', ref: String(index) }] } : {}),
      note(`again-${String(index)}/1`, `again-${String(index)}`),
    ]).flat();

    test('change no complaint and have the status already_there', async () => {
      const complaintEvents = async () =>
        (await app.service.stores.eventStore.readAll({ prefixes: ['complaint-'], limit: 1_000_000 })).length;
      const path = '/v1/commands?source=again&name=day.ndjson';
      const { results: first } = await sendLines(app, lines, { path });
      const before = await complaintEvents();
      const { results, summary } = await sendLines(app, lines, { path });
      expect(await complaintEvents()).toBe(before);
      expect(summary).toMatchObject({ read: 100, accepted: 0, alreadyThere: 100, rejected: 0 });
      expect(results).toEqual(first.map((result) => ({ ...result, status: 'already_there' })));
      const { totals, batches } = await reconciliationOf('again');
      expect(totals).toEqual([
        {
          source: 'again',
          batches: 2,
          interrupted: 0,
          read: 200,
          accepted: 100,
          alreadyThere: 100,
          unchanged: 0,
          rejected: 0,
        },
      ]);
      expect(batches).toMatchObject([
        { name: 'day.ndjson', alreadyThere: 100, sha256: summary.sha256 },
        { name: 'day.ndjson', accepted: 100, sha256: summary.sha256 },
      ]);
    });

    test('are recognised when they are sent as single commands', async () => {
      const reply = await service.post<BulkResponseLine>(
        '/v1/complaints',
        { channel: 'email', narrative: 'The parcel never came.' },
        { as: 'upstream', key: 'again-1' },
      );
      expect(reply).toMatchObject({ status: 200, body: { alreadyThere: true } });
    });
  });

  test('in the reconciliation, the counts of every batch and every source add up', async () => {
    const { body } = await service.get<{ totals: Required<BulkResponseLine>[]; batches: Required<BulkResponseLine>[] }>(
      `/v1/reconciliation?minPosition=${(await app.service.stores.eventStore.head()) ?? ''}&limit=1000`,
    );
    for (const counts of [...body.totals, ...body.batches])
      expect(counts.accepted + counts.alreadyThere + counts.unchanged + counts.rejected).toBe(counts.read);
    for (const total of body.totals) {
      const batches = body.batches.filter(({ source }) => source === total.source);
      expect(batches.reduce((sum, { read }) => sum + read, 0)).toBe(total.read);
    }
    const before2020 = await service.get<{ batches: [] }>('/v1/reconciliation?to=2020-01-01T00:00:00Z');
    expect(before2020.body.batches).toEqual([]);
    expect((await service.get('/v1/reconciliation/unknown-batch/rejected')).status).toBe(404);
  });

  const roles: readonly Role[] = ['intake_officer', 'handler'];
  test.each(roles)('the credential of %s can use an idempotency key that another credential uses', async (as) => {
    const { results } = await sendLines(app, [lodging('shared-key')], { as });
    expect(results).toMatchObject([{ status: 'accepted' }]);
  });
});
