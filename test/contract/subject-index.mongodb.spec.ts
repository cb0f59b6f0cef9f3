import { openMongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import { Databases } from '../support/mongo/databases.js';
import { describeSubjectIndex } from './subject-index.contract.js';

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

describeSubjectIndex('MongoDB', () => openMongoReadModels(databases.url, { database: databases.next() }));
