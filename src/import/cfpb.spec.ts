import { CfpbLayout, UnknownLayout, type CfpbRow } from './cfpb.js';

const OLDER_COLUMNS =
  'Date received,Product,Sub-product,Issue,Sub-issue,Company,State,ZIP code,Consumer consent provided?,Submitted via,' +
  'Date sent to company,Company response to consumer,Timely response?,Consumer disputed?';
const NEWER_COLUMNS =
  'date_received,product,sub_product,issue,sub_issue,consumer_complaint_narrative,company_public_response,company,state,' +
  'zip_code,tags,consumer_consent_provided,submitted_via,date_sent_to_company,company_response_to_consumer,' +
  'timely_response,consumer_disputed,complaint_id';

const olderRecord = (cells: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...Object.fromEntries(OLDER_COLUMNS.split(',').map((name) => [name, ''])),
  'Date received': '7/29/2013',
  Product: 'Mortgage',
  Issue: 'Closing',
  Company: 'A Bank',
  'Submitted via': 'Web',
  'Company response to consumer': 'Closed with explanation',
  'Timely response?': 'Yes',
  ...cells,
});

const newerRecord = (cells: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...Object.fromEntries(NEWER_COLUMNS.split(',').map((name) => [name, ''])),
  date_received: '2017-03-21',
  product: 'Credit reporting',
  issue: 'Incorrect information',
  company: 'A Bureau',
  submitted_via: 'Phone',
  company_response_to_consumer: 'Closed with non-monetary relief',
  timely_response: 'true',
  complaint_id: '2397100',
  ...cells,
});

const olderLayout = (): CfpbLayout => new CfpbLayout(OLDER_COLUMNS.split(','));
const newerLayout = (): CfpbLayout => new CfpbLayout(NEWER_COLUMNS.split(','));

function rowOf(layout: CfpbLayout, record: Record<string, string>): CfpbRow {
  const result = layout.read(record);
  if ('rejected' in result) throw new Error(JSON.stringify(result.rejected));
  return result.row;
}

const errorsOf = (layout: CfpbLayout, record: Record<string, string>): unknown => {
  const result = layout.read(record);
  return 'rejected' in result ? result.rejected.map(({ column, code, value }) => [column, code, value]) : 'valid';
};

