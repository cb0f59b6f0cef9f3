import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMongoReadModels } from '../../src/readmodel/mongodb/mongo-read-models.js';
import { startMongo, type MongoServer } from '../support/mongo/server.mjs';
import { describeReadModels } from './read-models.contract.js';

const folder = mkdtempSync(join(tmpdir(), 'redress-mongodb-'));
let server: MongoServer;
let databases = 0;

beforeAll(async () => {
  server = await startMongo({ dir: folder });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const run = `redress_test_${randomBytes(4).toString('hex')}`;
describeReadModels('mongodb', () => {
  databases += 1;
  return openMongoReadModels(server.url, { database: `${run}_${databases}` });
});
