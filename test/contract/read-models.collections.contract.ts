import { added, at, COLLECTION, INDEXES, type ReadModelsFixture } from '../support/read-models/fixture.js';

/** Collections: creation, removal and indexes. */
export function describeCollections(world: ReadModelsFixture): void {
  const { given, matching, ids, write } = world;

  describe('collections', () => {
    test('a collection is listed until it is dropped, and is empty when it is created again', async () => {
      await given({ _id: 'a' });
      await world.session.createCollection('timeline@2.1', []);
      expect([...(await world.models.listCollections())].sort()).toEqual(['timeline@2.1', COLLECTION]);
      await world.session.dropCollection(COLLECTION);
      expect(await world.models.listCollections()).toEqual(['timeline@2.1']);
      await world.session.createCollection(COLLECTION, INDEXES);
      expect(await matching({})).toEqual([]);
    });

    test('the checkpoint of the same name is dropped with its collection', async () => {
      await given({ _id: 'a' });
      await world.session.dropCollection(COLLECTION);
      expect(await world.models.loadCheckpoint(COLLECTION)).toBeNull();
    });

    test('reads and writes of a collection that was never created, or was dropped, fail', async () => {
      const unknownCollection = (name: string): unknown =>
        expect.objectContaining({ name: 'UnknownCollection', collection: name });
      for (const name of ['none@1.1', COLLECTION]) {
        if (name === COLLECTION) {
          await given({ _id: 'a' });
          expect(await matching({})).toEqual(['a']);
          await world.session.dropCollection(COLLECTION);
        }
        const checkpoint = { collection: name, from: null, to: at('9') };
        const changes = [{ collection: name, writes: [] }];
        await expect(world.models.find(name, {})).rejects.toEqual(unknownCollection(name));
        await expect(world.models.count(name, {})).rejects.toEqual(unknownCollection(name));
        await expect(world.models.getMany(name, ['a'])).rejects.toEqual(unknownCollection(name));
        await expect(world.session.write({ changes, checkpoint })).rejects.toEqual(unknownCollection(name));
        await expect(world.session.buildIndexes(name)).rejects.toEqual(unknownCollection(name));
      }
    });

    test('dropping a collection that does not exist does nothing', async () => {
      await world.session.dropCollection('none@1.1');
      expect(await world.models.listCollections()).toEqual([]);
    });

    test('creating an existing collection keeps its documents, and new indexes include them', async () => {
      await given({ _id: 'a', colour: 'red', sizes: [1, 5] }, { _id: 'b', colour: 'blue', sizes: 3 });
      await world.session.createCollection(COLLECTION, [
        ...INDEXES,
        { fields: { colour: -1 } },
        { fields: { sizes: 1 } },
      ]);
      expect(await matching({ colour: 'red' })).toEqual(['a']);
      expect(await matching({ sizes: 5 })).toEqual(['a']);
      expect(await ids({ sort: { colour: 1 } })).toEqual(['b', 'a']);
    });

    test('a collection gives the same results before and after its indexes are built', async () => {
      await world.session.createCollection(COLLECTION, INDEXES, 'later');
      const documents = [
        { _id: 'a', _position: '1', tags: ['x', 'y'], rank: 2 },
        { _id: 'b', _position: '1', rank: 1 },
      ];
      expect(await write(added(documents), null, at('1'))).toEqual({ outcome: 'written' });
      const query = async (): Promise<unknown> => [await matching({ tags: 'y' }), await ids({ sort: { rank: 1 } })];
      expect(await query()).toEqual([['a'], ['b', 'a']]);
      await world.session.buildIndexes(COLLECTION);
      await world.session.buildIndexes(COLLECTION); // building again changes nothing
      expect(await query()).toEqual([['a'], ['b', 'a']]);
    });
  });
}
