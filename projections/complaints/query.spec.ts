import type { ComplaintListFile } from '../../test/support/projections/complaint-list.js';
import { at, day, sixComplaints } from '../../test/support/projections/six-complaints.js';
import type { ParameterRefused } from './criteria.js';
import { CursorInvalid } from './cursor.js';
import { findComplaints, type ComplaintsQuery } from './query.js';

let list: ComplaintListFile;
beforeAll(async () => {
  list = await sixComplaints();
});
afterAll(() => list.remove());

const find = (query: Partial<ComplaintsQuery> = {}) => findComplaints(list.readModels, { satisfiedScore: 4, ...query });
const found = async (query: Partial<ComplaintsQuery> = {}) => (await find(query)).items.map(({ id }) => id);

test('without filters all complaints are found, the latest received first', async () => {
  expect(await found()).toEqual(['register', 'advert', 'letter', 'tofu', 'rice', 'soup']);
  expect(await found({ direction: 'ascending' })).toEqual(['soup', 'rice', 'tofu', 'letter', 'advert', 'register']);
});

describe('a filter finds the complaints that have its value, by', () => {
  test.each<[string, ComplaintsQuery['filter'], string[]]>([
    ['reference', { reference: '7K3QX-9M2VD-4TB8W' }, ['soup']],
    ['source', { source: 'crm' }, ['tofu', 'soup']],
    ['reference of a source', { sourceRef: 'T-1' }, ['letter', 'soup']],
    ['source and its reference', { source: 'crm', sourceRef: 'T-1' }, ['soup']],
    ['source and the reference of another source of the complaint', { source: 'crm', sourceRef: '4711' }, []],
    ['number in a register', { registerId: '4711' }, ['tofu']],
    ['number that is the reference of another system', { registerId: 'T-3' }, []],
    ['handler', { handler: 'amy' }, ['register', 'letter', 'soup']],
    ['no handler', { handler: 'none' }, ['advert', 'tofu']],
    ['unit', { orgUnit: 'kitchen' }, ['soup']],
    ['no unit', { orgUnit: 'none' }, ['advert', 'letter', 'tofu', 'rice']],
    ['product', { product: 'Card' }, ['letter']],
    ['category', { category: 'delivery' }, ['tofu']],
    ['category of a register', { category: 'Debt collection' }, ['register']],
    ['category of the taxonomy that no complaint has', { category: 'price' }, []],
    ['stage', { stage: 'Responded' }, ['tofu', 'rice']],
    ['outcome', { outcome: 'not_upheld' }, ['rice']],
    ['no outcome', { outcome: 'none' }, ['register', 'advert', 'letter']],
    ['nature', { nature: 'spam' }, ['advert']],
    ['channel', { channel: 'email' }, ['advert', 'rice']],
    ['severity', { severity: 'serious' }, ['rice']],
    ['no severity', { severity: 'none', channel: 'email' }, ['advert']],
    ['open', { open: true }, ['register', 'advert', 'tofu', 'rice']],
    ['ended', { open: false }, ['letter', 'soup']],
    ['status in progress', { status: 'in_progress' }, ['register', 'advert']],
    ['status handled', { status: 'handled' }, ['tofu']],
    ['status resolved', { status: 'resolved' }, ['soup']],
    ['status unresolved', { status: 'unresolved' }, ['rice']],
    ['status withdrawn', { status: 'withdrawn' }, ['letter']],
    ['several values', { handler: 'amy', open: false, channel: 'phone' }, ['soup']],
  ])('%s', async (_, filter, expected) => {
    expect(await found({ ...(filter !== undefined && { filter }) })).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['cold', ['rice', 'soup']],
    ['COLD soup', ['soup']],
    ['menu cold', ['soup']],
    ['rice soup', []],
    ['col', []],
    ['慢', ['tofu']],
    ['太慢', ['tofu']],
    ['慢太', []],
    ['套餐 上菜', ['tofu']],
  ])('the words %j', async (words, expected) => {
    expect(await found({ filter: { words } })).toEqual(expected);
  });

  test('a status, according to the score that counts as satisfied', async () => {
    expect(await found({ filter: { status: 'resolved' }, satisfiedScore: 3 })).toEqual(['rice', 'soup']);
    expect(await found({ filter: { status: 'unresolved' }, satisfiedScore: 3 })).toEqual([]);
  });
});

