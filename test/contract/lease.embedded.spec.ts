import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedReadModels } from '../../src/readmodels/embedded/embedded-read-models.js';
import { openEmbeddedLeases } from '../../src/readmodels/embedded/embedded-leases.js';
import { describeLeases } from './lease.contract.js';

const folder = mkdtempSync(join(tmpdir(), 'redress-leases-'));
let files = 0;
const next = (): string => join(folder, `${String((files += 1))}.db`);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describeLeases('embedded', () => {
  const file = next();
  const opened: { close(): Promise<void> }[] = [];
  return Promise.resolve({
    contender: async (monotonic) => {
      const { leases, close } = openEmbeddedLeases(file, monotonic);
      opened.push({ close });
      return leases;
    },
    close: async () => {
      for (const one of opened) await one.close();
    },
  });
});

test('a new process has the lease at once, and its epoch is greater', async () => {
  const file = next();
  await EmbeddedReadModels.open(file).close(); // the file of the read models
  for (const epoch of [1, 2, 3]) {
    const { leases, close } = openEmbeddedLeases(file);
    expect(await leases.acquire('projections', `process ${String(epoch)}`, 60_000)).toMatchObject({ epoch });
    await close();
  }
  await EmbeddedReadModels.open(file).close();
});
