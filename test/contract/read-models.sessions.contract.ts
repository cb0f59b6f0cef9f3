import { MAX_SKIPS, type ModelRecord, type RecordedSkip, type WriteSession } from '../../src/readmodels/read-models.js';
import { added, at, COLLECTION, INDEXES, type ReadModelsFixture } from '../support/read-models/fixture.js';

const MODEL = 'work_queue';
const BUILD = 'work_queue@1.4';
/** Its texts have unusual characters, which every engine must return unchanged. */
const SKIP: RecordedSkip = {
  version: 1,
  document: '$set a.b % \0',
  position: '7',
  stream: 'complaint-1',
  revision: 0,
  type: 'Booked',
  eventId: 'e7',
  reason: 'lone surrogate: \ud800',
  by: { type: 'operator', id: 'ann' },
  at: '2026-11-10T12:00:00.000Z',
};

/** Only the newest session can change read models. A change of the record of a model is atomic. */
export function describeSessions(world: ReadModelsFixture): void {
  const { given } = world;
  /** Makes several changes, one after the other; returns the last record. */
  const applyChanges = async (from: ModelRecord, ...changes: readonly Parameters<WriteSession['changeModel']>[1][]) => {
    let record = from;
    for (const change of changes) record = await world.session.changeModel(record, change);
    return record;
  };

  describe('records of models', () => {
    test('a model has no record before a session takes it over; a new record has no live collection', async () => {
      expect(await world.models.loadModel(MODEL)).toBeNull();
      expect(await world.models.listModels()).toEqual([]);
      const record = await world.session.takeOverModel(MODEL);
      expect(record).toEqual({
        name: MODEL,
        revision: 0,
        live: null,
        kept: null,
        building: null,
        paused: false,
        builds: 0,
        skips: [],
        parked: [],
      });
      expect(await world.models.loadModel(MODEL)).toEqual(record);
      expect(await world.session.takeOverModel(MODEL)).toEqual(record);
    });

    test('a change returns the changed record, with the next revision', async () => {
      await given();
      const initial = await world.session.takeOverModel(MODEL);
      const building = await world.session.changeModel(initial, { building: BUILD, builds: 4 });
      expect(building).toEqual({ ...initial, revision: 1, building: BUILD, builds: 4 });
      const live = await world.session.changeModel(building, { live: COLLECTION, building: null, kept: 'old@1.1' });
      expect(live).toEqual({ ...building, revision: 2, live: COLLECTION, building: null, kept: 'old@1.1' });
      await world.session.takeOverModel('timeline');
      expect((await world.models.listModels()).map(({ name }) => name)).toEqual(['timeline', MODEL]);
      expect(await world.models.loadModel(MODEL)).toEqual(live);
    });

    test('a change based on an outdated record is rejected and changes nothing', async () => {
      const initial = await world.session.takeOverModel(MODEL);
      const paused = await world.session.changeModel(initial, { paused: true });
      const stale = world.session.changeModel(initial, { builds: 7 });
      await expect(stale).rejects.toMatchObject({ name: 'SessionLost' });
      expect(await world.models.loadModel(MODEL)).toEqual(paused);
    });

    test('a change can be repeated if its response was lost', async () => {
      const initial = await world.session.takeOverModel(MODEL);
      const change = { paused: true, skips: [SKIP] };
      const changed = await world.session.changeModel(initial, change);
      expect(await world.session.changeModel(initial, change)).toEqual(changed);
      expect(await world.models.loadModel(MODEL)).toEqual(changed);
    });

    test('a change that is repeated after the next change is rejected and reverts nothing', async () => {
      const initial = await world.session.takeOverModel(MODEL);
      const resumed = await applyChanges(initial, { paused: true }, { paused: false });
      const late = world.session.changeModel(initial, { paused: true });
      await expect(late).rejects.toMatchObject({ name: 'SessionLost' });
      expect(await world.models.loadModel(MODEL)).toEqual(resumed);
    });

    test('a collection can only become live if it exists', async () => {
      await given();
      const initial = await world.session.takeOverModel(MODEL);
      const unknown = { name: 'UnknownCollection', collection: BUILD };
      await expect(world.session.changeModel(initial, { live: BUILD })).rejects.toMatchObject(unknown);
      expect(await world.models.loadModel(MODEL)).toEqual(initial);
      await world.session.createCollection(BUILD, INDEXES);
      expect((await world.session.changeModel(initial, { live: BUILD })).live).toBe(BUILD);
    });

    test('skipped events and parked documents are returned unchanged; there is a limit for skipped events', async () => {
      const initial = await world.session.takeOverModel(MODEL);
      const { document, position, stream, revision, type } = SKIP;
      const event = { document, position, stream, revision, type, recordedAt: SKIP.at };
      const parked = [{ ...event, error: 'a.b is not a number', events: 3, through: '9' }];
      const skips = Array.from({ length: MAX_SKIPS }, () => SKIP);
      const withMaxSkips = await world.session.changeModel(initial, { skips, parked });
      expect(await world.models.loadModel(MODEL)).toEqual({ ...initial, revision: 1, skips, parked });
      await expect(world.session.changeModel(withMaxSkips, { skips: [...skips, SKIP] })).rejects.toThrow(RangeError);
    });
  });

  describe('sessions', () => {
    /** The documents and checkpoints of all collections, and the records of all models. */
    const readState = async () => {
      const collections = await Promise.all(
        [...(await world.models.listCollections())].sort().map(async (name) => ({
          name,
          documents: await world.models.find(name, {}),
          checkpoint: await world.models.loadCheckpoint(name),
        })),
      );
      return { collections, models: await world.models.listModels() };
    };

    test('each session has a greater epoch than all earlier ones', async () => {
      const next = await world.models.openSession();
      expect(next.epoch).toBeGreaterThan(world.session.epoch);
      expect((await world.models.openSession()).epoch).toBeGreaterThan(next.epoch);
    });

    /** The current record of the model. */
    let currentRecord: ModelRecord;
    const checkpoint = { collection: COLLECTION, from: at('1'), to: at('2') };

    beforeEach(async () => {
      await given({ _id: 'a' });
      await world.session.createCollection(BUILD, INDEXES, 'later');
      const initial = await world.session.takeOverModel(MODEL);
      currentRecord = await applyChanges(initial, { building: BUILD }, { live: COLLECTION });
    });

    const CHANGES: readonly [string, (session: WriteSession) => Promise<unknown>][] = [
      ['create a collection', (session) => session.createCollection('late@1.1', [])],
      ['declare indexes', (session) => session.createCollection(COLLECTION, [{ fields: { late: 1 } }])],
      ['build indexes', (session) => session.buildIndexes(BUILD)],
      ['drop a collection', (session) => session.dropCollection(COLLECTION)],
      ['take over a checkpoint', (session) => session.takeOverCheckpoint(COLLECTION)],
      ['take over a checkpoint that is not set yet', (session) => session.takeOverCheckpoint(BUILD)],
      ['take over a model', (session) => session.takeOverModel(MODEL)],
      ['take over a new model', (session) => session.takeOverModel('timeline')],
      ['make a build live', (session) => session.changeModel(currentRecord, { live: BUILD, building: null })],
      ['make a missing collection live', (session) => session.changeModel(currentRecord, { live: 'gone@1.1' })],
      ['pause a model', (session) => session.changeModel(currentRecord, { paused: true })],
      ['skip an event', (session) => session.changeModel(currentRecord, { skips: [SKIP] })],
      ['move a checkpoint', (session) => session.write({ changes: [], checkpoint })],
      [
        'write a batch that leaves the checkpoint unchanged',
        (session) => session.write({ changes: [], checkpoint: { ...checkpoint, to: at('1') } }),
      ],
      [
        'set the first checkpoint',
        (session) => session.write({ changes: [], checkpoint: { ...checkpoint, collection: BUILD, from: null } }),
      ],
      [
        'write documents',
        (session) => {
          const moved = { id: 'a', loaded: '1', document: { _id: 'a', _position: '2' } };
          const changes = [
            { collection: COLLECTION, writes: [moved] },
            { collection: BUILD, writes: added([{ _id: 'b', _position: '2' }]) },
          ];
          return session.write({ changes, checkpoint });
        },
      ],
    ];

    test.each(CHANGES)('a session cannot %s after the next session was opened', async (_, attempt) => {
      await world.models.openSession();
      const before = await readState();
      await expect(attempt(world.session)).rejects.toMatchObject({ name: 'SessionLost' });
      expect(await readState()).toEqual(before);
    });

    test.each(CHANGES)(
      'a session cannot %s after the next session took over the model and the checkpoints',
      async (_, attempt) => {
        const next = await world.models.openSession();
        expect(await next.takeOverModel(MODEL)).toEqual(currentRecord);
        expect(await next.takeOverCheckpoint(COLLECTION)).toEqual(at('1'));
        expect(await next.takeOverCheckpoint(BUILD)).toBeNull();
        const before = await readState();
        await expect(attempt(world.session)).rejects.toMatchObject({ name: 'SessionLost' });
        expect(await readState()).toEqual(before);
      },
    );

    test('the newest session continues with the records and checkpoints of the session before', async () => {
      const next = await world.models.openSession();
      const record = await next.takeOverModel(MODEL);
      expect((await next.changeModel(record, { live: BUILD, building: null, kept: COLLECTION })).live).toBe(BUILD);
      const from = await next.takeOverCheckpoint(COLLECTION);
      expect(await next.write({ changes: [], checkpoint: { ...checkpoint, from } })).toEqual({ outcome: 'written' });
      const first = { collection: BUILD, from: await next.takeOverCheckpoint(BUILD), to: at('1') };
      expect(await next.write({ changes: [], checkpoint: first })).toEqual({ outcome: 'written' });
      await next.dropCollection(COLLECTION);
      expect(await world.models.listCollections()).toEqual([BUILD]);
    });

    test('a session cannot repeat a change that the next session has made', async () => {
      const next = await world.models.openSession();
      const record = await next.takeOverModel(MODEL);
      await next.changeModel(record, { paused: true });
      await expect(world.session.changeModel(currentRecord, { paused: true })).rejects.toMatchObject({
        name: 'SessionLost',
      });
    });
  });
}
