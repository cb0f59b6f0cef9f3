import { openMongoReadModels, type MongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { ModelRecord, RecordedParking, WriteBatch, WriteSession } from '../../src/readmodels/read-models.js';
import { Databases } from '../support/mongo/databases.js';
import { holdNext, holdNextDrop, type HeldCall } from '../support/mongo/held-calls.js';
import { added, at } from '../support/read-models/fixture.js';

/*
 * Requests that a session sent before it was fenced, and that the server receives afterwards: each test holds one call
 * of the driver back, opens the next session and releases the call.
 */

const MODEL = 'work_queue';
const [KEPT, LIVE, BUILD] = ['work_queue@1.1', 'work_queue@1.2', 'work_queue@1.3'];

const PARKED: RecordedParking = {
  document: 'a',
  position: '1',
  stream: 'complaint-1',
  revision: 0,
  type: 'Booked',
  recordedAt: '2026-11-10T12:00:00.000Z',
  error: 'no number',
  events: 1,
  through: '1',
};

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

let models: MongoReadModels;
let session: WriteSession;
let record: ModelRecord;

beforeEach(async () => {
  models = await openMongoReadModels(databases.url, { database: databases.next() });
  session = await models.openSession();
  for (const name of [KEPT, LIVE, BUILD]) await session.createCollection(name, []);
  await session.write(batch(added([{ _id: 'a', _position: '1' }]), null, '1'));
  record = await session.changeModel(await session.takeModel(MODEL), {
    live: LIVE,
    kept: KEPT,
    building: BUILD,
    builds: 3,
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await models.close();
});

function batch(
  writes: WriteBatch['changes'][number]['writes'],
  from: string | null,
  to: string,
  collection = LIVE,
): WriteBatch {
  return {
    changes: [{ collection, writes }],
    checkpoint: { collection, from: from === null ? null : at(from), to: at(to) },
  };
}

const moved = (loaded: string, position: string) => [
  { id: 'a', loaded, document: { _id: 'a', _position: position, at: position } },
];
const named =
  (...names: readonly string[]) =>
  (name: string) =>
    names.includes(name);
const physicalOf = (collection: string) => (name: string) => name.startsWith(`view.${collection}.`);

/** Takes over, drops the unfinished build and continues. */
async function successor(): Promise<{ readonly session: WriteSession; readonly record: ModelRecord }> {
  const next = await models.openSession();
  const taken = await next.takeModel(MODEL);
  await next.takeCheckpoint(LIVE);
  await next.takeCheckpoint(KEPT);
  await next.dropCollection(BUILD);
  return { session: next, record: await next.changeModel(taken, { building: null }) };
}

async function late(held: HeldCall, sent: Promise<unknown>): Promise<WriteSession> {
  const outcome = sent.then(
    () => 'done',
    (error: unknown) => error,
  );
  await held.made;
  const next = await successor();
  held.release();
  expect(await outcome).toMatchObject({ name: 'SessionLost' });
  expect(await models.loadModel(MODEL)).toEqual(next.record);
  expect(await models.listCollections()).toEqual([KEPT, LIVE]);
  return next.session;
}

const CHANGES: readonly [string, Parameters<WriteSession['changeModel']>[1]][] = [
  ['a build live', { live: BUILD, building: null, kept: LIVE }],
  ['a pause', { paused: true }],
  ['a parked document', { parked: [PARKED] }],
];

test.each(CHANGES)('%s that arrives late is rejected', async (_, change) => {
  await late(holdNext('updateOne', named('redress.models')), session.changeModel(record, change));
});

test.each(CHANGES)('%s that arrives before the successor took over the model is rejected too', async (_, change) => {
  const held = holdNext('updateOne', named('redress.models'));
  const sent = expect(session.changeModel(record, change)).rejects.toMatchObject({ name: 'SessionLost' });
  await held.made;
  await models.openSession();
  held.release();
  await sent;
  expect(await models.loadModel(MODEL)).toEqual(record);
});

test('a repeated change is rejected when its response is later than the takeover', async () => {
  const paused = await session.changeModel(record, { paused: true });
  const held = holdNext('updateOne', named('redress.models'));
  const sent = expect(session.changeModel(record, { paused: true })).rejects.toMatchObject({ name: 'SessionLost' });
  await held.made;
  await models.openSession();
  held.release();
  await sent;
  expect(await models.loadModel(MODEL)).toEqual(paused);
});

test('a checkpoint that arrives before the successor took it over does not move', async () => {
  const held = holdNext('updateOne', named('redress.checkpoints'));
  const sent = expect(session.write(batch([], '1', '2'))).rejects.toMatchObject({ name: 'SessionLost' });
  await held.made;
  await models.openSession();
  held.release();
  await sent;
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('1'));
});

test('a model that is taken over late stays with the successor', async () => {
  await late(holdNext('findOneAndUpdate', named('redress.models')), session.takeModel(MODEL));
});

test('a checkpoint that is taken over late stays with the successor', async () => {
  await late(holdNext('findOneAndUpdate', named('redress.checkpoints')), session.takeCheckpoint(LIVE));
});

test('a checkpoint that is moved late does not move', async () => {
  const next = await late(holdNext('updateOne', named('redress.checkpoints')), session.write(batch([], '1', '2')));
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('1'));
  expect(await next.write(batch([], '1', '3'))).toEqual({ outcome: 'written' });
});

test('a first checkpoint that arrives late is rejected', async () => {
  const first = batch([], null, '2', KEPT);
  const next = await late(holdNext('updateOne', named('redress.checkpoints')), session.write(first));
  expect(await models.loadCheckpoint(KEPT)).toBeNull();
  expect(await next.write(first)).toEqual({ outcome: 'written' });
});

test('a batch for a build that the successor dropped is rejected as one of an earlier session', async () => {
  await successor();
  await expect(session.write(batch([], null, '2', BUILD))).rejects.toMatchObject({ name: 'SessionLost' });
});

test('documents that arrive before the successor wrote them equal what it writes', async () => {
  const next = await late(holdNext('bulkWrite', physicalOf(LIVE)), session.write(batch(moved('1', '2'), '1', '2')));
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('1'));
  expect(await models.getMany(LIVE, ['a'])).toEqual([{ _id: 'a', _position: '2', at: '2' }]);
  expect(await next.write(batch(moved('1', '2'), '1', '2'))).toEqual({ outcome: 'written' });
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('2'));
});

