import { join } from 'node:path';
import type { BuildReport } from '../../../src/projection/operations.js';
import { verifyStore, type Verification } from '../../../src/audit/verify.js';
import { inspectSqliteStore } from '../../../src/eventstore/sqlite/inspection.js';
import { systemClock } from '../../../src/platform/clock.js';
import { loadConfiguration } from '../../../src/platform/configuration.js';
import { openStores } from '../../../src/app/stores.js';

const CATCH_UP_MS = 60_000;

/** What `redress verify` does, without a process of its own. @throws StoreFormatUnknown, DatabaseCorrupt */
export async function verify(folder: string): Promise<Verification> {
  const source = inspectSqliteStore(join(folder, 'events.db'));
  try {
    for await (const step of verifyStore(source)) if (step.kind === 'result') return step;
    throw new Error('verification ended without a result');
  } finally {
    source.close();
  }
}

/** What `redress projections compare` does, for every read model of a folder that nobody else has open. */
export async function compareAll(folder: string): Promise<BuildReport[]> {
  const configuration = loadConfiguration({ REDRESS_DATA: folder });
  const { projections, eventStore, close } = await openStores(configuration, systemClock, 'in-process');
  try {
    await projections.start();
    const head = await eventStore.head();
    const reports: BuildReport[] = [];
    for (const { name } of projections.status().projections) {
      if (head !== null) await projections.waitFor(name, head, CATCH_UP_MS);
      reports.push(await projections.execute({ kind: 'compare', name: name }));
    }
    return reports;
  } finally {
    await close();
  }
}

/** The content digests of the read models by name; a model that is not what its history says stands as its outcome. */
export async function contentDigests(folder: string): Promise<Record<string, string | undefined>> {
  const reports = await compareAll(folder);
  return Object.fromEntries(
    reports.map(({ name, outcome, live }) => [name, outcome === 'equal' ? live?.contentDigest : outcome]),
  );
}
