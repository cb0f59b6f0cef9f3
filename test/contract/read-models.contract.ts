import type { ReadModels } from '../../src/readmodels/read-models.js';
import { digestsOf } from '../../src/projection/comparison.js';
import { Digests } from '../../src/readmodels/digest.js';
import { COLLECTION, ReadModelsFixture } from '../support/read-models/fixture.js';
import type { EngineDifferences } from '../support/read-models/engine-differences.js';
import { describeAggregation } from './read-models.aggregation.contract.js';
import { describeCheckpoints } from './read-models.checkpoints.contract.js';
import { describeCollections } from './read-models.collections.contract.js';
import { describeFilters } from './read-models.filters.contract.js';
import { describePaging } from './read-models.paging.contract.js';
import { describeQueryLanguage } from './read-models.query-language.contract.js';
import { describeRandomQueries } from './read-models.random-queries.js';
import { describeRejections } from './read-models.rejections.contract.js';
import { describeSessions } from './read-models.sessions.contract.js';
import { describeSorting } from './read-models.sorting.contract.js';
import { describeWrites } from './read-models.writes.contract.js';

/**
 * The contract of the ReadModels port, which every adapter has to pass.
 * @param open returns new, empty read models, which the suite closes
 * @param differences only for a stand-in: the tests that it is known to fail are skipped
 */
export function describeReadModels(
  name: string,
  open: () => Promise<ReadModels>,
  differences: EngineDifferences = {},
): void {
  describe(`read models: ${name}`, () => {
    const world = new ReadModelsFixture();

    beforeEach(async () => {
      await world.open(await open());
    });

    afterEach(async () => {
      await world.models.close();
    });

    describeSessions(world);
    describeCollections(world);
    describeWrites(world);
    describeCheckpoints(world);
    describeRejections(world);
    describeFilters(world);
    describeSorting(world, differences);
    describePaging(world, differences);
    describeAggregation(world, differences);
    describeQueryLanguage(world);
    describeRandomQueries(world, differences.arrayGroups === undefined);

    test('the digests of a collection are those of its documents, without tombstones and positions', async () => {
      const documents = Array.from({ length: 1203 }, (_, number) => ({
        _id: `d${String(number).padStart(4, '0')}`,
        at: number,
        when: number,
      }));
      await world.given(...documents);
      await world.write([{ id: 'd0007', loaded: '1', document: { _id: 'd0007', _position: '2', _deleted: true } }]);
      // the stored documents have position 1: the digests leave positions out
      const remaining = documents
        .filter(({ _id }) => _id !== 'd0007')
        .map((document) => ({ ...document, _position: '8' }));
      const digests = new Digests(['when']);
      for (const document of remaining) digests.add(document);
      const pages = { readModels: world.models, pause: () => Promise.resolve() };
      expect(await digestsOf(pages, COLLECTION, ['when'])).toEqual({ collection: COLLECTION, ...digests.end() });
    });
  });
}
