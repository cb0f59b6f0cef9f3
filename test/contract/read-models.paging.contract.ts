import type { Json } from '../../src/platform/json.js';
import type { Document, Find } from '../../src/readmodels/read-models.js';
import { COLLECTION, type ReadModelsFixture } from '../support/read-models/fixture.js';
import { testUnless, type EngineDifferences } from '../support/read-models/engine-differences.js';

/** Keyset pages of declared and undeclared fields. */
export function describePaging(world: ReadModelsFixture, differences: EngineDifferences): void {
  const { given, ids, matching } = world;

  describe('paging', () => {
    const QUEUE = Array.from({ length: 60 }, (_, at) => ({
      _id: `c${String(at).padStart(2, '0')}`,
      open: at % 3 !== 0,
      handler: at % 2 === 0 ? 'x' : 'y',
      dueAt: at % 7 === 0 ? null : `2026-11-${String(10 + (at % 5))}`,
      loose: at % 4,
    }));

    const pages = async (query: Find, key: (document: Document) => readonly Json[]): Promise<string[]> => {
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
        after = key(last);
      }
    };

    test.each<[string, Find, readonly string[]]>([
      ['by id', {}, []],
      ['by id, downwards', { sort: { _id: -1 } }, []],
      ['of the work queue', { filter: { open: true, handler: 'x' }, sort: { dueAt: 1, _id: 1 } }, ['dueAt']],
      [
        'of the work queue, downwards',
        { filter: { open: true, handler: 'x' }, sort: { dueAt: -1, _id: -1 } },
        ['dueAt'],
      ],
      ['where the id is not named in the sort', { sort: { dueAt: -1 } }, ['dueAt']],
      ['with mixed directions', { sort: { handler: -1, dueAt: 1, open: -1, _id: 1 } }, ['handler', 'dueAt', 'open']],
      ['filtered by an undeclared field', { filter: { loose: { $lt: 2 } }, sort: { dueAt: 1, _id: -1 } }, ['dueAt']],
      [
        'sorted by an undeclared field',
        { filter: { handler: 'y' }, sort: { loose: -1, dueAt: 1 } },
        ['loose', 'dueAt'],
      ],
    ])('pages %s join to the whole', async (_, query, sorted) => {
      await given(...QUEUE);
      const whole = await ids(query);
      const key = (document: Document): readonly Json[] => [
        ...sorted.map((path) => document[path] ?? null),
        document._id,
      ];
      expect(await pages(query, key)).toEqual(whole);
      expect(whole.length).toBeGreaterThan(10);
    });

    test('equal sort values are ordered by id, in the direction of the last sort field', async () => {
      await given({ _id: 'b', rank: 1 }, { _id: 'a', rank: 1 }, { _id: 'c', rank: 0 });
      expect(await ids({ sort: { rank: 1 } })).toEqual(['c', 'a', 'b']);
      expect(await ids({ sort: { rank: -1 } })).toEqual(['b', 'a', 'c']);
      expect(await ids({})).toEqual(['a', 'b', 'c']);
    });

    testUnless(differences.textBeyondBmp)('ids sort by their UTF-8 bytes', async () => {
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
