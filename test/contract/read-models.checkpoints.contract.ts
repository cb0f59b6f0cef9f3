import type { Checkpoint } from '../../src/readmodels/read-models.js';
import { added, at, COLLECTION, INDEXES, type ReadModelsFixture } from '../support/read-models/fixture.js';

/** The checkpoint moves with the documents of its batch, from the loaded checkpoint. */
export function describeCheckpoints(world: ReadModelsFixture): void {
  const { given, write } = world;

  describe('checkpoints', () => {
    test('there is none before the first batch; then it is the one written', async () => {
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
      ['none was loaded but there is one', null, at('9')],
      ['another position was loaded', at('0'), at('9')],
      ['another event was loaded', { ...at('1'), eventId: 'other' }, at('9')],
      ['another store was loaded', { ...at('1'), storeId: 'other' }, at('9')],
    ])('the checkpoint has moved when %s', async (_, from, to) => {
      await world.session.createCollection(COLLECTION, INDEXES);
      await write([], null, at('1'));
      expect(await write([], from, to)).toEqual({ outcome: 'checkpoint_moved' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
    });

    test('the checkpoint has moved when one was loaded but there is none', async () => {
      await world.session.createCollection(COLLECTION, INDEXES);
      expect(await write([], at('1'), at('2'))).toEqual({ outcome: 'checkpoint_moved' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toBeNull();
    });

    test('documents can be written before there is one, and it is never removed', async () => {
      await world.session.createCollection(COLLECTION, INDEXES);
      const writes = added([{ _id: 'a', _position: '1' }]);
      expect(await write(writes, null, null)).toEqual({ outcome: 'written' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toBeNull();
      expect(await world.session.takeCheckpoint(COLLECTION)).toBeNull();
      expect(await write(writes, null, at('1'))).toEqual({ outcome: 'written' });
      expect(await write([], null, null)).toEqual({ outcome: 'checkpoint_moved' });
      await expect(write([], at('1'), null)).rejects.toThrow('removed');
    });

    test('it may stay where it is: then only the condition applies', async () => {
      await given({ _id: 'a' });
      const writes = [{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2' } }];
      expect(await write(writes, at('1'), at('1'))).toEqual({ outcome: 'written' });
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
      expect(await write([], null, at('2'))).toEqual({ outcome: 'checkpoint_moved' });
    });

    test('documents of one collection are written under the checkpoint of another', async () => {
      const second = `${COLLECTION}~parked`;
      await world.session.createCollection(COLLECTION, INDEXES);
      await world.session.createCollection(second, []);
      const under = (collection: string, from: Checkpoint | null, to: Checkpoint, id: string) => ({
        changes: [{ collection, writes: added([{ _id: id, _position: '1' }]) }],
        checkpoint: { collection: second, from, to },
      });
      expect(await world.session.write(under(second, null, at('1'), 'a'))).toEqual({ outcome: 'written' });
      expect(await world.session.write(under(COLLECTION, at('1'), at('2'), 'b'))).toEqual({ outcome: 'written' });
      expect(await world.models.loadCheckpoint(second)).toEqual(at('2'));
      expect(await world.models.loadCheckpoint(COLLECTION)).toBeNull();
      expect(await world.session.write(under(second, at('2'), at('3'), 'c'))).toEqual({ outcome: 'written' });
    });
  });
}
