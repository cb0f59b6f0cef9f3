import { openMongoReadModels, type MongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import type { ModelRecord, RecordedParking, WriteBatch, WriteSession } from '../../src/readmodels/read-models.js';
import { Databases } from '../support/mongo/databases.js';
import { holdNext, holdNextDrop, type HeldCall } from '../support/mongo/held-calls.js';
import { added, at } from '../support/read-models/fixture.js';

/*
 * Requests that a session sends before a successor takes over, and that the server receives afterwards. Each test holds
 * back one call of the driver, opens the next session (the successor), and releases the call.
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
  record = await session.changeModel(await session.takeOverModel(MODEL), {
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

/** The write that moves document a from one position to another. */
const moveDocument = (loaded: string, position: string) => [
  { id: 'a', loaded, document: { _id: 'a', _position: position, at: position } },
];
/** Matches the collection of MongoDB with this name. */
const isNamed = (name: string) => (collection: string) => collection === name;
/** Matches the collection of MongoDB that holds the documents of a collection of the read models. */
const holdsDocumentsOf = (collection: string) => (name: string) => name.startsWith(`view.${collection}.`);

/** Opens the next session, which takes over the model and its checkpoints and drops the unfinished build. */
async function openSuccessor(): Promise<{ readonly session: WriteSession; readonly record: ModelRecord }> {
  const next = await models.openSession();
  const record = await next.takeOverModel(MODEL);
  await next.takeOverCheckpoint(LIVE);
  await next.takeOverCheckpoint(KEPT);
  await next.dropCollection(BUILD);
  return { session: next, record: await next.changeModel(record, { building: null }) };
}

/**
 * Opens a successor while the call is held back, and releases the call. Expects that the request is rejected and changes
 * neither the record of the model nor the collections. Returns the session of the successor.
 */
async function expectRejectedWhenLate(held: HeldCall, request: Promise<unknown>): Promise<WriteSession> {
  const outcome = request.then(
    () => 'done',
    (error: unknown) => error,
  );
  await held.called;
  const next = await openSuccessor();
  held.release();
  expect(await outcome).toMatchObject({ name: 'SessionLost' });
  expect(await models.loadModel(MODEL)).toEqual(next.record);
  expect(await models.listCollections()).toEqual([KEPT, LIVE]);
  return next.session;
}

const CHANGES: readonly [string, Parameters<WriteSession['changeModel']>[1]][] = [
  ['makes a build live', { live: BUILD, building: null, kept: LIVE }],
  ['pauses the model', { paused: true }],
  ['parks a document', { parked: [PARKED] }],
];

test.each(CHANGES)(
  'a change that %s is rejected if it arrives after the successor took over the model',
  async (_, change) => {
    await expectRejectedWhenLate(holdNext('updateOne', isNamed('redress.models')), session.changeModel(record, change));
  },
);

test.each(CHANGES)(
  'a change that %s is rejected if it arrives before the successor takes over the model',
  async (_, change) => {
    const held = holdNext('updateOne', isNamed('redress.models'));
    const rejection = expect(session.changeModel(record, change)).rejects.toMatchObject({ name: 'SessionLost' });
    await held.called;
    await models.openSession();
    held.release();
    await rejection;
    expect(await models.loadModel(MODEL)).toEqual(record);
  },
);

test('a change that is repeated because its response was lost is rejected if the next session has been opened', async () => {
  const paused = await session.changeModel(record, { paused: true });
  const held = holdNext('updateOne', isNamed('redress.models'));
  const rejection = expect(session.changeModel(record, { paused: true })).rejects.toMatchObject({
    name: 'SessionLost',
  });
  await held.called;
  await models.openSession();
  held.release();
  await rejection;
  expect(await models.loadModel(MODEL)).toEqual(paused);
});

test('a checkpoint is not moved by a request that arrives before the successor takes over the checkpoint', async () => {
  const held = holdNext('updateOne', isNamed('redress.checkpoints'));
  const rejection = expect(session.write(batch([], '1', '2'))).rejects.toMatchObject({ name: 'SessionLost' });
  await held.called;
  await models.openSession();
  held.release();
  await rejection;
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('1'));
});

test('a model stays with the successor if an earlier session takes it over late', async () => {
  await expectRejectedWhenLate(holdNext('findOneAndUpdate', isNamed('redress.models')), session.takeOverModel(MODEL));
});

