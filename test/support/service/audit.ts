import { join } from 'node:path';
import type { BuildReport } from '../../../src/projection/operations.js';
import { verifyStore, type Verification } from '../../../src/audit/verify.js';
import { inspectSqliteStore } from '../../../src/eventstore/sqlite/inspection.js';
import { systemClock } from '../../../src/platform/clock.js';
import { loadConfiguration } from '../../../src/platform/configuration.js';
import { openStores } from '../../../src/app/stores.js';

const CATCH_UP_MS = 60_000;

/** Does the same as `redress verify`, in this process. @throws StoreFormatUnknown, DatabaseCorrupt */
export async function verify(folder: string): Promise<Verification> {
  const source = inspectSqliteStore(join(folder, 'events.db'));
  try {
    for await (const step of verifyStore(source)) if (step.kind === 'result') return step;
    throw new Error('verification ended without a result');
  } finally {
    source.close();
  }
}

/**
 * Does the same as `redress projections compare`, in this process, for every read model of a data folder. No other process
 * may use the folder.
 */
export async function compareAll(folder: string): Promise<BuildReport[]> {
  const configuration = loadConfiguration({ REDRESS_DATA: folder });
  const { projections, eventStore, close } = await openStores(configuration, systemClock, 'main');
  try {
    await projections.start();
    const head = await eventStore.head();
    const reports: BuildReport[] = [];
    for (const { name } of projections.status().projections) {
      if (head !== null) await projections.waitFor(name, head, CATCH_UP_MS);
      reports.push(await projections.execute({ kind: 'compare', name }));
    }
    return reports;
  } finally {
    await close();
  }
}

/**
 * The content digest of each read model, by name. For a model that differs from a rebuild it is the outcome of the
 * comparison instead.
 */
export async function contentDigests(folder: string): Promise<Record<string, string | undefined>> {
  const reports = await compareAll(folder);
  return Object.fromEntries(
    reports.map(({ name, outcome, live }) => [name, outcome === 'equal' ? live?.contentDigest : outcome]),
  );
}
