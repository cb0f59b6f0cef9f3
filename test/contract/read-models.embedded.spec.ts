import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedReadModels } from '../../src/readmodels/embedded/embedded-read-models.js';
import { describeReadModels } from './read-models.contract.js';

const folder = mkdtempSync(join(tmpdir(), 'redress-views-'));
let count = 0;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describeReadModels('embedded', () => {
  count += 1;
  return Promise.resolve(EmbeddedReadModels.open(join(folder, `${String(count)}.db`)));
});
