import { catalogue, decoder } from '../../../projections/catalogue.js';
import { modelStores } from '../../../src/app/model-stores.js';
import { loadIndexKey } from '../../../src/subject-index/index-key.js';
import { Terms } from '../../../src/subject-index/terms.js';
import { ProjectionRunner } from '../../../src/projection/projection-runner.js';
import type { BuildReport } from '../../../src/projection/operations.js';
import { headForProjections } from '../../../src/projection/history.js';
import { verifyStore, type Verification } from '../../../src/audit/verify.js';
import { openEventStoreToRead, openLogSource, openReadModels } from '../../../src/app/engines.js';
import { loadConfiguration, type Configuration } from '../../../src/platform/configuration.js';
import { MODEL_NAMES } from '../projections/model-names.js';
import type { Ledger } from '../service/ledger.js';
import { ledgerDifferences } from '../service/ledger-differences.js';
import type { Servers } from './servers.js';

const CATCH_UP_MS = 60_000;

export const configurationOf = ({ data, environment }: Servers): Configuration =>
  loadConfiguration({ ...environment, REDRESS_DATA: data });

/** Does the same as `redress verify`, in this process. */
export async function verify(configuration: Configuration): Promise<Verification> {
  const source = await openLogSource(configuration);
  try {
    for await (const step of verifyStore(source)) if (step.kind === 'result') return step;
    throw new Error('verification ended without a result');
  } finally {
    source.close();
  }
}

/**
 * Waits until each read model has caught up, and compares it with a rebuild. No service may be running.
 * @throws Error if a read model does not catch up within a minute
 */
export async function compareAll(configuration: Configuration): Promise<BuildReport[]> {
  const store = await openEventStoreToRead(configuration.eventStore);
  const { readModels } = await openReadModels(configuration.readModels);
  const { readModels: subjects } = await openReadModels(configuration.subjects);
  const { key } = loadIndexKey(configuration.keys);
  const terms = new Terms({ key, phoneRegion: configuration.phoneRegion });
  const stores = modelStores(readModels, { store: subjects, terms });
  const projections = new ProjectionRunner({ store, stores, decode: decoder.decode.bind(decoder) });
  try {
    await projections.start();
    const head = await headForProjections(store, catalogue);
    const reports: BuildReport[] = [];
    for (const name of MODEL_NAMES) {
      if (head !== null && !(await projections.waitFor(name, head, CATCH_UP_MS)))
        throw new Error(`${name} did not catch up: ${JSON.stringify(projections.status())}`);
      reports.push(await projections.execute({ kind: 'compare', name }));
    }
    return reports;
  } finally {
    await projections.stop();
    await readModels.close();
    await subjects.close();
    await store.close();
  }
}

/**
 * Expects consistent data after a fault: every acknowledged command is recorded once, the hash chains are valid, and the
 * read models equal a rebuild. No service may be running.
 */
export async function expectConsistentData(servers: Servers, ledger: Ledger): Promise<void> {
  const configuration = configurationOf(servers);
  expect(await ledgerDifferencesOn(servers, ledger)).toEqual([]);
  expect(await verify(configuration)).toMatchObject({ ok: true });
  for (const report of await compareAll(configuration))
    expect(report).toMatchObject({ outcome: 'equal', differing: [] });
}

/** Differences between the event log on the servers and the ledger; see {@link ledgerDifferences}. */
export async function ledgerDifferencesOn(servers: Servers, ledger: Ledger): Promise<string[]> {
  const source = await openLogSource(configurationOf(servers));
  return ledgerDifferences(servers.data, ledger, source, servers.eventStore.since);
}
