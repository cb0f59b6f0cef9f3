import type { Json } from '../../src/platform/json.js';
import type { Document, Find } from '../../src/readmodels/read-models.js';
import { COLLECTION, type ReadModelsFixture } from '../support/read-models/fixture.js';
import type { EngineDifferences } from '../support/read-models/engine-differences.js';
import { testUnless } from '../support/skip.js';

/** Keyset pages: each page begins after the sort values of the last document of the page before. */
export function describePaging(world: ReadModelsFixture, differences: EngineDifferences): void {
  const { given, ids, matching } = world;

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

    test('only the selected top-level fields and the id are returned', async () => {
      await given({ _id: 'a', rank: 1, points: [{ product: 'p' }], note: 'n' });
      expect(await world.models.find(COLLECTION, { fields: ['points', 'none'] })).toEqual([
        { _id: 'a', points: [{ product: 'p' }] },
      ]);
    });
  });
}
