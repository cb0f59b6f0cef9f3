import type { ComplaintListFile } from '../../test/support/projections/complaint-list.js';
import { day, sixComplaints } from '../../test/support/projections/six-complaints.js';
import { complaintsOfIds, findComplaints } from './query.js';

let list: ComplaintListFile;
beforeAll(async () => {
  list = await sixComplaints();
});
afterAll(() => list.remove());

const ofIds = (ids: readonly string[], criteria: Omit<Parameters<typeof complaintsOfIds>[2], 'satisfiedScore'> = {}) =>
  complaintsOfIds(list.readModels, ids, { satisfiedScore: 4, ...criteria });

test('complaints with given ids have the rows of a list, in the order of the ids', async () => {
  const { items } = await findComplaints(list.readModels, { satisfiedScore: 4 });
  const rows = new Map(items.map((row) => [row.id, row]));
  expect(await ofIds(['rice', 'letter', 'soup'])).toEqual({
    items: [rows.get('rice'), rows.get('letter'), rows.get('soup')],
    notYetVisible: [],
  });
  expect(await ofIds([])).toEqual({ items: [], notYetVisible: [] });
});

test('of complaints with given ids, those that meet the criteria are found', async () => {
  const found = async (...parameters: Parameters<typeof ofIds>) =>
    (await ofIds(...parameters)).items.map(({ id }) => id);
  const ids = ['tofu', 'rice', 'soup'];
  expect(await found(ids, { filter: { open: true } })).toEqual(['tofu', 'rice']);
  expect(await found(ids, { filter: { words: 'cold' }, dates: { received: { to: day('2026-03-01') } } })).toEqual([
    'soup',
  ]);
  expect(await found(ids, { filter: { status: 'unresolved' } })).toEqual(['rice']);
  expect(await found(ids, { filter: { handler: 'amy', open: true } })).toEqual([]);
});

test('a complaint that the read model does not have is named, with and without criteria', async () => {
  const id = '00000000-0000-5000-8000-000000000000';
  const notYetVisible = [{ id, reference: '00000-00000-00000' }];
  expect(await ofIds([id, 'soup'])).toMatchObject({ items: [{ id: 'soup' }], notYetVisible });
  expect(await ofIds([id, 'soup'], { filter: { open: true } })).toEqual({ items: [], notYetVisible });
});