describe('dates', () => {
  const from = (text: string, zone?: string) => ({ from: day(text, zone) });
  const to = (text: string, zone?: string) => ({ to: day(text, zone) });

  test.each<[string, ComplaintsQuery['dates'], string[]]>([
    ['received from', { received: from('2026-03-05') }, ['register', 'advert']],
    ['received to', { received: to('2026-03-02') }, ['rice', 'soup']],
    ['received between', { received: { ...from('2026-03-02'), ...to('2026-03-04') } }, ['letter', 'tofu', 'rice']],
    // a complaint of which only the day is known is received on this day in every zone
    [
      'received on a day in Shanghai',
      { received: { ...from('2026-03-04', 'Asia/Shanghai'), ...to('2026-03-04', 'Asia/Shanghai') } },
      ['letter'],
    ],
    ['responded', { responded: from('2026-03-06') }, ['tofu', 'rice']],
    ['ended', { ended: to('2026-03-08') }, ['letter']],
    ['incident', { incident: to('2026-02-27') }, ['soup']],
    ['incident, later', { incident: from('2026-02-28') }, []],
    ['recorded', { recorded: to('2026-01-05') }, ['register', 'advert', 'letter', 'tofu', 'rice', 'soup']],
    ['two dates', { responded: from('2026-03-01'), received: to('2026-03-01') }, ['soup']],
  ])('find the complaints in a span: %s', async (_, dates, expected) => {
    expect(await found({ ...(dates !== undefined && { dates }) })).toEqual(expected);
  });

  test('sort the complaints that have the date', async () => {
    expect(await found({ sort: 'responded' })).toEqual(['tofu', 'rice', 'soup']);
    expect(await found({ sort: 'responded', direction: 'ascending' })).toEqual(['soup', 'rice', 'tofu']);
    expect(await found({ sort: 'ended', filter: { handler: 'amy' } })).toEqual(['soup', 'letter']);
    expect(await found({ sort: 'incident' })).toEqual(['soup']);
  });
});

describe('a page', () => {
  /** Ids of all pages of a query, two complaints per page. */
  const pages = async (query: Partial<ComplaintsQuery>): Promise<string[][]> => {
    const ids: string[][] = [];
    let cursor: string | undefined;
    do {
      const { items, next } = await find({ ...query, limit: 2, ...(cursor !== undefined && { cursor }) });
      ids.push(items.map(({ id }) => id));
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    return ids;
  };

  test('follows its cursor, with every complaint once', async () => {
    expect(await pages({})).toEqual([
      ['register', 'advert'],
      ['letter', 'tofu'],
      ['rice', 'soup'],
    ]);
    expect(await pages({ direction: 'ascending', filter: { handler: 'amy' } })).toEqual([
      ['soup', 'letter'],
      ['register'],
    ]);
    expect(await pages({ filter: { outcome: 'none', handler: 'amy' } })).toEqual([['register', 'letter']]);
    expect(await pages({ sort: 'responded' })).toEqual([['tofu', 'rice'], ['soup']]);
  });

  test('refuses the cursor of another query', async () => {
    const { next } = await find({ limit: 1 });
    const cursor = next ?? '';
    expect(await found({ cursor, limit: 2 })).toEqual(['advert', 'letter']);
    for (const other of [
      { direction: 'ascending' },
      { sort: 'recorded' },
      { filter: { open: true } },
      { dates: { received: { from: day('2026-03-01') } } },
    ] as const)
      await expect(find({ ...other, cursor })).rejects.toThrow(
        new CursorInvalid(
          'the cursor comes from another query; send it with the filters and the sort of the page that it comes from, or omit it',
        ),
      );
  });

  test.each(['', 'x', '[1]', '["d","2026","\\ud800"]'])('refuses the cursor with the content %j', async (content) => {
    const cursor = Buffer.from(content).toString('base64url');
    await expect(find({ cursor })).rejects.toThrow(CursorInvalid);
  });

  test('has the number of complaints if the query asks for it', async () => {
    expect((await find({ limit: 1 })).count).toBeUndefined();
    expect((await find({ limit: 1, count: true })).count).toEqual({ value: 6, atLeast: false });
    expect((await find({ filter: { handler: 'amy', open: false }, count: true })).count).toEqual({
      value: 2,
      atLeast: false,
    });
    expect((await find({ sort: 'responded', count: true })).count).toEqual({ value: 3, atLeast: false });
  });
});

test('a row says what the complaint is about, where it stands, and when', async () => {
  const { items } = await find({ filter: { handler: 'amy' }, dates: { received: { to: day('2026-03-01') } } });
  expect(items).toEqual([
    {
      id: 'soup',
      reference: '7K3QX-9M2VD-4TB8W',
      open: false,
      owed: false,
      stage: 'Closed',
      status: 'resolved',
      outcome: 'upheld',
      nature: 'complaint',
      episode: 1,
      complainant: 'Li Hua',
      anonymous: false,
      handler: 'amy',
      orgUnit: 'kitchen',
      severity: null,
      safetyCritical: false,
      priority: null,
      channel: 'phone',
      product: 'Set menu',
      category: null,
      issue: 'Soup arrived cold',
      sources: [{ system: 'crm', ref: 'T-1' }],
      receivedAt: at(1),
      incidentAt: day('2026-02-27'),
      recordedAt: '2026-01-05T09:00:01.000Z',
      respondedAt: at(5),
      endedAt: at(9),
    },
  ]);
});

describe('a query is refused if', () => {
  test.each<[string, ComplaintsQuery['filter'], Partial<ParameterRefused>]>([
    ['no word is in the words', { words: '!?' }, { parameter: 'words', code: 'empty' }],
    ['there are too many words', { words: 'a b c d e f g h i j k l m n o p q r s t u' }, { code: 'too_many' }],
  ])('%s', async (_, filter, error) => {
    await expect(find({ ...(filter !== undefined && { filter }) })).rejects.toMatchObject(error);
  });
});
