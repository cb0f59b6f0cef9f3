import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AggregationThread } from '../../src/readmodels/embedded/aggregation-thread.js';
import { EmbeddedReadModels } from '../../src/readmodels/embedded/embedded-read-models.js';
import { ReadModelsUnavailable } from '../../src/readmodels/read-models.js';
import { added, at } from '../support/read-models/fixture.js';
import { describeService } from '../support/service/folders.js';
import { describeReadModels } from './read-models.contract.js';

const folder = mkdtempSync(join(tmpdir(), 'redress-views-'));
let count = 0;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const nextFile = (): string => join(folder, `${String((count += 1))}.db`);

describeReadModels('embedded', () => Promise.resolve(EmbeddedReadModels.open(nextFile())));

describeService('with a thread that groups documents', () => {
  const worker = join(__dirname, '../../dist/src/app/aggregation-worker.js');
  const open = (file = nextFile()) => EmbeddedReadModels.open(file, new AggregationThread(worker, file));

  describeReadModels('embedded', () => Promise.resolve(open()));

  const groups = [{ $group: { _id: '$shop', complaints: { $sum: 1 } } }];
  async function openWithDocuments(): Promise<{ readonly file: string; readonly readModels: EmbeddedReadModels }> {
    const file = nextFile();
    const readModels = open(file);
    const session = await readModels.openSession();
    await session.createCollection('c', [{ fields: { shop: 1 } }]);
    const writes = added([1, 2, 3].map((number) => ({ _id: String(number), _position: '1', shop: 'north' })));
    await session.write({
      changes: [{ collection: 'c', writes }],
      checkpoint: { collection: 'c', from: null, to: at('1') },
    });
    return { file, readModels };
  }

  test('the thread of the caller does other work meanwhile', async () => {
    const { readModels } = await openWithDocuments();
    const steps: string[] = [];
    const answer = readModels.aggregate('c', groups).finally(() => steps.push('answer'));
    await nextTurn();
    steps.push('other work');
    expect(await answer).toEqual([{ _id: 'north', complaints: 3 }]);
    expect(steps).toEqual(['other work', 'answer']);
    await readModels.close();
  });

  test('a query fails if the thread ends, and the next query starts another thread', async () => {
    const { file, readModels } = await openWithDocuments();
    const moved = `${file}-moved`;
    renameSync(file, moved); // the thread cannot open it
    await expect(readModels.aggregate('c', groups)).rejects.toThrow(ReadModelsUnavailable);
    renameSync(moved, file);
    expect(await readModels.aggregate('c', groups)).toEqual([{ _id: 'north', complaints: 3 }]);
    await readModels.close();
  });
});