test('documents that arrive after the successor wrote newer ones change nothing', async () => {
  const held = holdNext('bulkWrite', physicalOf(LIVE));
  const sent = expect(session.write(batch(moved('1', '2'), '1', '2'))).rejects.toMatchObject({ name: 'SessionLost' });
  await held.made;
  const next = (await successor()).session;
  await next.write(batch(moved('1', '2'), '1', '2'));
  await next.write(batch(moved('2', '3'), '2', '3'));
  held.release();
  await sent;
  expect(await models.getMany(LIVE, ['a'])).toEqual([{ _id: 'a', _position: '3', at: '3' }]);
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('3'));
});

test.each<[string, () => HeldCall]>([
  ['its entry', () => holdNext('deleteOne', named('redress.collections'))],
  ['its documents', () => holdNextDrop(physicalOf(KEPT))],
  ['its checkpoint', () => holdNext('deleteOne', named('redress.checkpoints'))],
])('a late drop that removes %s affects no collection in use', async (_, hold) => {
  await session.write(batch(added([{ _id: 'old', _position: '1' }]), null, '1', KEPT));
  const unused = await session.changeModel(record, { kept: null });
  const held = hold();
  const sent = session.dropCollection(KEPT);
  await held.made;
  const next = await models.openSession();
  expect(await next.takeModel(MODEL)).toEqual(unused);
  const created = 'work_queue@1.4';
  await next.createCollection(created, []);
  await next.write(batch(added([{ _id: 'b', _position: '1' }]), null, '1', created));
  held.release();
  await sent;
  expect(await models.listCollections()).toEqual([LIVE, BUILD, created]);
  expect(await models.getMany(LIVE, ['a'])).toHaveLength(1);
  expect(await models.getMany(created, ['b'])).toHaveLength(1);
  expect(await models.loadCheckpoint(created)).toEqual(at('1'));
});

test('a collection that is created late has a name that no record uses', async () => {
  const held = holdNext('insertOne', named('redress.collections'));
  const sent = session.createCollection('work_queue@1.4', []);
  await held.made;
  const next = await successor();
  held.release();
  await sent;
  expect(await models.listCollections()).toEqual([KEPT, LIVE, 'work_queue@1.4']);
  expect(await models.loadModel(MODEL)).toEqual(next.record);
});
