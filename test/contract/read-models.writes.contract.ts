import type { WriteResult } from '../../src/readmodels/read-models.js';
import { added, at, COLLECTION, INDEXES, type ReadModelsFixture } from '../support/read-models/fixture.js';

/** Conditional writes of documents. */
export function describeWrites(world: ReadModelsFixture): void {
  const { given, write, matching } = world;

  describe('writing', () => {
    test('a document is returned as it was written', async () => {
      const document = {
        _id: '投诉/1',
        open: true,
        rank: -1.5,
        big: Number.MAX_SAFE_INTEGER,
        note: null,
        text: 'größer 😀 "quoted" \n \u0001 \\u0000',
        points: [{ product: 'p', measures: [[1], []] }],
        nothing: {},
      };
      await given(document);
      expect(await world.models.getMany(COLLECTION, ['投诉/1'])).toEqual([{ ...document, _position: '1' }]);
      expect(await world.models.find(COLLECTION, {})).toEqual([{ ...document, _position: '1' }]);
    });

    test('numbers are returned unchanged except that −0 becomes 0, and match a filter in any notation', async () => {
      const numbers = {
        one: 1.0,
        zero: -0,
        tenth: 0.1,
        int: 2 ** 31 - 1,
        long: 2 ** 31,
        least: -(2 ** 53 - 1),
        tiny: 5e-324,
      };
      await given({ _id: 'a', ...numbers, rank: 2 ** 31 }, { _id: 'b', rank: 2 ** 31 - 1 }, { _id: 'c', rank: 0.5 });
      expect(await world.models.getMany(COLLECTION, ['a'])).toEqual([
        { _id: 'a', _position: '1', ...numbers, zero: 0, rank: 2 ** 31 },
      ]);
      expect(await matching({ one: 1, zero: 0, long: 2147483648 })).toEqual(['a']);
      expect(await matching({ zero: { $gte: -0, $lt: 1e-300 } })).toEqual(['a']);
      const sum = { _id: null, sum: { $sum: '$rank' }, most: { $max: '$rank' } };
      expect(await world.models.aggregate(COLLECTION, [{ $group: sum }])).toEqual([
        { _id: null, sum: 4294967295.5, most: 2 ** 31 },
      ]);
    });

    test('a field may have any name', async () => {
      const names = ['$gt', '$set', '$', 'a.b', '', '%24', '%', '_bsontype', 'toBSON', '$ref', '$id', '投诉', '7'];
      const fields = Object.fromEntries(names.map((name, index) => [name, index]));
      await given({ _id: 'a', ...fields, inner: { ...fields, list: [fields, { $ref: 'x', $id: 'y' }] } });
      const [found] = await world.models.getMany(COLLECTION, ['a']);
      expect(found).toEqual({
        _id: 'a',
        _position: '1',
        ...fields,
        inner: { ...fields, list: [fields, { $ref: 'x', $id: 'y' }] },
      });
      expect(await matching({ 'inner.%24': 5 })).toEqual(['a']);
      expect(await matching({ 'inner.list.%': { $gt: 5 } })).toEqual(['a']);
      expect(await world.models.find(COLLECTION, { fields: ['%24'], sort: { '%': 1 } })).toEqual([
        { _id: 'a', '%24': 5 },
      ]);
      expect(
        await world.models.aggregate(COLLECTION, [{ $group: { _id: { '%x': '$%' }, '%': { $sum: '$%24' } } }]),
      ).toEqual([{ _id: { '%x': 6 }, '%': 5 }]);
    });

    test('a document is replaced if its position is the one that was loaded', async () => {
      await given({ _id: 'a', rank: 1, handler: 'x' });
      expect(await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2', rank: 2 } }])).toEqual({
        outcome: 'written',
      });
      expect(await world.models.getMany(COLLECTION, ['a'])).toEqual([{ _id: 'a', _position: '2', rank: 2 }]);
      expect(await matching({ handler: 'x' })).toEqual([]);
      expect(await matching({ rank: 1 })).toEqual([]);
      expect(await matching({ rank: 2 })).toEqual(['a']);
    });

    test('a write of a document that changed since it was loaded is a conflict and changes nothing', async () => {
      await given({ _id: 'a', rank: 1 }, { _id: 'b', rank: 1 });
      await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2', rank: 2 } }]);
      const late = { id: 'a', loaded: '1', document: { _id: 'a', _position: '3', rank: 99 } };
      expect(await write([late], at('2'), at('3'))).toEqual({ outcome: 'conflict', ids: ['a'] });
      expect(await world.models.getMany(COLLECTION, ['a'])).toEqual([{ _id: 'a', _position: '2', rank: 2 }]);
    });

    test('creating a document that exists, or changing one that does not exist, is a conflict', async () => {
      await given({ _id: 'a' });
      const result = await write([
        { id: 'a', loaded: null, document: { _id: 'a', _position: '2' } },
        { id: 'b', loaded: '1', document: { _id: 'b', _position: '2' } },
      ]);
      expect(result).toEqual({ outcome: 'conflict', ids: expect.arrayContaining(['a', 'b']) as unknown });
      expect(await world.models.getMany(COLLECTION, ['a', 'b'])).toEqual([{ _id: 'a', _position: '1' }]);
    });

    test('a batch with a conflict succeeds after its documents are loaded and folded again', async () => {
      await given({ _id: 'a' }, { _id: 'b' });
      await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2' } }]);
      const loadAndWrite = async (): Promise<WriteResult> => {
        const loaded = await world.models.getMany(COLLECTION, ['a', 'b', 'c']);
        return write(
          ['a', 'b', 'c'].map((id) => ({
            id,
            loaded: loaded.find((document) => document._id === id)?._position ?? null,
            document: { _id: id, _position: '3', rank: 3 },
          })),
          at('2'),
          at('3'),
        );
      };
      const stale = ['a', 'b', 'c'].map((id) => ({
        id,
        loaded: id === 'c' ? null : '1',
        document: { _id: id, _position: '3', rank: 3 },
      }));
      expect(await write(stale, at('2'), at('3'))).toMatchObject({ outcome: 'conflict', ids: ['a'] });
      expect(await loadAndWrite()).toEqual({ outcome: 'written' });
      expect(await matching({ rank: 3 })).toEqual(['a', 'b', 'c']);
    });

    test('a batch with two writes of the same document is rejected', async () => {
      await given();
      const creation = { id: 'a', loaded: null, document: { _id: 'a', _position: '2' } };
      await expect(write([creation, creation])).rejects.toThrow('twice');
    });

    test('getMany returns each existing document once, for any number of ids', async () => {
      const many = Array.from({ length: 2500 }, (_, number) => ({ _id: `d${String(number)}` }));
      await given(...many);
      const found = await world.models.getMany(COLLECTION, [...many.map(({ _id }) => _id), 'none', 'd1']);
      expect(found.length).toBe(2500);
      expect(await world.models.getMany(COLLECTION, [])).toEqual([]);
    });
  });

  describe('tombstones', () => {
    test('getMany returns a tombstone, and queries do not', async () => {
      await given({ _id: 'a', rank: 1, tags: ['x'] }, { _id: 'b', rank: 2, tags: ['x'] });
      await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2', _deleted: true } }]);
      expect(await world.models.getMany(COLLECTION, ['a'])).toEqual([{ _id: 'a', _position: '2', _deleted: true }]);
      expect(await matching({})).toEqual(['b']);
      expect(await matching({ _id: 'a' })).toEqual([]);
      expect(await matching({ rank: null })).toEqual([]);
      expect(await matching({ undeclared: null })).toEqual(['b']);
      expect(await matching({ tags: 'x' })).toEqual(['b']);
      expect(await world.models.count(COLLECTION, {})).toBe(1);
      expect(await world.models.aggregate(COLLECTION, [{ $group: { _id: null, n: { $sum: 1 } } }])).toEqual([
        { _id: null, n: 1 },
      ]);
    });

    test('a tombstone keeps its position and can be replaced by a document', async () => {
      await given({ _id: 'a', rank: 1 });
      await write([{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2', _deleted: true } }]);
      const again = { _id: 'a', _position: '3', rank: 3 };
      expect(await write([{ id: 'a', loaded: null, document: again }], at('2'), at('3'))).toEqual({
        outcome: 'conflict',
        ids: ['a'],
      });
      expect(await write([{ id: 'a', loaded: '2', document: again }], at('2'), at('3'))).toEqual({
        outcome: 'written',
      });
      expect(await matching({ rank: 3 })).toEqual(['a']);
    });
  });

  describe('several collections in one batch', () => {
    const second = `${COLLECTION}~second`;

    beforeEach(async () => {
      await given({ _id: 'a' });
      await world.session.createCollection(second, []);
    });

    test('are written with one checkpoint', async () => {
      const created = { collection: second, writes: added([{ _id: 'a', _position: '2', line: 1 }]) };
      const moved = { id: 'a', loaded: '1', document: { _id: 'a', _position: '2' } };
      const written = await world.writeAll([created, { collection: COLLECTION, writes: [moved] }]);
      expect(written).toEqual({ outcome: 'written' });
      expect(await world.models.getMany(second, ['a'])).toEqual([{ _id: 'a', _position: '2', line: 1 }]);
      expect(await world.models.getMany(COLLECTION, ['a'])).toEqual([{ _id: 'a', _position: '2' }]);
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('2'));
      expect(await world.models.loadCheckpoint(second)).toBeNull();
    });

    test('leave the checkpoint unchanged after a conflict in one of them, and are written when folded again', async () => {
      const created = { collection: second, writes: added([{ _id: 'x', _position: '2' }]) };
      const stale = { collection: COLLECTION, writes: added([{ _id: 'a', _position: '2' }]) };
      expect(await world.writeAll([created, stale])).toEqual({ outcome: 'conflict', ids: ['a'] });
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
      const again = [{ id: 'a', loaded: '1', document: { _id: 'a', _position: '2' } }];
      const written = await world.writeAll([created, { collection: COLLECTION, writes: again }]);
      expect(written).toEqual({ outcome: 'written' });
      expect(await world.models.count(second, {})).toBe(1);
    });

    test('are rejected if one of them is named twice or does not exist', async () => {
      const withoutWrites = { collection: COLLECTION, writes: [] };
      await expect(world.writeAll([withoutWrites, withoutWrites])).rejects.toThrow('twice');
      const unknown = { name: 'UnknownCollection', collection: 'missing@1.1' };
      await expect(world.writeAll([withoutWrites, { collection: 'missing@1.1', writes: [] }])).rejects.toMatchObject(
        unknown,
      );
      const checkpoint = { collection: 'missing@1.1', from: null, to: at('2') };
      await expect(world.session.write({ changes: [withoutWrites], checkpoint })).rejects.toMatchObject(unknown);
    });
  });

  describe('a batch whose response was lost', () => {
    const first = added([
      { _id: 'a', _position: '1', rank: 1 },
      { _id: 'b', _position: '1', tags: ['x'] },
    ]);
    const second = [
      { id: 'a', loaded: '1', document: { _id: 'a', _position: '2', rank: 2 } },
      { id: 'b', loaded: '1', document: { _id: 'b', _position: '2', _deleted: true as const } },
    ];

    beforeEach(() => world.session.createCollection(COLLECTION, INDEXES));

    test('can be written again, and changes nothing the second time', async () => {
      for (let time = 1; time <= 2; time++) expect(await write(first, null, at('1'))).toEqual({ outcome: 'written' });
      expect(await matching({ tags: 'x' })).toEqual(['b']);
      for (let time = 1; time <= 2; time++) expect(await write(second)).toEqual({ outcome: 'written' });
      expect(await world.models.find(COLLECTION, {})).toEqual([{ _id: 'a', _position: '2', rank: 2 }]);
      expect(await matching({ tags: 'x' })).toEqual([]);
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('2'));
    });

    test('changes nothing if it is written again after the next batch', async () => {
      await write(first, null, at('1'));
      await write(second);
      expect(await write(first, null, at('1'))).toEqual({ outcome: 'checkpoint_moved' });
      expect(await world.models.find(COLLECTION, {})).toEqual([{ _id: 'a', _position: '2', rank: 2 }]);
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('2'));
    });
  });
}
