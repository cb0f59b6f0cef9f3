import fc from 'fast-check';
import { main } from '../../src/cli/main.js';
import { startApp, type RunningApp } from '../support/app.js';
import { sendLines, type BulkResponseLine } from '../support/bulk/bulk-request.js';
import { Client } from '../support/client.js';
import { assertConcurrently, examples } from '../support/examples.js';

/*
 * Generated odd and hostile input for every way into the service. Nothing may be lost without a word, no answer may be
 * 5xx, and no number may be wrong. What was sent is counted by a reader of the same bytes that shares no code with the
 * service.
 */

const EXAMPLES = 1_000;

const ODD_UNITS =
  '\u0000\u0007\t\n\r\u0085\u00a0\u00ad\u034f\u115f\u200b\u200e\u2028\u2029\u202e\u2060\u2800\u3000\u3164\ufe0f\ufeff\uffff\ufffd' +
  '\ud83d\ude00\u0301\u00e9\uff11菜\'"\\,;=%&+-\u2013 01a{}[]$';
const ODD_CHARACTERS = [
  ...['\u{e0041}', 'e\u0301', '\u{1d159}', '👩‍🚒', '🇨🇳', '__proto__', 'NaN', '-0'],
  ...ODD_UNITS.split(''),
];
const oddText = fc.oneof(
  fc.array(fc.constantFrom(...ODD_CHARACTERS), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '1e3', '9007199254740993', '-1', '2026-02-30', 'null', 'x'.repeat(600)),
);
const lineEnd = fc.constantFrom('\n', '\r\n', '\r', '\r\r\n');
const oddBytes = fc
  .constantFrom([0xff], [0xc3, 0x28], [0xed, 0xa0, 0xbd], [0xfe, 0xff])
  .map((bytes) => Buffer.from(bytes));

/** Counts the lines that are not blank: an independent reader of the bytes of a bulk request. */
function countLines(bytes: Buffer): number {
  const text = bytes.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  const [first = '\n'] = /\r*\n|\r/.exec(text) ?? [];
  const lines = text.split(first.endsWith('\n') ? '\n' : '\r');
  return lines.filter((line) => /[^ \t\r\n]/.test(line)).length;
}

