import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedReadModels } from '../../src/readmodels/embedded/embedded-read-models.js';
import { describeSubjectIndex } from './subject-index.contract.js';

const folder = mkdtempSync(join(tmpdir(), 'redress-subjects-'));
let count = 0;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describeSubjectIndex('embedded read models', () => {
  count += 1;
  return Promise.resolve(EmbeddedReadModels.open(join(folder, `${String(count)}.db`)));
});
