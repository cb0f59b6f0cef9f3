import type { Json } from '../../src/platform/json.js';
import type { Document } from '../../src/readmodels/read-models.js';
import { COLLECTION, type ReadModelsFixture } from '../support/read-models/fixture.js';
import type { EngineDifferences } from '../support/read-models/engine-differences.js';
import { testUnless } from '../support/skip.js';

/** Documents are sorted by values of any type in the order of MongoDB, in one query and over several pages. */
export function describeSorting(world: ReadModelsFixture, differences: EngineDifferences): void {
  const { given, write, ids } = world;

  // The field rank has an index, the field loose does not.
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
      // the ids have the reverse order, so that a sort by id does not give the expected result
      await given(...ORDERED.map((value, index) => ({ _id: String(99 - index), [field]: value })), {
        _id: '99a',
        note: 'missing',
      });
    });

    test('values of different types have the order of MongoDB; a missing value is sorted as null', async () => {
      const found = await world.models.find(COLLECTION, { sort: { [field]: 1, _id: 1 } });
      expect(found.map((document) => document[field])).toEqual([null, undefined, ...ORDERED.slice(1)]);
      const reversed = await world.models.find(COLLECTION, { sort: { [field]: -1, _id: -1 } });
      expect(reversed.map(({ _id }) => _id)).toEqual(found.map(({ _id }) => _id).reverse());
    });

    testUnless(differences.textBeyondBmp)('text is sorted by its UTF-8 bytes', async () => {
      await write([{ id: '100', loaded: null, document: { _id: '100', _position: '2', [field]: '😀' } }]);
      const found = await world.models.find(COLLECTION, { filter: { [field]: { $gt: 'é' } }, sort: { [field]: 1 } });
      expect(found.map((document) => document[field])).toEqual(['\uffee', '😀']);
      expect(await ids({ filter: { [field]: { $gt: '\uffee' } } })).toEqual(['100']);
    });

    test('a page continues after a missing value, a number, a text or a boolean, in both directions', async () => {
      const sort = { [field]: 1, _id: 1 } as const;
      const isCovered = (document: Document): boolean => typeof document[field] !== 'object'; // nor null
      const all = (await world.models.find(COLLECTION, { sort })).filter(isCovered);
      const coveredIds = all.map(({ _id }) => _id);
      for (const [index, last] of all.entries()) {
        const after = [last[field] ?? null, last._id];
        const next = (await world.models.find(COLLECTION, { sort, after })).filter(isCovered);
        expect(next).toEqual(all.slice(index + 1));
        const reverseSort = { [field]: -1, _id: -1 } as const;
        const previous = await world.models.find(COLLECTION, { sort: reverseSort, after, fields: [] });
        const previousIds = previous.map(({ _id }) => _id).filter((id) => coveredIds.includes(id));
        expect(previousIds).toEqual(coveredIds.slice(0, index).reverse());
      }
    });

    test('a page that continues after a value is rejected if a document has an array in the sort field', async () => {
      await write([{ id: 'list', loaded: null, document: { _id: 'list', _position: '2', [field]: [3, 4] } }]);
      const query = { sort: { [field]: 1 }, after: [0.5, 'x'] } as const;
      await expect(world.models.find(COLLECTION, query)).rejects.toMatchObject({ name: 'QueryRefused', part: 'after' });
    });

    test.each([1, -1] as const)('the pages in direction %d contain each document once', async (direction) => {
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
      const all = await ids({ filter, sort });
      expect(all.length).toBe(14); // all documents but the four with an object
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
      expect(paged).toEqual(all);
    });
  });
}