describe('hostile input', () => {
  let app: RunningApp;
  let service: Client;
  /** Makes keys and references unique over all examples. */
  let count = 0;
  const unique = () => `u${String((count += 1))}`;
  // a service for each test, so that the examples of one do not slow down those of the next
  beforeEach(async () => {
    app = await startApp();
    service = new Client(app);
  });
  afterEach(() => app.stop());

  /** Checks that each line has one result, and that no refusal is a fault of the service. */
  function expectAllReported(results: readonly BulkResponseLine[], summary: BulkResponseLine, lines: number): void {
    expect(results).toHaveLength(lines);
    expect(summary.read).toBe(lines);
    const { accepted = 0, alreadyThere = 0, unchanged = 0, rejected = 0 } = summary;
    expect(accepted + alreadyThere + unchanged + rejected).toBe(lines);
    expect(results.filter(({ code }) => code === 'internal_error')).toEqual([]);
  }

  test('in bulk: each line has a result, and each valid line is recorded', async () => {
    const line = fc.oneof(
      { weight: 3, arbitrary: fc.constant('valid' as const) },
      oddText.filter((text) => text.isWellFormed()).map((text) => Buffer.from(text.replace(/[\r\n]/g, ' '))),
      oddBytes,
      oddText.map((text) =>
        Buffer.from(JSON.stringify({ command: 'AddNote', key: 'k', complaint: text, data: { text } })),
      ),
      oddText.map((text) => Buffer.from(JSON.stringify({ command: text, key: text, data: { [text]: text } }))),
      oddText.map((text) =>
        Buffer.from(`{"command":"AddNote","key":"k","complaint":"x","data":{${JSON.stringify(text)}:1}}`),
      ),
    );
    await assertConcurrently(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), lineEnd, fc.boolean(), async (lines, end, withMark) => {
        const parts = lines.map((each) => {
          const data = { channel: 'email', narrative: 'The parcel never came.' };
          return each === 'valid'
            ? Buffer.from(JSON.stringify({ command: 'LodgeComplaint', key: unique(), data }))
            : each;
        });
        const bytes = Buffer.concat([
          Buffer.from(withMark ? '\ufeff' : ''),
          ...parts.flatMap((part) => [part, Buffer.from(end)]),
        ]);
        const { results, summary } = await sendLines(app, [bytes]);
        expectAllReported(results, summary, countLines(bytes));
        expect(summary.accepted).toBeGreaterThanOrEqual(lines.filter((each) => each === 'valid').length);
      }),
      EXAMPLES,
    );
  });

  test('in CSV: each row has a result, and each valid row is recorded', async () => {
    const header =
      'Date received,Product,Issue,Company,Submitted via,Company response to consumer,Timely response?,Complaint ID';
    const visible = oddText.filter((text) => text.length < 200 && /[a-z菜]/.test(text) && text.isWellFormed());
    const cell = visible.map((text) => `"${text.replace(/[\p{Cc}"]/gu, '')}"`);
    const odd = fc.oneof(
      fc.constant(Buffer.from('no,such,row')),
      fc.constant(Buffer.from('31/31/2020,P,I,C,Web,Closed,Yes,1')),
      oddBytes.map((bytes) => Buffer.concat([Buffer.from('1/2/2020,'), bytes, Buffer.from(',I,C,Web,Closed,Yes,1')])),
      fc.constant(Buffer.from('1/2/2020,5" pipe,I,C,Web,Closed,Yes,1')),
    );
    await assertConcurrently(
      fc.asyncProperty(
        fc.array(fc.oneof(cell, odd), { maxLength: 8 }),
        lineEnd,
        fc.boolean(),
        async (rows, end, withMark) => {
          const lines = rows.map((each) =>
            typeof each === 'string'
              ? Buffer.from(`1/2/2020,${each},I,C,Web,Closed,Yes,${String(100_000_000 + (count += 1))}`)
              : each,
          );
          const bytes = Buffer.concat([
            Buffer.from(withMark ? '\ufeff' : ''),
            ...[Buffer.from(header), ...lines].flatMap((part) => [part, Buffer.from(end)]),
          ]);
          const { results, summary } = await sendLines(app, [bytes], { path: '/v1/imports/cfpb', type: 'text/csv' });
          expectAllReported(results, summary, countLines(bytes) - 1);
          expect(summary.accepted).toBe(rows.filter((each) => typeof each === 'string').length);
        },
      ),
      EXAMPLES,
    );
  });

  test('in JSON: what is accepted is recorded as it was sent, and what is refused names its field', async () => {
    const time = fc.oneof(
      fc.constantFrom('2016-12-31T23:59:60Z', '2026-06-15T10:30:60+08:00', '2026-02-30T00:00:00Z', '2026-11-22'),
      fc
        .date({ min: new Date('1900-01-02'), max: new Date('2026-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      oddText,
    );
    const lodging = fc.record({ narrative: oddText, product: oddText, ref: oddText, receivedAt: time });
    await assertConcurrently(
      fc.asyncProperty(lodging, async ({ narrative, product, ref, receivedAt }) => {
        const body = {
          channel: 'phone',
          narrative,
          receivedAt,
          points: [{ issue: 'i', subject: { product } }],
          sources: [{ system: unique(), ref }],
        };
        const text = JSON.stringify(body);
        const reply = await service.post<{
          id: string;
          code: string;
          errors?: readonly { readonly pointer?: string }[];
        }>('/v1/complaints', text);
        if (reply.status !== 201) {
          expect([reply.status, reply.body.code]).toEqual([400, 'validation_failed']);
          expect(reply.body.errors?.every(({ pointer }) => pointer !== undefined)).toBe(true);
          return;
        }
        const { body: history } = await service.get<{ events: readonly { readonly data: Record<string, unknown> }[] }>(
          `/v1/complaints/${reply.body.id}/history`,
        );
        const sent = JSON.parse(text) as typeof body;
        expect(history.events[0]?.data).toMatchObject({
          narrative: sent.narrative,
          points: [{ subject: { product: sent.points[0]?.subject.product } }],
          sources: [{ system: sent.sources[0]?.system, ref: sent.sources[0]?.ref.normalize('NFC') }],
          receivedAt: { precision: 'instant', at: new Date(sent.receivedAt).toISOString() },
        });
      }),
      EXAMPLES,
    );
  });

  test('in query strings: an answer counts what it should, and what is refused names its parameter', async () => {
    const own = unique();
    const days = Array.from({ length: 30 }, (_, index) =>
      new Date(Date.UTC(2025, 0, 1 + 11 * index)).toISOString().slice(0, 10),
    );
    for (const day of days)
      await service.post('/v1/complaints', {
        channel: 'phone',
        narrative: 'n',
        receivedAt: `${day}T12:00:00Z`,
        points: [{ subject: { product: own } }],
      });
    const head = encodeURIComponent((await app.service.stores.eventStore.head()) ?? '');
    expect((await service.get(`/v1/trends?groupBy=product&minPosition=${head}`)).status).toBe(200);
    const day = fc.oneof(
      fc
        .date({ min: new Date('2024-12-01'), max: new Date('2026-02-01'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10)),
      fc.constantFrom('2025-02-29', '2025-13-01', '2025-00-10', '20250101', '٢٠٢٥-٠١-٠١'),
      oddText,
    );
    const well = oddText.filter((text) => text.isWellFormed());
    const request = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record(
          { path: fc.constant('/v1/trends'), groupBy: fc.constant('month'), from: day, to: day },
          { requiredKeys: ['path', 'groupBy'] },
        ),
      },
      fc.record(
        { path: fc.constant('/v1/trends'), groupBy: well, zone: well, product: well },
        { requiredKeys: ['path'] },
      ),
      fc.record(
        { path: fc.constant('/v1/queue'), cursor: well, limit: well, stage: well, handler: well, source: well },
        { requiredKeys: ['path'] },
      ),
      fc.record(
        { path: fc.constant('/v1/reconciliation'), source: well, from: well, to: well },
        { requiredKeys: ['path'] },
      ),
      fc.record(
        { path: well.map((text) => `/v1/complaints/${encodeURIComponent(text)}`), asOf: well, revision: well },
        { requiredKeys: ['path'] },
      ),
    );
    await assertConcurrently(
      fc.asyncProperty(request, async ({ path, ...parameters }) => {
        const encoded = Object.entries(parameters).map(([name, text]) => [name, text.toWellFormed()] as const);
        const query = encoded.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&');
        const counted = path === '/v1/trends' && 'from' in parameters && !('product' in parameters);
        const filter = counted || ('to' in parameters && path === '/v1/trends') ? `&product=${own}` : '';
        const reply = await service.get<{
          errors?: readonly { readonly pointer?: string }[];
          total?: { complaints: number };
        }>(`${path}?${query}${filter}`);
        expect([200, 400, 404]).toContain(reply.status);
        if (reply.status === 400 && path !== '/v1/complaints/')
          expect(reply.body.errors?.every(({ pointer }) => pointer !== undefined) ?? true).toBe(true);
        if (reply.status !== 200 || filter === '') return;
        const { from = '0', to = '9' } = Object.fromEntries(encoded);
        expect(reply.body.total?.complaints).toBe(days.filter((each) => from <= each && each <= to).length);
      }),
      EXAMPLES,
    );
  });

  test('on the command line: a refusal is one line without a stack, and the exit code is not 0', async () => {
    process.stdout.setMaxListeners(0); // each run of the command adds a listener
    const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    let notices = '';
    const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      notices += String(text);
      return true;
    });
    const argument = oddText.filter((text) => text.isWellFormed() && !text.includes('\u0000') && !text.startsWith('-'));
    const commands = fc.oneof(
      fc.tuple(
        fc.constant('trends'),
        fc.constantFrom('--group-by', '--zone', '--from', '--to', '--product', '--severity'),
        argument,
      ),
      fc.tuple(
        fc.constant('queue'),
        fc.constantFrom('--stage', '--cursor', '--limit', '--handler', '--product'),
        argument,
      ),
      fc.tuple(fc.constant('history'), argument),
      fc.tuple(fc.constant('history'), fc.constant('x'), fc.constantFrom('--as-of', '--revision'), argument),
      fc.tuple(fc.constant('reconcile'), fc.constantFrom('--source', '--from', '--batch'), argument),
    );
    try {
      await fc.assert(
        fc.asyncProperty(commands, async ([name, ...rest]) => {
          notices = '';
          process.exitCode = 0;
          const grouped = name === 'trends' && rest[0] !== '--group-by' ? ['--group-by', 'month'] : [];
          await main(['node', 'redress', '--data', app.folder, name, ...grouped, ...rest]);
          const refused = process.exitCode !== 0;
          process.exitCode = 0;
          expect(notices).not.toMatch(/\n {4}at /);
          if (refused) expect(notices).not.toBe('');
        }),
        examples(EXAMPLES),
      );
    } finally {
      process.exitCode = 0;
      stdout.mockRestore();
      stderr.mockRestore();
    }
  });
});
