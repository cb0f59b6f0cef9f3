import { gzipSync } from 'node:zlib';
import { startApp, type RunningApp } from '../support/app.js';
import { sendLines } from '../support/bulk/bulk-request.js';
import { Client, type Reply } from '../support/client.js';

interface ProblemBody {
  readonly code: string;
  readonly id?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly code: string; readonly message: string }[];
}

const HEADER =
  'Date received,Product,Issue,Company,Submitted via,Company response to consumer,Timely response?,Complaint ID';
const row = (id: number | string, product = 'Mortgage') =>
  `1/2/2020,${product},Trouble,ACME,Web,Closed,Yes,${String(id)}`;

describe('shapes of input over HTTP', () => {
  let app: RunningApp;
  let service: Client;
  const lodging = { channel: 'phone', narrative: 'The parcel never came.' };
  beforeAll(async () => {
    app = await startApp();
    service = new Client(app);
  });
  afterAll(() => app.stop());

  const lodge = (fields: object, key?: string) =>
    service.post<ProblemBody & { reference: string; alreadyThere: boolean }>(
      '/v1/complaints',
      { ...lodging, ...fields },
      key === undefined ? {} : { key },
    );
  const sourced = (system: string, ref: string, key?: string) => lodge({ sources: [{ system, ref }] }, key);
  const head = async () => (await app.service.stores.eventStore.head()) ?? '';
  const get = async (path: string) =>
    service.get<ProblemBody & Record<string, unknown>>(
      `${path}${path.includes('?') ? '&' : '?'}minPosition=${encodeURIComponent(await head())}`,
    );
  const firstError = ({ status, body }: Reply<ProblemBody>) => [
    status,
    body.errors?.[0]?.pointer,
    body.errors?.[0]?.code,
  ];
  const importCsv = (text: string | Buffer, type = 'text/csv') =>
    sendLines(app, [Buffer.from(text)], { path: '/v1/imports/cfpb', type });

  describe('line ends', () => {
    test.each([
      ['LF', '\n', 1000],
      ['CRLF', '\r\n', 1010],
      ['CR', '\r', 1020],
      ['two CR and LF', '\r\r\n', 1030],
    ])('every row of a register whose lines end with %s is read', async (_name, lineEnd, start) => {
      const text = [HEADER, row(start), '', row(start + 1, `"Loan${lineEnd}2"`), ''].join(lineEnd);
      const { summary } = await importCsv(text);
      expect(summary).toMatchObject({ read: 2, accepted: 2, rejected: 0 });
    });

    test('a row with another line end is rejected, and the other rows are read', async () => {
      const { results, summary } = await importCsv(`${HEADER}\n${row(2001)}\r${row(2002)}\n${row(2003)}\n`);
      expect(summary).toMatchObject({ read: 2, accepted: 1, rejected: 1 });
      expect(results[0]).toMatchObject({ line: 2, status: 'rejected' });
    });

    test('commands whose lines end with CR are read', async () => {
      const line = (key: string) => JSON.stringify({ command: 'LodgeComplaint', key, data: lodging });
      const { summary } = await sendLines(app, [`${line('cr-1')}\r${line('cr-2')}\r`]);
      expect(summary).toMatchObject({ read: 2, accepted: 2 });
    });

    test('U+2028 in a rejected cell does not end a line of the answer', async () => {
      const { results, summary } = await importCsv(`${HEADER}\n${row('\u2028')}\n`);
      expect([results.length, summary.rejected]).toEqual([1, 1]);
    });
  });

  describe('characters', () => {
    test.each([
      ['application/json; charset=gbk', '/v1/complaints'],
      ['application/json;CHARSET="latin1"', '/v1/complaints'],
      ['application/json; charset=utf-16', '/v1/complaints'],
      ['application/x-ndjson; charset=gbk', '/v1/commands'],
      ['text/csv; header=present; charset=windows-1252', '/v1/imports/cfpb'],
    ])('%s is answered with 415 on %s', async (type, path) => {
      const reply = await service.post<ProblemBody>(path, '{}', { as: 'upstream', headers: { 'content-type': type } });
      expect([reply.status, reply.body.code]).toEqual([415, 'unsupported_media_type']);
    });

    test.each([
      'application/json; charset=utf-8',
      'application/json; charset="UTF-8"',
      'Application/JSON;charset=utf8',
    ])('%s is accepted', async (type) => {
      expect((await service.post('/v1/complaints', lodging, { headers: { 'content-type': type } })).status).toBe(201);
    });

    test.each([
      ['application/json', '/v1/complaints'],
      ['application/x-ndjson', '/v1/commands'],
      ['text/csv', '/v1/imports/cfpb'],
    ])('a compressed body is answered with 415: %s', async (type, path) => {
      const headers = { 'content-type': type, 'content-encoding': 'gzip' };
      const reply = await service.post<ProblemBody>(path, gzipSync('{}'), { as: 'upstream', headers });
      expect([reply.status, reply.body.code, reply.headers.get('accept-encoding')]).toEqual([
        415,
        'unsupported_media_type',
        'identity',
      ]);
    });

    test('a byte order mark before JSON, lines and rows is ignored', async () => {
      const mark = '\ufeff';
      expect((await service.post('/v1/complaints', `${mark}${JSON.stringify(lodging)}`)).status).toBe(201);
      const line = JSON.stringify({ command: 'LodgeComplaint', key: 'bom', data: lodging });
      expect((await sendLines(app, [`${mark}${line}\n`])).summary).toMatchObject({ accepted: 1 });
      expect((await importCsv(`${mark}${HEADER}\n${row(3001)}\n`)).summary).toMatchObject({ accepted: 1 });
    });

    test('half of a surrogate pair in a name rejects one line, and the answer has its summary', async () => {
      const line = '{"command":"AddNote","key":"a","complaint":"x","data":{"\\ud83d":1}}';
      const { results, summary } = await sendLines(app, [`${line}\n`]);
      expect(results).toMatchObject([{ line: 1, status: 'rejected', code: 'validation_failed' }]);
      expect(summary).toMatchObject({ read: 1, rejected: 1 });
    });

    test('reasons and recourse of nothing visible are empty', async () => {
      const { body } = await lodge({});
      const points = [{ id: 'p1', outcome: 'not_upheld', reasons: '\u200b\u2800\u3164' }];
      const reply = await service.post<ProblemBody>(`/v1/complaints/${String(body.id)}/make-determination`, {
        points,
        recourse: '\u200b',
      });
      expect(reply.body.errors?.map(({ pointer, code }) => [pointer, code])).toEqual([
        ['/points/0/reasons', 'empty'],
        ['/recourse', 'empty'],
      ]);
    });
  });

  describe('identity', () => {
    test.each([
      ['4711 ', 'blank_at_end'],
      [' 4711', 'blank_at_end'],
      ['\u200b4711', 'invisible_character'],
      ['47\n11', 'control_character'],
    ])('the source reference %j is refused with %s', async (ref, code) => {
      expect(firstError(await sourced('crm', ref))).toEqual([400, '/sources/0/ref', code]);
      expect(firstError(await sourced(ref, '4711'))).toEqual([400, '/sources/0/system', code]);
    });

    test('a source reference is the same in each Unicode form, and another in full width', async () => {
      const first = await sourced('crm', 'Caf\u00e9-1');
      const again = await sourced('crm', 'Cafe\u0301-1');
      expect([first.status, again.status, again.body.id]).toEqual([201, 200, first.body.id]);
      const wide = await sourced('crm', 'Caf\u00e9-\uff11');
      expect([wide.status, wide.body.id === first.body.id]).toEqual([201, false]);
    });

    test('a key that lodged a complaint is refused for another source, with the complaint that it lodged', async () => {
      const first = await sourced('shop', '04711', 'shared-key');
      const other = await sourced('shop', '4711', 'shared-key');
      expect([first.status, other.status, other.body.code, other.body.id]).toEqual([
        201,
        409,
        'idempotency_key_reused',
        first.body.id,
      ]);
      const without = await lodge({}, 'shared-key');
      expect([without.status, without.body.code]).toEqual([409, 'idempotency_key_reused']);
      const again = await sourced('shop', '04711', 'shared-key');
      expect([again.status, again.body.alreadyThere]).toEqual([200, true]);
    });

    test('lodgings with one key that are sent at once make one complaint', async () => {
      const refs = Array.from({ length: 8 }, (_, index) => `at-once-${String(index)}`);
      const replies = await Promise.all(refs.map((ref) => sourced('shop', ref, 'at-once')));
      expect(replies.map(({ status }) => status).sort()).toEqual([201, ...refs.slice(1).map(() => 409)]);
    });

    test('a reference is found as people type it', async () => {
      const { body } = await lodge({});
      const { reference } = body;
      const wide = reference.replace(/[0-9A-Z]/g, (character) =>
        String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0),
      );
      for (const typed of [
        reference.toLowerCase(),
        wide,
        reference.replaceAll('-', '\u2013'),
        ` ${reference.replaceAll('-', ' ')}`,
      ]) {
        const file = await get(`/v1/complaints/${encodeURIComponent(typed)}`);
        expect([typed, file.status, file.body.id]).toEqual([typed, 200, body.id]);
      }
    });

    test('in bulk, a note that names the key of a refused lodging is refused', async () => {
      const first = await sourced('crm', 'taken');
      const data = { ...lodging, narrative: 'Something else.', sources: [{ system: 'crm', ref: 'taken' }] };
      const note = { command: 'AddNote', key: 'n-k', complaint: 'K', data: { text: 'a' } };
      const { results } = await sendLines(app, [{ command: 'LodgeComplaint', key: 'K', data }, note]);
      expect(results).toMatchObject([{ code: 'external_ref_reused' }, { code: 'complaint_not_found' }]);
      expect(first.status).toBe(201);
    });
  });

  describe('times', () => {
    test.each([
      ['2026-06-15T10:30:60Z', '/receivedAt', 'impossible_date'],
      [{ day: '2011-12-30', zone: 'Pacific/Apia' }, '/receivedAt', 'impossible_date'],
      [{ day: '2026-02-30', zone: 'Asia/Shanghai' }, '/receivedAt', 'impossible_date'],
      [{ day: '2026-02-20', zone: '+05:07' }, '/receivedAt/zone', 'unknown_zone'],
    ])('the time %j is refused', async (receivedAt, pointer, code) => {
      expect(firstError(await lodge({ receivedAt }))).toEqual([400, pointer, code]);
    });

    test.each([
      ['/v1/trends?groupBy=month&from=2026-02-30', '/from', 'impossible_date'],
      ['/v1/trends?groupBy=month&to=2014-13-01', '/to', 'impossible_date'],
      ['/v1/trends?groupBy=month&from=2026-03-02&to=2026-03-01', '/from', 'refused'],
      ['/v1/trends?groupBy=month&zone=%2B05:07', '/zone', 'unknown_zone'],
      ['/v1/reconciliation?from=2026-02-30T00:00:00Z', '/from', 'impossible_date'],
      ['/v1/reconciliation?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', '/from', 'refused'],
      ['/v1/complaints/none?asOf=2026-06-15T10:30:60Z', '/asOf', 'impossible_date'],
    ])('%s is refused', async (path, pointer, code) => {
      expect(firstError(await service.get<ProblemBody>(path))).toEqual([400, pointer, code]);
    });
  });

  describe('queries', () => {
    test.each([
      Buffer.from('[false,"\\ud800","x"]').toString('base64url'),
      Buffer.from('[false,"2026-01-01T00:00:00.000Z","\\u0000"]').toString('base64url'),
      Buffer.from('[false,"x","y"]').toString('base64url'),
      Buffer.from('[]').toString('base64url'),
      Buffer.from('null').toString('base64url'),
      '!!!!',
      'W10=',
    ])('the cursor %s is answered with 400 at /cursor', async (cursor) => {
      const reply = await service.get<ProblemBody>(`/v1/queue?cursor=${encodeURIComponent(cursor)}`);
      expect(firstError(reply)).toEqual([400, '/cursor', 'wrong_form']);
    });

    test('positions are compared as numbers', async () => {
      await lodge({});
      for (const position of ['1', '01', Number(await head()).toString()])
        expect((await service.get(`/v1/queue?minPosition=${position}`)).status).toBe(200);
    });

    test.each([
      ['/v1/trends?groupBy=outcome&product=mortgage', '/product', 'unknown_value', '"Mortgage"'],
      ['/v1/queue?product=nothing', '/product', 'unknown_value', '"Mortgage"'],
      ['/v1/trends?groupBy=outcome&companyResponse=unheard-of', '/companyResponse', 'unknown_value', '"Closed"'],
      ['/v1/trends?groupBy=outcome&severity=Serious', '/severity', 'not_in_list', 'serious'],
      ['/v1/trends?groupBy=outcome&channel=pigeon', '/channel', 'not_in_list', 'phone'],
      ['/v1/queue?stage=received', '/stage', 'not_in_list', 'Received'],
      ['/v1/reconciliation?source=nobody', '/source', 'unknown_value', '"cfpb"'],
    ])('%s names the unknown value and what exists', async (path, pointer, code, named) => {
      const reply = (await get(path)) as Reply<ProblemBody>;
      expect(firstError(reply)).toEqual([400, pointer, code]);
      expect(reply.body.errors?.[0]?.message).toContain(named);
    });

    test('an existing value without complaints in the span is an empty answer', async () => {
      const reply = await get('/v1/trends?groupBy=outcome&product=Mortgage&from=1999-01-01&to=1999-12-31');
      expect([reply.status, reply.body.rows]).toEqual([200, []]);
    });
  });

  test('a currency that does not exist is refused', async () => {
    const { body } = await lodge({});
    const reply = await service.post<ProblemBody>(`/v1/complaints/${String(body.id)}/record-redress-payment`, {
      exGratia: true,
      money: { amount: 100, currency: 'ZZZ' },
    });
    expect(firstError(reply)).toEqual([400, '/money/currency', 'unknown_currency']);
  });
});
