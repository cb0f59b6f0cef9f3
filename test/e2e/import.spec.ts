import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../projections/catalogue.js';
import { intakeBatches } from '../../projections/intake-batches/projection.js';
import { startApp, type RunningApp } from '../support/app.js';
import { BulkRequest, sendLines, type BulkResponseLine } from '../support/bulk/bulk-request.js';
import { Client } from '../support/client.js';

const HEADER =
  'date_received,product,sub_product,issue,sub_issue,consumer_complaint_narrative,company_public_response,company,state,' +
  'zip_code,tags,consumer_consent_provided,submitted_via,date_sent_to_company,company_response_to_consumer,' +
  'timely_response,consumer_disputed,complaint_id';

/** A row of the newer layout. Its narrative has a line break, so it takes two lines of the file. */
const row = (
  id: number | string,
  cells: { product?: string; response?: string; disputed?: string; received?: string } = {},
) =>
  [
    cells.received ?? '2017-03-21',
    cells.product ?? 'Mortgage',
    '',
    'Closing',
    '',
    '"They said ""no"",\nand XXXX."',
    '',
    'A Bank',
    'TX',
    '770XX',
    'Older American',
    'Consent provided',
    'Web',
    '2017-03-22',
    cells.response ?? 'Closed with explanation',
    'true',
    cells.disputed ?? '',
    String(id),
  ].join(',');
const file = (...rows: readonly string[]) => `${[HEADER, ...rows].join('\n')}\n`;

type RowResult = BulkResponseLine & {
  readonly complaint?: string;
  readonly newEvents: number;
  readonly warnings: readonly Record<string, string>[];
  readonly rejected: readonly Record<string, string>[];
};

/** Two extracts of the public register. They are not in this repository; the test that needs them is skipped then. */
const extracts = ['cfpb-2013-2016.csv', 'cfpb-narratives.csv'].map((name) =>
  join(__dirname, '..', '..', '..', 'shared', 'data', name),
);
const testWithExtracts = extracts.every((path) => existsSync(path)) ? test : test.skip;

