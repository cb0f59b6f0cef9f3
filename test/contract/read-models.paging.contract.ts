import type { Json, JsonObject } from '../../src/platform/json.js';
import type { Document, Find } from '../../src/readmodels/read-models.js';
import { at, COLLECTION, INDEXES, type ReadModelsFixture } from '../support/read-models/fixture.js';
import type { EngineDifferences } from '../support/read-models/engine-differences.js';
import { testUnless } from '../support/skip.js';

/** Keyset pages: each page begins after the sort values of the last document of the page before. */
export function describePaging(world: ReadModelsFixture, differences: EngineDifferences): void {
  const { given, ids, matching, write } = world;

  describe('paging', () => {
    const DOCUMENTS = Array.from({ length: 60 }, (_, number) => ({
      _id: `c${String(number).padStart(2, '0')}`,
      open: number % 3 !== 0,
      handler: number % 2 === 0 ? 'x' : 'y',
      dueAt: number % 7 === 0 ? null : `2026-11-${String(10 + (number % 5))}`,
      loose: number % 4, // no index has this field
    }));

    /** Ids of all pages of a query, four documents per page. `sortValues` returns the value of `after` for a document. */
    const idsInPages = async (query: Find, sortValues: (document: Document) => readonly Json[]): Promise<string[]> => {
      const found: string[] = [];
      let after: readonly Json[] | undefined;
      for (;;) {
        const page = await world.models.find(COLLECTION, {
          ...query,
          limit: 4,
          ...(after === undefined ? {} : { after }),
        });
        expect(page.length).toBeLessThanOrEqual(4);
        found.push(...page.map(({ _id }) => _id));
        const last = page.at(-1);
        if (last === undefined) return found;
        after = sortValues(last);
      }
    };

    test.each<[string, Find, readonly string[]]>([
      ['by id', {}, []],
      ['by id, descending', { sort: { _id: -1 } }, []],
      ['of the work queue', { filter: { open: true, handler: 'x' }, sort: { dueAt: 1, _id: 1 } }, ['dueAt']],
      [
        'of the work queue, descending',
        { filter: { open: true, handler: 'x' }, sort: { dueAt: -1, _id: -1 } },
        ['dueAt'],
      ],
      ...([1, -1] as const).map((direction): [string, Find, readonly string[]] => [
        `within ranges of the sort field, in direction ${String(direction)}`,
        {
          filter: {
            dueAt: { $gte: '', $lt: '2026-11-14' },
            $and: [{ dueAt: { $gt: '2026-11-10', $lte: '2026-11-13' } }],
          },
          sort: { dueAt: direction, _id: direction },
        },
        ['dueAt'],
      ]),
      ['whose sort does not name the id', { sort: { dueAt: -1 } }, ['dueAt']],
      ['with mixed directions', { sort: { handler: -1, dueAt: 1, open: -1, _id: 1 } }, ['handler', 'dueAt', 'open']],
      [
        'filtered by a field without an index',
        { filter: { loose: { $lt: 2 } }, sort: { dueAt: 1, _id: -1 } },
        ['dueAt'],
      ],
      [
        'sorted by a field without an index',
        { filter: { handler: 'y' }, sort: { loose: -1, dueAt: 1 } },
        ['loose', 'dueAt'],
      ],
    ])('pages %s contain the same documents in the same order as one query', async (_, query, sortFields) => {
      await given(...DOCUMENTS);
      const all = await ids(query);
      const sortValues = (document: Document): readonly Json[] => [
        ...sortFields.map((field) => document[field] ?? null),
        document._id,
      ];
      expect(await idsInPages(query, sortValues)).toEqual(all);
      expect(all.length).toBeGreaterThan(10);
    });

    test('equal sort values are ordered by id, in the direction of the last sort field', async () => {
      await given({ _id: 'b', rank: 1 }, { _id: 'a', rank: 1 }, { _id: 'c', rank: 0 });
      expect(await ids({ sort: { rank: 1 } })).toEqual(['c', 'a', 'b']);
      expect(await ids({ sort: { rank: -1 } })).toEqual(['b', 'a', 'c']);
      expect(await ids({})).toEqual(['a', 'b', 'c']);
    });

    testUnless(differences.textBeyondBmp)('ids are sorted by their UTF-8 bytes', async () => {
      await given({ _id: '😀' }, { _id: '\uffee' }, { _id: 'z' }, { _id: 'Z' });
      expect(await ids({})).toEqual(['Z', 'z', '\uffee', '😀']);
      expect(await ids({ after: ['z'] })).toEqual(['\uffee', '😀']);
      expect(await matching({ _id: { $gt: '\uffee' } })).toEqual(['😀']);
    });

    describe('skip, and an index that the query names', () => {
      /** Every query is run without an index and with each index, which must not change the result. */
      const INDEX_OPTIONS: readonly Pick<Find, 'index'>[] = [
        {},
        ...INDEXES.map(({ fields }) => ({ index: fields })),
        { index: { other: 1 } }, // is not declared
      ];

      beforeEach(() =>
        given(
          { _id: 'a', tags: ['x', 'y'], dueAt: '2026-11-03', open: true },
          { _id: 'b', tags: ['x'], dueAt: '2026-11-01', open: false },
          { _id: 'c', tags: 'x', dueAt: '2026-11-02', open: true },
          { _id: 'd', tags: ['y', 'x', 'x'], dueAt: null, open: true },
          { _id: 'e', tags: [], dueAt: '2026-11-02', open: true },
          { _id: 'f', tags: ['x'], dueAt: '2026-11-02', open: true },
        ),
      );

      test.each(INDEX_OPTIONS)(
        'documents with one element of an array are in the order of the sort (%j)',
        async (index) => {
          const filter = { tags: 'x' };
          expect(await ids({ filter, sort: { dueAt: -1 }, ...index })).toEqual(['a', 'f', 'c', 'b', 'd']);
          expect(await ids({ filter, sort: { dueAt: 1 }, ...index })).toEqual(['d', 'b', 'c', 'f', 'a']);
          expect(await ids({ filter, sort: { dueAt: -1 }, ...index, after: ['2026-11-02', 'f'] })).toEqual([
            'c',
            'b',
            'd',
          ]);
          expect(await ids({ filter, sort: { dueAt: 1 }, ...index, after: [null, 'd'], limit: 2 })).toEqual(['b', 'c']);
          expect(await ids({ filter: { $and: [{ tags: 'x' }, { tags: 'y' }] }, sort: { dueAt: 1 }, ...index })).toEqual(
            ['d', 'a'],
          );
          const since = { ...filter, dueAt: { $gte: '2026-11-02' } };
          expect(await ids({ filter: { ...since, open: true }, sort: { dueAt: 1 }, ...index })).toEqual([
            'c',
            'f',
            'a',
          ]);
          expect(await world.models.count(COLLECTION, since, { ...index })).toBe(3);
          expect(await world.models.count(COLLECTION, { ...filter, open: true }, { ...index })).toBe(4);
        },
      );

      test.each(INDEX_OPTIONS)('skip leaves out the first documents (%j)', async (index) => {
        expect(await ids({ filter: { tags: 'x' }, sort: { dueAt: -1 }, ...index, skip: 2 })).toEqual(['c', 'b', 'd']);
        expect(await ids({ filter: { tags: 'x' }, sort: { dueAt: -1 }, ...index, skip: 1, limit: 2 })).toEqual([
          'f',
          'c',
        ]);
        expect(await ids({ filter: { open: true }, sort: { dueAt: 1 }, ...index, skip: 3 })).toEqual(['f', 'a']);
        expect(await ids({ filter: { open: true, dueAt: null }, sort: { note: 1 }, ...index, skip: 1 })).toEqual([]);
        expect(await ids({ sort: { dueAt: 1 }, ...index, skip: 9 })).toEqual([]);
        const afterF = { filter: { tags: 'x' }, sort: { dueAt: -1 }, ...index, after: ['2026-11-02', 'f'] } as const;
        expect(await ids({ ...afterF, skip: 1 })).toEqual(['b', 'd']);
        expect(await ids({ ...afterF, skip: 1, limit: 1 })).toEqual(['b']);
        expect(await ids({ ...afterF, skip: 2, limit: 1 })).toEqual(['d']);
        expect(await ids({ ...afterF, skip: 3 })).toEqual([]);
        expect(await ids({ sort: { note: 1, dueAt: 1 }, ...index, after: [null, '2026-11-02', 'c'], skip: 1 })).toEqual(
          ['f', 'a'],
        );
      });

      test.each(INDEX_OPTIONS)('a count stops at its limit (%j)', async (index) => {
        const count = (filter: JsonObject, limit: number) =>
          world.models.count(COLLECTION, filter, { limit, ...index });
        expect(await count({ tags: 'x' }, 4)).toBe(4);
        expect(await count({ tags: 'x' }, 5)).toBe(5);
        expect(await count({ tags: 'x' }, 6)).toBe(5);
        expect(await count({ open: true }, 3)).toBe(3);
        expect(await count({ note: null, open: true }, 4)).toBe(4);
      });

      test('a changed array, or a changed sort value, moves the document', async () => {
        const index = { index: { tags: 1, dueAt: -1 } } as const;
        const replace = (_id: string, fields: JsonObject) =>
          write([{ id: _id, loaded: '1', document: { _id, _position: '2', ...fields } }]);
        await replace('a', { tags: ['x', 'y'], dueAt: '2026-11-01', open: true });
        expect(await ids({ filter: { tags: 'x' }, sort: { dueAt: -1 }, ...index })).toEqual(['f', 'c', 'b', 'a', 'd']);
        await write([{ id: 'b', loaded: '1', document: { _id: 'b', _position: '2', tags: ['z'] } }], at('2'), at('3'));
        await write(
          [{ id: 'f', loaded: '1', document: { _id: 'f', _position: '2', _deleted: true } }],
          at('3'),
          at('4'),
        );
        await write([{ id: 'd', loaded: '1', document: { _id: 'd', _position: '2', tags: 'x' } }], at('4'), at('5'));
        expect(await ids({ filter: { tags: 'x' }, sort: { dueAt: -1 }, ...index })).toEqual(['c', 'a', 'd']);
        expect(await ids({ filter: { tags: 'z' }, sort: { dueAt: -1 }, ...index })).toEqual(['b']);
        expect(await world.models.count(COLLECTION, { tags: 'x' }, { ...index })).toBe(3);
      });
    });

    test('only the selected top-level fields and the id are returned', async () => {
      await given({ _id: 'a', rank: 1, points: [{ product: 'p' }], note: 'n' });
      expect(await world.models.find(COLLECTION, { fields: ['points', 'none'] })).toEqual([
        { _id: 'a', points: [{ product: 'p' }] },
      ]);
    });
  });
}