describe('a layout of the CFPB register', () => {
  test('in the older layout, which has no complaint id, the reference is computed from the row', () => {
    const row = rowOf(
      olderLayout(),
      olderRecord({
        'Sub-product': 'FHA mortgage',
        State: 'VA',
        'ZIP code': '24540',
        'Consumer consent provided?': 'N/A',
        'Date sent to company': '7/30/2013',
        'Consumer disputed?': 'No',
      }),
    );
    expect(row.source).toEqual({ system: 'cfpb-unnumbered', ref: expect.stringMatching(/^[0-9a-f]{32}-1$/) });
    expect(row.lodging).toEqual({
      channel: 'website',
      receivedAt: { day: '2013-07-29', zone: 'America/New_York' },
      sentToRespondentAt: { day: '2013-07-30', zone: 'America/New_York' },
      sources: [row.source],
      consentToPublish: 'N/A',
      points: [
        {
          issue: 'Closing',
          subject: {
            respondent: 'A Bank',
            product: 'Mortgage',
            subProduct: 'FHA mortgage',
            region: 'VA',
            postalCode: '24540',
          },
        },
      ],
    });
    expect(row.outcome).toEqual({
      register: 'CFPB',
      response: 'Closed with explanation',
      timely: true,
      disputed: false,
    });
  });

  test('in the newer layout, a row has a complaint id, a narrative and tags', () => {
    const row = rowOf(
      newerLayout(),
      newerRecord({
        consumer_complaint_narrative: 'They XXXX me.\nTwice.',
        tags: 'Older American, Servicemember',
        company_public_response: 'Company believes it acted appropriately',
        consumer_disputed: '',
        timely_response: 'false',
      }),
    );
    expect(row.source).toEqual({ system: 'cfpb', ref: '2397100' });
    expect(row.lodging).toMatchObject({
      channel: 'phone',
      receivedAt: { day: '2017-03-21', zone: 'America/New_York' },
      narrative: 'They XXXX me.\nTwice.',
      vulnerabilityTags: ['Older American', 'Servicemember'],
    });
    expect(row.outcome).toEqual({
      register: 'CFPB',
      response: 'Closed with non-monetary relief',
      publicResponse: 'Company believes it acted appropriately',
      timely: false,
    });
  });

  test('columns may have any order, and other columns are ignored', () => {
    const layout = new CfpbLayout(['More', ...OLDER_COLUMNS.split(',').reverse()]);
    expect(rowOf(layout, { ...olderRecord(), More: 'x' }).outcome).toMatchObject({ timely: true });
  });

  test('a missing column is named in the error', () => {
    const header = OLDER_COLUMNS.split(',').filter((name) => name !== 'Issue' && name !== 'Company');
    expect(() => new CfpbLayout(header)).toThrow(UnknownLayout);
    expect(() => new CfpbLayout(header)).toThrow('missing columns: Issue or issue, Company or company');
  });

  test.each([['Issue'], ['issue']])('a second column for the issue, %s, is named in the error', (name) => {
    const header = [...OLDER_COLUMNS.split(','), name];
    expect(() => new CfpbLayout(header)).toThrow(UnknownLayout);
    expect(() => new CfpbLayout(header)).toThrow('repeated columns: Issue or issue');
  });

  test('equal rows of a file are different complaints, with the same references each time the file is read', () => {
    const readRefs = (): string[] => {
      const layout = olderLayout();
      const records = [olderRecord(), olderRecord(), olderRecord({ State: 'CA' }), olderRecord()];
      return records.map((record) => rowOf(layout, record).source.ref);
    };
    const refs = readRefs();
    expect(new Set(refs).size).toBe(4);
    expect(refs.map((ref) => ref.slice(-2))).toEqual(['-1', '-2', '-1', '-3']);
    expect(readRefs()).toEqual(refs);
  });

  test('a rejected row is not counted when equal rows are numbered', () => {
    const layout = olderLayout();
    expect(errorsOf(layout, olderRecord({ 'Date received': '2/30/2013' }))).not.toBe('valid');
    expect(rowOf(layout, olderRecord()).source.ref).toMatch(/-1$/);
  });

  test('a changed outcome changes only the outcome key; a changed product changes the lodging key', () => {
    const row = rowOf(newerLayout(), newerRecord());
    const otherOutcome = rowOf(newerLayout(), newerRecord({ consumer_disputed: 'Yes' }));
    expect(otherOutcome.lodgingKey).toBe(row.lodgingKey);
    expect(otherOutcome.outcomeKey).not.toBe(row.outcomeKey);
    expect(rowOf(newerLayout(), newerRecord({ product: 'Mortgage' })).lodgingKey).not.toBe(row.lodgingKey);
  });

  test('a complaint that was sent to the company before it was received causes a warning', () => {
    const row = rowOf(olderLayout(), olderRecord({ 'Date sent to company': '7/28/2013' }));
    expect(row.lodging).toMatchObject({ sentToRespondentAt: { day: '2013-07-28' } });
    expect(row.warnings).toEqual([
      {
        code: 'sent_before_received',
        column: 'Date sent to company',
        value: '7/28/2013',
        reason: expect.any(String),
      },
    ]);
  });

  test('an empty cell is an unknown value; a row without a response has no outcome', () => {
    const row = rowOf(
      olderLayout(),
      olderRecord({ 'Company response to consumer': '', 'Timely response?': '', 'Consumer disputed?': 'N/A' }),
    );
    expect(row).not.toHaveProperty('outcome');
    expect(row.lodging).not.toHaveProperty('narrative');
    expect(JSON.stringify(row.lodging)).not.toContain('""');
  });

  test.each<[column: string, value: string, code: string]>([
    ['Date received', '', 'missing'],
    ['Date received', '2/29/2013', 'bad_date'],
    ['Date received', '13/1/2013', 'bad_date'],
    ['Date received', 'yesterday', 'bad_date'],
    ['Date sent to company', '2013-02-30', 'bad_date'],
    ['Submitted via', 'Pigeon', 'bad_value'],
    ['Submitted via', 'constructor', 'bad_value'],
    ['Submitted via', '', 'bad_value'],
    ['Timely response?', 'maybe', 'bad_value'],
    ['Consumer disputed?', 'constructor', 'bad_value'],
  ])('a row with %s %j is rejected', (column, value, code) => {
    expect(errorsOf(olderLayout(), olderRecord({ [column]: value }))).toEqual([[column, code, value]]);
  });

  test('all errors of a row are reported, with its complaint id', () => {
    expect(
      errorsOf(newerLayout(), newerRecord({ date_received: 'x', complaint_id: 'y', timely_response: 'z' })),
    ).toEqual([
      ['date_received', 'bad_date', 'x'],
      ['timely_response', 'bad_value', 'z'],
      ['complaint_id', 'bad_value', 'y'],
    ]);
    expect(newerLayout().read(newerRecord({ date_received: 'x' }))).toMatchObject({ reference: '2397100' });
  });

  test('a pointer to a field of a command is mapped to the column of that field', () => {
    expect(olderLayout().columnOf('/points/0/subject/product')).toBe('Product');
    expect(olderLayout().columnOf('/points/0/subject/subProduct')).toBe('Sub-product');
    expect(newerLayout().columnOf('/vulnerabilityTags/0')).toBe('tags');
    expect(newerLayout().columnOf('/publicResponse')).toBe('company_public_response');
    expect(newerLayout().columnOf('/without-column')).toBe('/without-column');
  });
});