describe('the import of the CFPB register', () => {
  let app: RunningApp;
  let service: Client;
  beforeEach(async () => {
    app = await startApp();
    service = new Client(app);
  });
  afterEach(() => app.stop());

  async function importFile(text: string | Buffer, name = 'a.csv') {
    const path = `/v1/imports/cfpb?name=${encodeURIComponent(name)}`;
    const { results, summary } = await sendLines(app, [text], { path, type: 'text/csv' });
    return { rows: results as unknown as RowResult[], summary };
  }
  const head = async () => (await app.service.stores.eventStore.head()) ?? '';
  const eventTypesOf = async (complaint: string | undefined) =>
    (await service.get<{ events: { type: string }[] }>(`/v1/complaints/${complaint ?? ''}/history`)).body.events.map(
      ({ type }) => type,
    );
  /**
   * The content digests of the read models of complaints, by name. Leaves out `intake_batches`, whose content differs for
   * every import. Expects that each read model is equal to its rebuild.
   */
  async function complaintDigests({ service: { stores } }: RunningApp): Promise<Record<string, string | undefined>> {
    const { projections, eventStore } = stores;
    const digests: Record<string, string | undefined> = {};
    for (const { name } of catalogue.filter((projection) => projection !== intakeBatches)) {
      await projections.waitFor(name, (await eventStore.head()) ?? '', 30_000);
      const { outcome, live } = await projections.execute({ kind: 'compare', name });
      expect([name, outcome]).toEqual([name, 'equal']);
      digests[name] = live?.contentDigest;
    }
    return digests;
  }

  test('records a complaint for each row, and its register outcome if the row states one', async () => {
    const { rows, summary } = await importFile(file(row(1), row(2, { response: '' })));
    expect(rows).toMatchObject([
      { line: 3, reference: '1', status: 'accepted', newEvents: 2, warnings: [], rejected: [] },
      { line: 5, reference: '2', status: 'accepted', newEvents: 1 },
    ]);
    expect(summary).toMatchObject({ read: 2, accepted: 2, alreadyThere: 0, rejected: 0 });
    expect(await eventTypesOf(rows[0]?.complaint)).toEqual(['ComplaintReceived', 'ExternalOutcomeRecorded']);
    const { body } = await service.get<{ lodged: { facts: { narrative: string } } }>(
      `/v1/complaints/${rows[0]?.complaint ?? ''}?minPosition=${await head()}`,
    );
    expect(body.lodged.facts.narrative).toBe('They said "no",\nand XXXX.');
  });

  test('a second run adds nothing', async () => {
    const text = file(row(1), row(2), row(2));
    const before = await importFile(text);
    expect(before.rows.map(({ newEvents }) => newEvents)).toEqual([2, 2, 0]);
    const { rows, summary } = await importFile(text);
    expect(rows.map(({ newEvents, status }) => [newEvents, status])).toEqual(Array(3).fill([0, 'already_there']));
    expect(summary).toMatchObject({ read: 3, accepted: 0, alreadyThere: 3 });
  });

  test('a later row records a new outcome; other cells that differ cause only warnings', async () => {
    const [first] = (await importFile(file(row(1, { response: 'In progress' })))).rows;
    const [updated] = (await importFile(file(row(1, { response: 'Closed with explanation', disputed: 'Yes' })))).rows;
    expect(updated).toMatchObject({ complaint: first?.complaint, status: 'accepted', newEvents: 1, warnings: [] });
    const [changed] = (
      await importFile(
        file(row(1, { product: 'Credit card', received: '2017-03-20', response: 'Closed with monetary relief' })),
      )
    ).rows;
    expect(changed).toMatchObject({ complaint: first?.complaint, status: 'accepted', newEvents: 1, rejected: [] });
    expect(changed?.warnings.map(({ code, column, value }) => [code, column, value]).sort()).toEqual([
      ['external_ref_reused', 'date_received', '2017-03-20'],
      ['external_ref_reused', 'product', 'Credit card'],
    ]);
    expect(await eventTypesOf(first?.complaint)).toEqual([
      'ComplaintReceived',
      'ExternalOutcomeRecorded',
      'ExternalOutcomeRecorded',
      'ExternalOutcomeRecorded',
    ]);
    const { body } = await service.get<{ points: { subject: { product: string } }[] }>(
      `/v1/complaints/${first?.complaint ?? ''}?minPosition=${await head()}`,
    );
    expect(body.points[0]?.subject.product).toBe('Mortgage');
  });

  test('invalid rows are rejected with line, column, value and reason; the other rows are imported', async () => {
    const text = file(
      row(1),
      row(2, { received: '2017-02-30' }),
      'too,few,cells',
      row('none'),
      '"a quote that is not closed',
      row(3),
    );
    const { rows, summary } = await importFile(text);
    expect(rows.filter(({ status }) => status === 'accepted').map(({ reference }) => reference)).toEqual(['1', '3']);
    expect(rows.filter(({ status }) => status === 'rejected')).toMatchObject([
      { line: 5, reference: '2', rejected: [{ code: 'bad_date', column: 'date_received', value: '2017-02-30' }] },
      { line: 6, rejected: [{ code: 'unreadable', reason: 'has 3 cells, but the header has 18' }] },
      { line: 8, rejected: [{ code: 'bad_value', column: 'complaint_id', value: 'none' }] },
      { line: 9, rejected: [{ code: 'unreadable' }] },
    ]);
    expect(summary).toMatchObject({ read: 6, accepted: 2, rejected: 4 });
    const { body } = await service.get<{ lines: object[] }>(
      `/v1/reconciliation/${summary.batch ?? ''}/rejected?minPosition=${await head()}`,
    );
    expect(body.lines).toEqual([
      { line: 5, reference: '2', code: 'bad_date', pointer: 'date_received' },
      { line: 6, code: 'unreadable' },
      { line: 8, reference: 'none', code: 'bad_value', pointer: 'complaint_id' },
      { line: 9, code: 'unreadable' },
    ]);
  });

  test.each([
    ['with an unknown header', 'a,b\n1,2\n'],
    ['that is empty', ''],
    ['that is not text', Buffer.from([0xff, 0xfe, 0x0a, 0xff])],
    ['whose header never ends', `"${'x'.repeat(1_100_000)}`],
  ])('a file %s is refused, and nothing is recorded', async (_description, text) => {
    const before = await head();
    const bulk = BulkRequest.open(app, { path: '/v1/imports/cfpb', type: 'text/csv' });
    await bulk.write(text);
    bulk.end();
    expect(await bulk.status()).toBe(400);
    expect(JSON.parse(await bulk.text())).toMatchObject({ code: 'unknown_layout' });
    expect(await head()).toBe(before);
  });

  test('a client that sends a long file with an unknown header before it reads gets the refusal', async () => {
    const bulk = BulkRequest.open(app, { path: '/v1/imports/cfpb', type: 'text/csv' });
    for (let index = 0; index < 200; index++) await bulk.write('a,b\n'.repeat(25_000));
    bulk.end();
    expect(await bulk.status()).toBe(400);
  });

  test('a header that arrives byte by byte is read', async () => {
    const bulk = BulkRequest.open(app, { path: '/v1/imports/cfpb', type: 'text/csv' });
    for (const character of HEADER) await bulk.write(character);
    await bulk.write(`\n${row(7)}\n`);
    expect(await bulk.next()).toMatchObject({ reference: '7', status: 'accepted' });
    bulk.end();
    expect(await bulk.rest()).toMatchObject([{ read: 1 }]);
  });

  test('an import that is interrupted and repeated has the same content as an uninterrupted import', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => row(index, { product: `Product ${String(index % 7)}` }));
    for (const results of [25, 50, 100]) {
      const bulk = BulkRequest.open(app, { path: '/v1/imports/cfpb', type: 'text/csv' });
      // a row has less than 200 characters, so this part of the file has more rows than results are read
      await bulk.write(file(...rows).slice(0, 2 * 200 * results));
      for (let result = 0; result < results; result++) await bulk.next();
      bulk.disconnect();
    }
    const { summary } = await importFile(file(...rows));
    expect(summary).toMatchObject({ read: 300, rejected: 0 });

    const uninterrupted = await startApp();
    try {
      await sendLines(uninterrupted, [file(...rows)], { path: '/v1/imports/cfpb', type: 'text/csv' });
      expect(await complaintDigests(app)).toEqual(await complaintDigests(uninterrupted));
    } finally {
      await uninterrupted.stop();
    }
  });

  testWithExtracts('the two extracts give 3,331 complaints and the expected trends', async () => {
    const counts = [];
    for (const path of extracts) {
      const { rows, summary } = await importFile(readFileSync(path));
      counts.push([rows.length, new Set(rows.map(({ complaint }) => complaint)).size, summary.accepted]);
      expect(rows.flatMap(({ warnings }) => warnings).length).toBe(path === extracts[0] ? 6 : 0);
    }
    expect(counts).toEqual([
      [3186, 3186, 3186],
      [145, 145, 145],
    ]);
    type Share = { numerator: number; denominator: number; unknown: number };
    type Row = { key: Record<string, string>; complaints: number; timely: Share; disputed: Share };
    const trendsBy = async (groupBy: string) =>
      (
        await service.get<{ rows: Row[]; total: Row }>(
          `/v1/trends?groupBy=${groupBy}&source=cfpb-unnumbered&minPosition=${await head()}`,
        )
      ).body;
    const { rows, total } = await trendsBy('response');
    expect(Object.fromEntries(rows.map(({ key, complaints }) => [key.response, complaints]))).toEqual({
      'Closed with explanation': 2489,
      'Closed with non-monetary relief': 384,
      'Closed with monetary relief': 216,
      Closed: 68,
      'Untimely response': 26,
      'In progress': 3,
    });
    expect(total.timely).toEqual({ numerator: 3093, denominator: 3186, unknown: 0 });
    expect(total.disputed).toEqual({ numerator: 595, denominator: 3129, unknown: 57 });
    const products = await trendsBy('product');
    expect(products.rows.find(({ key }) => key.product === 'Mortgage')?.complaints).toBe(921);
  });
});
