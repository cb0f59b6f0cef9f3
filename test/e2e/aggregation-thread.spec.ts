import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../support/doc-snippets.js';

const PROGRAM = `
  const { AggregationThread } = await import(process.argv[1] + '/readmodels/embedded/aggregation-thread.js');
  const thread = new AggregationThread(new URL('file://' + process.argv[1] + '/app/aggregation-worker.js'), process.argv[2]);
  const query = thread.aggregate('none', []).catch((error) => error.name);
  if (process.argv[3] === 'wait') console.log(await query);
  await thread.close();
  console.log('closed');
`;

describe('a process with nothing else to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-thread-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      PROGRAM,
      join(root, 'dist', 'src'),
      join(folder, 'views.db'),
      ...args,
    ]);

  test('waits for the end of the thread', async () => {
    expect((await run()).stdout).toBe('closed\n');
  });

  test('waits for a result of the thread', async () => {
    expect((await run('wait')).stdout).toMatch(/^[A-Z]\w+\nclosed\n$/);
  });
});
