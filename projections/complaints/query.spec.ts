import {
  ComplaintAssigned,
  ComplaintClassified,
  ComplaintClosed,
  ComplaintReceived,
  ComplaintWithdrawn,
  DeterminationMade,
  FeedbackSubmitted,
  FinalResponseSent,
  OutcomeCommunicated,
  SeverityAssessed,
} from '../../src/complaint/events.js';
import type { DataOf } from '../../src/complaint/complaint.js';
import type { Outcome } from '../../src/complaint/terms/vocabulary.js';
import type { DomainEvent } from '../../src/eventstore/envelope.js';
import { instant, type Moment } from '../../src/platform/moment.js';
import type { Document } from '../../src/readmodels/read-models.js';
import { ComplaintListFile } from '../../test/support/projections/complaint-list.js';
import { given } from '../../test/support/projections/given.js';
import { fact } from '../../test/support/projections/memory-log.js';
import { ParameterRefused } from './criteria.js';
import { CursorInvalid } from './cursor.js';
import { complaints } from './projection.js';
import { findComplaints, type ComplaintsQuery } from './query.js';

const at = (day: number): Moment => instant(`2026-03-${String(day).padStart(2, '0')}T09:00:00.000Z`);
const day = (text: string, zone = 'UTC') => ({ precision: 'day', day: text, zone }) as const;
const on = (dayOfMonth: number, event: DomainEvent): DomainEvent => ({ ...event, occurredAt: at(dayOfMonth) });

const received = (more: Partial<DataOf<'ComplaintReceived'>>) =>
  ComplaintReceived({
    reference: '00000-00000-00000',
    receivedAt: at(1),
    channel: 'phone',
    sources: [],
    parties: [],
    points: [{ id: 'p1', subject: {} }],
    ...more,
  });
const about = (issue: string, product: string) => [{ id: 'p1', issue, subject: { product } }];
const statedBy = { party: 'a1', medium: 'phone', at: at(9) } as const;
/** A determination, the response and its delivery. */
const answered = (outcome: Outcome, dayOfMonth: number): DomainEvent[] => [
  on(dayOfMonth, DeterminationMade({ determinationId: 'd1', points: [{ id: 'p1', outcome, reasons: 'Seen.' }] })),
  on(
    dayOfMonth,
    FinalResponseSent({ responseId: 'f1', kind: 'accept', addressees: [], channel: 'phone', text: 'We are sorry.' }),
  ),
  OutcomeCommunicated({ of: 'f1', channel: 'phone', deliveredAt: at(dayOfMonth) }),
];
const closed = (dayOfMonth: number) => on(dayOfMonth, ComplaintClosed({ reason: 'handled' }));

/** The events of each complaint. Unless they say otherwise, it is received by phone on 1 March, about nothing. */
const HISTORIES: Readonly<Record<string, readonly DomainEvent[]>> = {
  soup: [
    received({
      reference: '7K3QX-9M2VD-4TB8W',
      receivedAt: at(1),
      points: about('Soup arrived cold', 'Set menu'),
      sources: [{ system: 'crm', ref: 'T-1' }],
      parties: [{ id: 'a1', role: 'complainant', name: 'Li Hua', authority: 'none' }],
      incidentAt: { from: day('2026-02-27') },
    }),
    ComplaintAssigned({ handler: 'amy', orgUnit: 'kitchen' }),
    ...answered('upheld', 5),
    FeedbackSubmitted({ score: 5 }),
    closed(9),
  ],
  rice: [
    received({ receivedAt: at(2), channel: 'email', points: about('Cold rice', 'Dinner for two') }),
    SeverityAssessed({ severity: 'serious', safetyCritical: false }),
    ComplaintAssigned({ handler: 'bob' }),
    ...answered('not_upheld', 6),
    FeedbackSubmitted({ score: 3 }),
  ],
  tofu: [
    received({
      receivedAt: at(3),
      points: about('上菜太慢', '套餐'),
      sources: [
        { system: 'crm', ref: 'T-3' },
        { system: 'cfpb', ref: '4711' },
      ],
    }),
    ComplaintClassified({ nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }], taxonomyVersion: 1 }),
    ...answered('partly_upheld', 7),
  ],
  letter: [
    received({
      receivedAt: day('2026-03-04', 'America/New_York'),
      channel: 'letter',
      points: about('Charged twice', 'Card'),
      sources: [{ system: 'cfpb', ref: 'T-1' }],
    }),
    ComplaintAssigned({ handler: 'amy' }),
    on(8, ComplaintWithdrawn({ statedBy, continuedOnOwnInitiative: false })),
  ],
  advert: [
    received({ receivedAt: at(5), channel: 'email' }),
    ComplaintClassified({ nature: 'spam', points: [{ id: 'p1', category: 'other' }], taxonomyVersion: 1 }),
  ],
  register: [
    received({ receivedAt: at(6), points: [{ id: 'p1', category: 'Debt collection', subject: {} }] }),
    ComplaintAssigned({ handler: 'amy', orgUnit: 'billing' }),
  ],
};

const list = new ComplaintListFile();

beforeAll(async () => {
  const documents: Document[] = [];
  for (const [id, events] of Object.entries(HISTORIES)) {
    const facts = events.map((event) => fact(`complaint-${id}`, event, event.occurredAt));
    documents.push(...(await given(complaints, facts)).values());
  }
  await list.write(documents);
});
afterAll(() => list.remove());

const find = (query: Partial<ComplaintsQuery> = {}) => findComplaints(list.readModels, { satisfiedScore: 4, ...query });
const found = async (query: Partial<ComplaintsQuery> = {}) => (await find(query)).items.map(({ id }) => id);

test('without filters all complaints are found, the latest received first', async () => {
  expect(await found()).toEqual(['register', 'advert', 'letter', 'tofu', 'rice', 'soup']);
  expect(await found({ order: 'ascending' })).toEqual(['soup', 'rice', 'tofu', 'letter', 'advert', 'register']);
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
    ['status pending', { status: 'pending' }, ['register', 'advert']],
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
    expect(await found({ sort: 'responded', order: 'ascending' })).toEqual(['soup', 'rice', 'tofu']);
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
    expect(await pages({ order: 'ascending', filter: { handler: 'amy' } })).toEqual([['soup', 'letter'], ['register']]);
    expect(await pages({ filter: { outcome: 'none', handler: 'amy' } })).toEqual([['register', 'letter']]);
    expect(await pages({ sort: 'responded' })).toEqual([['tofu', 'rice'], ['soup']]);
  });

  test('refuses the cursor of another query', async () => {
    const { next } = await find({ limit: 1 });
    const cursor = next ?? '';
    expect(await found({ cursor, limit: 2 })).toEqual(['advert', 'letter']);
    for (const other of [
      { order: 'ascending' },
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
    [
      'the category is neither in the taxonomy nor that of a complaint',
      { category: 'Delivery' },
      { parameter: 'category', code: 'not_in_list' },
    ],
  ])('%s', async (_, filter, error) => {
    await expect(find({ ...(filter !== undefined && { filter }) })).rejects.toMatchObject(error);
  });

  test('an unknown category names the ones that exist', async () => {
    await expect(find({ filter: { category: 'delivry' } })).rejects.toThrow(
      /must be one of product_quality, .*delivery/,
    );
  });
});
