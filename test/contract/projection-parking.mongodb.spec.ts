import { openMongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import { Databases } from '../support/mongo/databases.js';
import { FaultyReadModels } from '../support/projections/faulty-read-models.js';
import { describeParking } from './projection-parking.contract.js';

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

describeParking(
  'mongodb',
  async () => new FaultyReadModels(await openMongoReadModels(databases.url, { database: databases.next() })),
);
