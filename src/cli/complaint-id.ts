import { complaintFile } from '../../projections/complaint-file/projection.js';
import { idOfReference } from '../../projections/complaint-file/query.js';
import { openStoresReadOnly } from '../app/stores.js';
import { parseReference } from '../complaint/reference.js';
import type { Configuration } from '../platform/configuration.js';
import { warnWhenBehind } from './behind.js';

/**
 * Finds the id for a reference in the read model of complaint files; prints a notice if there is none and the read model is
 * not up to date. Returns an id in lower case, without this search.
 */
export async function idOf(complaint: string, configuration: Configuration): Promise<string | undefined> {
  const reference = parseReference(complaint);
  if (reference === undefined) return complaint.toLowerCase();
  const stores = await openStoresReadOnly(configuration);
  try {
    const id = await idOfReference(stores.readModels, reference);
    if (id === undefined) await warnWhenBehind(stores, complaintFile);
    return id;
  } finally {
    await stores.close();
  }
}
