import type { Json } from '../../src/platform/json.js';
import { COLLECTION, type ReadModelsFixture } from '../support/read-models/fixture.js';
import { testUnless, type EngineDifferences } from '../support/read-models/engine-differences.js';

/** Values of every type sort as in MongoDB, and pages join without gaps. */
export function describeSorting(world: ReadModelsFixture, differences: EngineDifferences): void {
  const { given, write, ids } = world;

  describe.each(['rank', 'loose'])('sorting by %s', (field) => {
    const ORDERED: readonly Json[] = [
      null,
      -3,
      0,
      0.5,
      Number.MAX_SAFE_INTEGER,
      '',
      'Z',
      'a',
      'a ',
      'é',
      '\uffee',
      { a: 1 },
      { a: 2 },
      { a: 2, b: 0 },
      { b: 0 },
      false,
      true,
    ];

    beforeEach(async () => {
      // ids run against the expected order, so that they cannot produce it
      await given(...ORDERED.map((value, at) => ({ _id: String(99 - at), [field]: value })), {
        _id: '99a',
        note: 'missing',
      });
    });

    test('values sort across types as in MongoDB, a missing one as null', async () => {
      const found = await world.models.find(COLLECTION, { sort: { [field]: 1, _id: 1 } });
      expect(found.map((document) => document[field])).toEqual([null, undefined, ...ORDERED.slice(1)]);
      const reversed = await world.models.find(COLLECTION, { sort: { [field]: -1, _id: -1 } });
      expect(reversed.map(({ _id }) => _id)).toEqual(found.map(({ _id }) => _id).reverse());
    });

    testUnless(differences.textBeyondBmp)('text sorts by its UTF-8 bytes', async () => {
      await write([{ id: '100', loaded: null, document: { _id: '100', _position: '2', [field]: '😀' } }]);
      const found = await world.models.find(COLLECTION, { filter: { [field]: { $gt: 'é' } }, sort: { [field]: 1 } });
      expect(found.map((document) => document[field])).toEqual(['\uffee', '😀']);
      expect(await ids({ filter: { [field]: { $gt: '\uffee' } } })).toEqual(['100']);
    });

    test('pages continue after a value of any type', async () => {
      const sort = { [field]: 1, _id: 1 } as const;
      const whole = (await world.models.find(COLLECTION, { sort })).filter(
        (document) => typeof document[field] !== 'object',
      );
      for (const [index, last] of whole.entries()) {
        const after = [last[field] ?? null, last._id];
        const next = (await world.models.find(COLLECTION, { sort, after })).filter(
          (one) => typeof one[field] !== 'object',
        );
        expect(next).toEqual(whole.slice(index + 1));
        const before = await world.models.find(COLLECTION, { sort: { [field]: -1, _id: -1 }, after, fields: [] });
        expect(before.filter(({ _id }) => whole.some((one) => one._id === _id)).map(({ _id }) => _id)).toEqual(
          whole
            .slice(0, index)
            .map(({ _id }) => _id)
            .reverse(),
        );
      }
    });

    test('paging by a field that holds arrays is rejected', async () => {
      await write([{ id: 'list', loaded: null, document: { _id: 'list', _position: '2', [field]: [3, 4] } }]);
      const query = { sort: { [field]: 1 }, after: [0.5, 'x'] } as const;
      await expect(world.models.find(COLLECTION, query)).rejects.toMatchObject({ name: 'QueryRefused', part: 'after' });
    });

    test.each([1, -1] as const)('pages in direction %d join without gap or repetition', async (direction) => {
      const filter = {
        $or: [
          { [field]: { $lt: '~~~' } },
          { [field]: { $gte: -9 } },
          { [field]: { $gte: '' } },
          { [field]: { $gte: false } },
          { [field]: null },
        ],
      };
      const sort = { [field]: direction, _id: 1 } as const;
      const whole = await ids({ filter, sort });
      expect(whole.length).toBe(14);
      const paged: string[] = [];
      let after: readonly Json[] | undefined;
      for (;;) {
        const page = await world.models.find(COLLECTION, {
          filter,
          sort,
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        paged.push(...page.map(({ _id }) => _id));
        const last = page.at(-1);
        if (last === undefined) break;
        after = [last[field] ?? null, last._id];
      }
      expect(paged).toEqual(whole);
    });
  });
}
