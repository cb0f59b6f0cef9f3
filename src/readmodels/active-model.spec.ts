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
  record = await session.takeModel('accounts');
});
afterEach(() => models.close());
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Makes a build live and drops the previous one. */
async function rebuilt(...documents: readonly Document[]): Promise<void> {
  const { live: old, builds } = record;
  const collection = `accounts@1.${String(builds + 1)}`;
  await session.createCollection(collection, [{ fields: { owner: 1 } }]);
  const writes = documents.map((document) => ({ id: document._id, loaded: null, document }));
  const to = { storeId: 's', position: '1', eventId: 'e' };
  await session.write({ changes: [{ collection, writes }], checkpoint: { collection, from: null, to } });
  record = await session.changeModel(record, { live: collection, builds: builds + 1 });
  if (old !== null) await session.dropCollection(old);
}

const account = (owner: string, balance: number): Document => ({ _id: owner, _position: '1', owner, balance });
const open = (): Promise<Collection<Account>> => openModel<Account>(models, 'accounts');

test('a model that was never built cannot be opened', async () => {
  const notBuilt = { name: 'NotBuilt', projection: 'accounts' };
  await expect(open()).rejects.toMatchObject(notBuilt);
  await expect(openModel(models, 'unknown')).rejects.toMatchObject({ name: 'NotBuilt', projection: 'unknown' });
});

test('documents have the type of their projection, their id and their position', async () => {
  await rebuilt(account('ann', 5), account('bob', 7), { _id: 'gone', _position: '1', _deleted: true });
  const accounts = await open();
  const [first] = await accounts.find({ sort: { balance: -1 }, limit: 1 });
  expect(first && [first._id, first._position, first.owner, first.balance + 1]).toEqual(['bob', '1', 'bob', 8]);
  expect(await accounts.findIds({ filter: { owner: 'ann' } })).toEqual(['ann']);
  expect((await accounts.getMany(['ann', 'gone', 'none'])).map(({ balance }) => balance)).toEqual([5]);
  expect(await accounts.count({ balance: { $gt: 5 } })).toBe(1);
  const sum = [{ $group: { _id: null, sum: { $sum: '$balance' } } }];
  expect(await accounts.aggregate(sum)).toEqual([{ _id: null, sum: 12 }]);
});

test('a query follows a rebuild that replaces and drops the collection between two calls', async () => {
  await rebuilt(account('ann', 5));
  const accounts = await open();
  expect(await accounts.findIds({})).toEqual(['ann']);
  await rebuilt(account('ann', 5), account('bob', 7));
  expect(await accounts.findIds({})).toEqual(['ann', 'bob']);
  const loadModel = jest.spyOn(models, 'loadModel');
  expect(await accounts.count({})).toBe(2);
  expect(loadModel).not.toHaveBeenCalled();
});

test('a missing live collection is an error, and is looked up once more', async () => {
  await rebuilt(account('ann', 5));
  const accounts = await open();
  await session.dropCollection('accounts@1.1');
  await expect(accounts.count({})).rejects.toMatchObject({ name: 'UnknownCollection', collection: 'accounts@1.1' });
});

test('an invalid query is reported unchanged', async () => {
  await rebuilt();
  await expect((await open()).count({ $where: '1' })).rejects.toMatchObject({ name: 'QueryRefused' });
});