test('a checkpoint stays with the successor if an earlier session takes it over late', async () => {
  await expectRejectedWhenLate(
    holdNext('findOneAndUpdate', isNamed('redress.checkpoints')),
    session.takeOverCheckpoint(LIVE),
  );
});

test('a checkpoint is not moved by a request that arrives after the successor took over the checkpoint', async () => {
  const next = await expectRejectedWhenLate(
    holdNext('updateOne', isNamed('redress.checkpoints')),
    session.write(batch([], '1', '2')),
  );
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('1'));
  expect(await next.write(batch([], '1', '3'))).toEqual({ outcome: 'written' });
});

test('the first checkpoint of a collection is rejected if it arrives late', async () => {
  const first = batch([], null, '2', KEPT);
  const next = await expectRejectedWhenLate(
    holdNext('updateOne', isNamed('redress.checkpoints')),
    session.write(first),
  );
  expect(await models.loadCheckpoint(KEPT)).toBeNull();
  expect(await next.write(first)).toEqual({ outcome: 'written' });
});

test('a batch for a build that the successor dropped is rejected with SessionLost, not with UnknownCollection', async () => {
  await openSuccessor();
  await expect(session.write(batch([], null, '2', BUILD))).rejects.toMatchObject({ name: 'SessionLost' });
});

test('documents that arrive before the successor writes them are the same as those that it writes', async () => {
  const next = await expectRejectedWhenLate(
    holdNext('bulkWrite', holdsDocumentsOf(LIVE)),
    session.write(batch(moveDocument('1', '2'), '1', '2')),
  );
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('1'));
  expect(await models.getMany(LIVE, ['a'])).toEqual([{ _id: 'a', _position: '2', at: '2' }]);
  expect(await next.write(batch(moveDocument('1', '2'), '1', '2'))).toEqual({ outcome: 'written' });
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('2'));
});

test('documents that arrive after the successor wrote newer ones change nothing', async () => {
  const held = holdNext('bulkWrite', holdsDocumentsOf(LIVE));
  const rejection = expect(session.write(batch(moveDocument('1', '2'), '1', '2'))).rejects.toMatchObject({
    name: 'SessionLost',
  });
  await held.called;
  const next = (await openSuccessor()).session;
  await next.write(batch(moveDocument('1', '2'), '1', '2'));
  await next.write(batch(moveDocument('2', '3'), '2', '3'));
  held.release();
  await rejection;
  expect(await models.getMany(LIVE, ['a'])).toEqual([{ _id: 'a', _position: '3', at: '3' }]);
  expect(await models.loadCheckpoint(LIVE)).toEqual(at('3'));
});

test.each<[string, () => HeldCall]>([
  ['the entry of the collection', () => holdNext('deleteOne', isNamed('redress.collections'))],
  ['the documents', () => holdNextDrop(holdsDocumentsOf(KEPT))],
  ['the checkpoint', () => holdNext('deleteOne', isNamed('redress.checkpoints'))],
])('a drop whose removal of %s arrives late affects no collection in use', async (_, hold) => {
  await session.write(batch(added([{ _id: 'old', _position: '1' }]), null, '1', KEPT));
  const unused = await session.changeModel(record, { kept: null });
  const held = hold();
  const drop = session.dropCollection(KEPT);
  await held.called;
  const next = await models.openSession();
  expect(await next.takeOverModel(MODEL)).toEqual(unused);
  const created = 'work_queue@1.4';
  await next.createCollection(created, []);
  await next.write(batch(added([{ _id: 'b', _position: '1' }]), null, '1', created));
  held.release();
  await drop;
  expect(await models.listCollections()).toEqual([LIVE, BUILD, created]);
  expect(await models.getMany(LIVE, ['a'])).toHaveLength(1);
  expect(await models.getMany(created, ['b'])).toHaveLength(1);
  expect(await models.loadCheckpoint(created)).toEqual(at('1'));
});

test('a collection that is created late is not in the record of the model', async () => {
  const held = holdNext('insertOne', isNamed('redress.collections'));
  const creation = session.createCollection('work_queue@1.4', []);
  await held.called;
  const next = await openSuccessor();
  held.release();
  await creation;
  expect(await models.listCollections()).toEqual([KEPT, LIVE, 'work_queue@1.4']);
  expect(await models.loadModel(MODEL)).toEqual(next.record);
});
