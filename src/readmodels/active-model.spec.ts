import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel, type Collection } from './active-model.js';
import { EmbeddedReadModels } from './embedded/embedded-read-models.js';
import type { Document, ModelRecord, WriteSession } from './read-models.js';

interface Account {
  readonly owner: string;
  readonly balance: number;
}

const folder = mkdtempSync(join(tmpdir(), 'redress-models-'));
let files = 0;
let models: EmbeddedReadModels;
let session: WriteSession;
let record: ModelRecord;

beforeEach(async () => {
  models = EmbeddedReadModels.open(join(folder, `${String((files += 1))}.db`));
  session = await models.openSession();
  record = await session.takeOverModel('accounts');
});
afterEach(() => models.close());
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Writes the documents to a new collection, makes it live, and drops the previous one. */
async function rebuild(...documents: readonly Document[]): Promise<void> {
  const { live: previous, builds } = record;
  const collection = `accounts@1.${String(builds + 1)}`;
  await session.createCollection(collection, [{ fields: { owner: 1 } }]);
  const writes = documents.map((document) => ({ id: document._id, loaded: null, document }));
  const to = { storeId: 's', position: '1', eventId: 'e' };
  await session.write({ changes: [{ collection, writes }], checkpoint: { collection, from: null, to } });
  record = await session.changeModel(record, { live: collection, builds: builds + 1 });
  if (previous !== null) await session.dropCollection(previous);
}

const account = (owner: string, balance: number): Document => ({ _id: owner, _position: '1', owner, balance });
const open = (): Promise<Collection<Account>> => openModel<Account>(models, 'accounts');

test('a model that was never built cannot be opened', async () => {
  await expect(open()).rejects.toMatchObject({ name: 'NotBuilt', projection: 'accounts' });
  await expect(openModel(models, 'unknown')).rejects.toMatchObject({ name: 'NotBuilt', projection: 'unknown' });
});

test('queries return documents of the declared type with their id and position, and no tombstones', async () => {
  await rebuild(account('ann', 5), account('bob', 7), { _id: 'gone', _position: '1', _deleted: true });
  const accounts = await open();
  const [first] = await accounts.find({ sort: { balance: -1 }, limit: 1 });
  // `+ 1` compiles only if the type of `balance` is known
  expect(first && [first._id, first._position, first.owner, first.balance + 1]).toEqual(['bob', '1', 'bob', 8]);
  expect(await accounts.findIds({ filter: { owner: 'ann' } })).toEqual(['ann']);
  expect((await accounts.getMany(['ann', 'gone', 'none'])).map(({ balance }) => balance)).toEqual([5]);
  expect(await accounts.count({ balance: { $gt: 5 } })).toBe(1);
  const sum = [{ $group: { _id: null, sum: { $sum: '$balance' } } }];
  expect(await accounts.aggregate(sum)).toEqual([{ _id: null, sum: 12 }]);
});

test('after a rebuild has dropped the collection, queries read the new one and look up its name once', async () => {
  await rebuild(account('ann', 5));
  const accounts = await open();
  expect(await accounts.findIds({})).toEqual(['ann']);
  await rebuild(account('ann', 5), account('bob', 7));
  expect(await accounts.findIds({})).toEqual(['ann', 'bob']);
  const loadModel = jest.spyOn(models, 'loadModel');
  expect(await accounts.count({})).toBe(2);
  expect(loadModel).not.toHaveBeenCalled();
});

test('a query fails when the live collection in the model record does not exist', async () => {
  await rebuild(account('ann', 5));
  const accounts = await open();
  await session.dropCollection('accounts@1.1');
  await expect(accounts.count({})).rejects.toMatchObject({ name: 'UnknownCollection', collection: 'accounts@1.1' });
});

test('a query outside of the query language throws QueryRefused', async () => {
  await rebuild();
  await expect((await open()).count({ $where: '1' })).rejects.toMatchObject({ name: 'QueryRefused' });
});
