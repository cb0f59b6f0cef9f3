import { MAX_SKIPS, type ModelRecord, type RecordedSkip, type WriteSession } from '../../src/readmodels/read-models.js';
import { added, at, COLLECTION, INDEXES, type ReadModelsFixture } from '../support/read-models/fixture.js';

const MODEL = 'work_queue';
const BUILD = 'work_queue@1.4';
const SKIP: RecordedSkip = {
  version: 1,
  document: '$set a.b % \0',
  position: '7',
  stream: 'complaint-1',
  revision: 0,
  type: 'Booked',
  eventId: 'e7',
  reason: 'half a pair: \ud800',
  by: { type: 'operator', id: 'ann' },
  at: '2026-11-10T12:00:00.000Z',
};

/** Only one session changes read models, and it changes the record of a model as a whole. */
export function describeSessions(world: ReadModelsFixture): void {
  const { given } = world;
  const change = async (from: ModelRecord, ...changes: readonly Parameters<WriteSession['changeModel']>[1][]) => {
    let record = from;
    for (const one of changes) record = await world.session.changeModel(record, one);
    return record;
  };

  describe('records of models', () => {
    test('there is none before a session takes it over; then nothing is live', async () => {
      expect(await world.models.loadModel(MODEL)).toBeNull();
      expect(await world.models.listModels()).toEqual([]);
      const record = await world.session.takeModel(MODEL);
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
      expect(await world.session.takeModel(MODEL)).toEqual(record);
    });

    test('a change returns the stored record, one revision later', async () => {
      await given();
      const taken = await world.session.takeModel(MODEL);
      const building = await world.session.changeModel(taken, { building: BUILD, builds: 4 });
      expect(building).toEqual({ ...taken, revision: 1, building: BUILD, builds: 4 });
      const live = await world.session.changeModel(building, { live: COLLECTION, building: null, kept: 'old@1.1' });
      expect(live).toEqual({ ...building, revision: 2, live: COLLECTION, building: null, kept: 'old@1.1' });
      await world.session.takeModel('timeline');
      expect((await world.models.listModels()).map(({ name }) => name)).toEqual(['timeline', MODEL]);
      expect(await world.models.loadModel(MODEL)).toEqual(live);
    });

    test('a change from an outdated record changes nothing', async () => {
      const taken = await world.session.takeModel(MODEL);
      const paused = await world.session.changeModel(taken, { paused: true });
      const stale = world.session.changeModel(taken, { builds: 7 });
      await expect(stale).rejects.toMatchObject({ name: 'SessionLost' });
      expect(await world.models.loadModel(MODEL)).toEqual(paused);
    });

    test('a change whose response was lost may be repeated', async () => {
      const taken = await world.session.takeModel(MODEL);
      const skipped = { paused: true, skips: [SKIP] };
      const once = await world.session.changeModel(taken, skipped);
      expect(await world.session.changeModel(taken, skipped)).toEqual(once);
      expect(await world.models.loadModel(MODEL)).toEqual(once);
    });

    test('a change that arrives again after the next one reverts nothing', async () => {
      const taken = await world.session.takeModel(MODEL);
      const resumed = await change(taken, { paused: true }, { paused: false });
      const late = world.session.changeModel(taken, { paused: true });
      await expect(late).rejects.toMatchObject({ name: 'SessionLost' });
      expect(await world.models.loadModel(MODEL)).toEqual(resumed);
    });

    test('a live collection must exist', async () => {
      await given();
      const taken = await world.session.takeModel(MODEL);
      const unknown = { name: 'UnknownCollection', collection: BUILD };
      await expect(world.session.changeModel(taken, { live: BUILD })).rejects.toMatchObject(unknown);
      expect(await world.models.loadModel(MODEL)).toEqual(taken);
      await world.session.createCollection(BUILD, INDEXES);
      expect((await world.session.changeModel(taken, { live: BUILD })).live).toBe(BUILD);
    });

    test('skipped events and parked documents are returned as written, the skips up to a limit', async () => {
      const taken = await world.session.takeModel(MODEL);
      const { document, position, stream, revision, type } = SKIP;
      const event = { document, position, stream, revision, type, recordedAt: SKIP.at };
      const parked = [{ ...event, error: 'a.b is not a number', events: 3, through: '9' }];
      const skips = Array.from({ length: MAX_SKIPS }, () => SKIP);
      const full = await world.session.changeModel(taken, { skips, parked });
      expect(await world.models.loadModel(MODEL)).toEqual({ ...taken, revision: 1, skips, parked });
      await expect(world.session.changeModel(full, { skips: [...skips, SKIP] })).rejects.toThrow(RangeError);
    });
  });

  describe('sessions', () => {
    /** Everything that a session can change. */
    const state = async () => {
      const collections = await world.models.listCollections();
      const of = async (collection: string) => [
        await world.models.find(collection, {}),
        await world.models.loadCheckpoint(collection),
      ];
      return {
        collections: Object.fromEntries(await Promise.all(collections.map(async (name) => [name, await of(name)]))),
        models: await world.models.listModels(),
      };
    };

    test('each has a greater epoch than all before', async () => {
      const next = await world.models.openSession();
      expect(next.epoch).toBeGreaterThan(world.session.epoch);
      expect((await world.models.openSession()).epoch).toBeGreaterThan(next.epoch);
    });

    let taken: ModelRecord;
    let last: ModelRecord;
    const checkpoint = { collection: COLLECTION, from: at('1'), to: at('2') };

    beforeEach(async () => {
      await given({ _id: 'a' });
      await world.session.createCollection(BUILD, INDEXES, 'later');
      taken = await world.session.takeModel(MODEL);
      last = await change(taken, { building: BUILD }, { live: COLLECTION });
    });

    const CHANGES: readonly [string, (session: WriteSession) => Promise<unknown>][] = [
      ['create a collection', (session) => session.createCollection('late@1.1', [])],
      ['declare indexes', (session) => session.createCollection(COLLECTION, [{ fields: { late: 1 } }])],
      ['build indexes', (session) => session.buildIndexes(BUILD)],
      ['drop a collection', (session) => session.dropCollection(COLLECTION)],
      ['take a checkpoint', (session) => session.takeCheckpoint(COLLECTION)],
      ['take a checkpoint where there is none', (session) => session.takeCheckpoint(BUILD)],
      ['take a model', (session) => session.takeModel(MODEL)],
      ['take a new model', (session) => session.takeModel('timeline')],
      ['make a build live', (session) => session.changeModel(last, { live: BUILD, building: null })],
      ['make a collection live that is gone', (session) => session.changeModel(last, { live: 'gone@1.1' })],
      ['pause a model', (session) => session.changeModel(last, { paused: true })],
      ['skip an event', (session) => session.changeModel(last, { skips: [SKIP] })],
      ['move a checkpoint', (session) => session.write({ changes: [], checkpoint })],
      ['leave a checkpoint', (session) => session.write({ changes: [], checkpoint: { ...checkpoint, to: at('1') } })],
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

    test.each(CHANGES)('a superseded session cannot %s', async (_, changed) => {
      await world.models.openSession();
      const before = await state();
      await expect(changed(world.session)).rejects.toMatchObject({ name: 'SessionLost' });
      expect(await state()).toEqual(before);
    });

    test.each(CHANGES)(
      'one that was superseded cannot %s once its successor took everything over',
      async (_, changed) => {
        const next = await world.models.openSession();
        expect(await next.takeModel(MODEL)).toEqual(last);
        expect(await next.takeCheckpoint(COLLECTION)).toEqual(at('1'));
        expect(await next.takeCheckpoint(BUILD)).toBeNull();
        const before = await state();
        await expect(changed(world.session)).rejects.toMatchObject({ name: 'SessionLost' });
        expect(await state()).toEqual(before);
      },
    );

    test('the newest one continues where the previous one stopped', async () => {
      const next = await world.models.openSession();
      const record = await next.takeModel(MODEL);
      expect((await next.changeModel(record, { live: BUILD, building: null, kept: COLLECTION })).live).toBe(BUILD);
      const from = await next.takeCheckpoint(COLLECTION);
      expect(await next.write({ changes: [], checkpoint: { ...checkpoint, from } })).toEqual({ outcome: 'written' });
      const first = { collection: BUILD, from: await next.takeCheckpoint(BUILD), to: at('1') };
      expect(await next.write({ changes: [], checkpoint: first })).toEqual({ outcome: 'written' });
      await next.dropCollection(COLLECTION);
      expect(await world.models.listCollections()).toEqual([BUILD]);
    });

    test('a repeated change of the previous session is not accepted as its own', async () => {
      const next = await world.models.openSession();
      const record = await next.takeModel(MODEL);
      await next.changeModel(record, { paused: true });
      await expect(world.session.changeModel(last, { paused: true })).rejects.toMatchObject({ name: 'SessionLost' });
    });
  });
}
