import type { Checkpoint } from '../../src/readmodels/read-models.js';
import { added, at, COLLECTION, INDEXES, type ReadModelsFixture } from '../support/read-models/fixture.js';

/** A write moves the checkpoint together with the documents of its batch, if the stored checkpoint is the loaded one. */
export function describeCheckpoints(world: ReadModelsFixture): void {
  const { given, write } = world;

  describe('checkpoints', () => {
    test('there is no checkpoint before the first batch; afterwards, the checkpoint of the batch is stored', async () => {
      await world.session.createCollection(COLLECTION, INDEXES);
      expect(await world.models.loadCheckpoint(COLLECTION)).toBeNull();
      expect(await write([], null, at('7'))).toEqual({ outcome: 'written' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('7'));
    });

    test('a conflict does not move the checkpoint', async () => {
      await given({ _id: 'a' });
      await write([{ id: 'a', loaded: null, document: { _id: 'a', _position: '2' } }]);
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
    });

    test.each([
      ['no checkpoint was loaded but one is stored', null, at('9')],
      ['another position was loaded', at('0'), at('9')],
      ['another event was loaded', { ...at('1'), eventId: 'other' }, at('9')],
      ['another store was loaded', { ...at('1'), storeId: 'other' }, at('9')],
    ])('a write is rejected as checkpoint_moved if %s', async (_, from, to) => {
      await world.session.createCollection(COLLECTION, INDEXES);
      await write([], null, at('1'));
      expect(await write([], from, to)).toEqual({ outcome: 'checkpoint_moved' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
    });

    test('a write is rejected as checkpoint_moved if a checkpoint was loaded but none is stored', async () => {
      await world.session.createCollection(COLLECTION, INDEXES);
      expect(await write([], at('1'), at('2'))).toEqual({ outcome: 'checkpoint_moved' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toBeNull();
    });

    test('documents can be written without a checkpoint, but a stored checkpoint cannot be removed', async () => {
      await world.session.createCollection(COLLECTION, INDEXES);
      const writes = added([{ _id: 'a', _position: '1' }]);
      expect(await write(writes, null, null)).toEqual({ outcome: 'written' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toBeNull();
      expect(await world.session.takeOverCheckpoint(COLLECTION)).toBeNull();
      // a repeated write of the same document is no conflict
      expect(await write(writes, null, at('1'))).toEqual({ outcome: 'written' });
      expect(await write([], null, null)).toEqual({ outcome: 'checkpoint_moved' });
      await expect(write([], at('1'), null)).rejects.toThrow('removed');
    });

    test('a write may leave the checkpoint unchanged: the stored one must still be the loaded one', async () => {
      await given({ _id: 'a' });
      const writes = [{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2' } }];
      expect(await write(writes, at('1'), at('1'))).toEqual({ outcome: 'written' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
      expect(await write([], null, at('2'))).toEqual({ outcome: 'checkpoint_moved' });
    });

    test('documents of one collection can be written with the checkpoint of another collection', async () => {
      const second = `${COLLECTION}~second`;
      await world.session.createCollection(COLLECTION, INDEXES);
      await world.session.createCollection(second, []);
      const batchFor = (collection: string, from: Checkpoint | null, to: Checkpoint, id: string) => ({
        changes: [{ collection, writes: added([{ _id: id, _position: '1' }]) }],
        checkpoint: { collection: second, from, to },
      });
      expect(await world.session.write(batchFor(second, null, at('1'), 'a'))).toEqual({ outcome: 'written' });
      expect(await world.session.write(batchFor(COLLECTION, at('1'), at('2'), 'b'))).toEqual({ outcome: 'written' });
      expect(await world.models.loadCheckpoint(second)).toEqual(at('2'));
      expect(await world.models.loadCheckpoint(COLLECTION)).toBeNull();
      expect(await world.session.write(batchFor(second, at('2'), at('3'), 'c'))).toEqual({ outcome: 'written' });
    });
  });
}
